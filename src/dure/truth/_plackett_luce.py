"""Rankings as choices one after another: how likely each was, and what it tells.

Answers of one length are one array, so that sums run from the last place without a mask.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dure.truth._pair_votes import EXPERT_PRECISION
from dure.truth.types import Floats, Ints

# Leads further apart than this are as good as certain, and their squares would be no numbers.
FAR = 300.0


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """Of answers of one length and each place: strength, and sums over the choices so far.

    `inverse` sums one over what was left to choose from, `inverse_square` its square; the last
    place is no choice.
    """

    strength: Floats
    inverse: Floats
    inverse_square: Floats
    log_chance: Floats


def choices(item: Ints, precision: Floats, score: Floats) -> Choices:
    """Return what the answers of one length say at these scores."""
    lead = precision[:, None] * score[item]
    top = lead.max(axis=1, keepdims=True)
    lead = np.maximum(lead - top, -FAR)
    strength = np.exp(lead)
    left = np.cumsum(strength[:, ::-1], axis=1)[:, ::-1]
    inverse = 1.0 / left
    inverse[:, -1] = 0.0
    return Choices(
        strength=strength,
        inverse=np.cumsum(inverse, axis=1),
        inverse_square=np.cumsum(inverse**2, axis=1),
        log_chance=(lead - np.log(left))[:, :-1].sum(axis=1),
    )


def pulls(precision: Floats, told: Choices) -> Floats:
    """Return how each answer pulls at the score of each of its items, (n, length)."""
    chosen = np.ones_like(told.strength)
    chosen[:, -1] = 0.0
    pulled: Floats = precision[:, None] * (chosen - told.strength * told.inverse)
    return pulled


def ties(precision: Floats, told: Choices) -> Floats:
    """Return how much each answer tells of each pair of its items, (n, pairs).

    The curvature of a ranking's log chance is that of comparisons of all its pairs.
    """
    first, second = np.triu_indices(told.strength.shape[1], 1)
    strong = told.strength[:, first] * told.strength[:, second]
    tied: Floats = precision[:, None] ** 2 * strong * told.inverse_square[:, first]
    return tied


def of_precision(
    item: Ints, precision: Floats, score: Floats, variance: Floats, told: Choices
) -> tuple[Floats, Floats]:
    """Return the slope and information of each answer's worker's precision.

    Expected over what is not known of the scores, as for comparisons.
    """
    at = score[item]
    inverse = np.diff(told.inverse, axis=1, prepend=0.0)
    mean = np.cumsum((told.strength * at)[:, ::-1], axis=1)[:, ::-1] * inverse
    square = np.cumsum((told.strength * at**2)[:, ::-1], axis=1)[:, ::-1] * inverse
    spread = (square - mean**2)[:, :-1].sum(axis=1)
    chance = told.strength * told.inverse - told.strength**2 * told.inverse_square
    doubt = (chance * variance[item]).sum(axis=1)
    slope = (at - mean)[:, :-1].sum(axis=1) - precision * doubt
    return slope, np.maximum(spread, 0.0) + doubt


def precision_of(worker: Ints, own: Floats) -> Floats:
    """Return the precision of each answer's worker; the expert comes after all others."""
    precision: Floats = np.append(own, EXPERT_PRECISION)[worker]
    return precision
