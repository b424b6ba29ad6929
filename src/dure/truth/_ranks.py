"""From scores and how sure they are to intervals, ranks and what may be compared at all."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth import _laplacian as laplacian
from dure.truth._blocks import N_CELLS_MAX, N_ITEMS_EXACT_MAX, components
from dure.truth._intervals import NORMAL_95
from dure.truth.types import Floats, Ints

# Ranks are told from so many samples of the scores; of many items from fewer.
N_SAMPLES = 1000
N_SAMPLES_OF_MANY = 100
# Scores nearer than this differ by rounding alone, and share a rank.
EQUAL = 1e-9
# Two typical items: their difference is normal, cut off where nothing is left.
_POINTS, _POINT_WEIGHTS = np.polynomial.legendre.leggauss(32)
_FAR = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """The order of items as `Ranking` gives it.

    `variance` is that of each score in a prior's scale, and `between` that of each pair's
    difference, where it was asked for.
    """

    low: Floats
    high: Floats
    rank: Ints
    rank_low: Ints
    rank_high: Ints
    component: Ints
    variance: Floats
    between: Floats


def places(
    score: Floats,
    graph: laplacian.Graph,
    *,
    compared: NDArray[np.int64],
    n_samples: int,
    seed: int,
    of_pairs: bool,
) -> Places:
    """Return 90 % intervals of scores and of ranks, and the variances behind them.

    A component's mean, which no comparison tells, is taken off here. `compared` counts each
    item's comparisons; `n_samples` are drawn at least where variances are not exact.
    """
    n_items = graph.n_items
    component = components(graph.first, graph.second, n_items)
    sizes = np.bincount(component, minlength=1)
    few = n_items <= N_ITEMS_EXACT_MAX
    n_samples = N_SAMPLES if few else max(n_samples, N_SAMPLES_OF_MANY)
    variance, between = np.empty(n_items), np.empty(len(graph.first) if of_pairs else 0)
    rank_low, rank_high = np.empty(n_items, np.int32), np.empty(n_items, np.int32)
    for known in laplacian.posterior(graph, n_samples=n_samples, seed=seed, of_pairs=of_pairs):
        variance[known.item] = known.variance
        if of_pairs:
            between[known.pair] = known.between
        rank_low[known.item], rank_high[known.item] = _ends(score[known.item], known.drawn)
    left = centred_variance(variance, graph, component)
    half = np.where(compared > 0, NORMAL_95 * np.sqrt(left), np.inf)
    within = _ranks(score, component)
    others = (n_items - sizes[component]).astype(np.int32)
    return Places(
        low=score - half,
        high=score + half,
        rank=_ranks(score, np.zeros(n_items, np.int32)),
        rank_low=np.minimum(rank_low, within),
        rank_high=np.maximum(rank_high, within) + others,
        component=component,
        variance=variance,
        between=between,
    )


def centred_variance(variance: Floats, graph: laplacian.Graph, component: Ints) -> Floats:
    """Take off what is not known of the component's mean, which is the prior's alone."""
    sizes = np.maximum(np.bincount(component, minlength=1), 1)
    left: Floats = np.maximum(variance - 1.0 / (graph.ridge * sizes[component]), 0.0)
    return left


def chance_right(precision: Floats, score_variance: float) -> Floats:
    """Return the chance that a comparison of two typical items is as the scores have it."""
    unit = _FAR * (1.0 + _POINTS) / 2.0
    weight = _POINT_WEIGHTS * np.exp(-(unit**2) / 2.0)
    weight /= weight.sum()
    lead = math.sqrt(2.0 * score_variance) * unit
    with np.errstate(over="ignore"):
        right = 1.0 / (1.0 + np.exp(-precision[:, None] * lead))
    chance: Floats = right @ weight
    return chance


def skills(
    precision: Floats, variance: Floats, score_variance: float, *, n_answers: NDArray[np.int64]
) -> tuple[Floats, Floats, Floats]:
    """Return each worker's skill and its 90 % interval, nan without answers."""
    half = NORMAL_95 * np.sqrt(variance)
    ends = (precision, precision - half, precision + half)
    answered = n_answers > 0
    skill, low, high = (
        np.where(answered, chance_right(end, score_variance), np.nan) for end in ends
    )
    return skill, low, high


def _ends(score: Floats, drawn: Floats) -> Floats:
    """Return the 90 % intervals of ranks, (2, n_blocks, size), some samples at a time."""
    n_blocks, n_samples, size = drawn.shape
    ranks = np.empty(drawn.shape, np.int32)
    at_once = max(1, N_CELLS_MAX // (n_blocks * size))
    for begin in range(0, n_samples, at_once):
        some = drawn[:, begin : begin + at_once]
        centred = some - some.mean(axis=2, keepdims=True)
        ranks[:, begin : begin + at_once] = ranks_of_rows(score[:, None, :] + centred)
    ends: Floats = np.quantile(ranks, [0.05, 0.95], axis=1, method="inverted_cdf")
    return ends


def ranks_of_rows(scores: Floats) -> Ints:
    """Return the rank of each score within its row, 1 for the largest; equal ones share."""
    order = np.argsort(-scores, axis=-1)
    ordered = np.take_along_axis(scores, order, axis=-1)
    lead = np.zeros(scores.shape, np.int32)
    opens = ordered[..., :-1] - ordered[..., 1:] > EQUAL
    lead[..., 1:] = np.where(opens, np.arange(1, scores.shape[-1], dtype=np.int32), 0)
    ranks = np.empty(scores.shape, np.int32)
    np.put_along_axis(ranks, order, np.maximum.accumulate(lead, axis=-1) + 1, axis=-1)
    return ranks


def _ranks(score: Floats, component: Ints) -> Ints:
    """Return the rank of each score within its component, 1 for the largest; equal ones share."""
    n_items = len(score)
    order = np.lexsort((-score, component))
    opens = np.ones(n_items, bool)
    begins = component[order[1:]] != component[order[:-1]]
    opens[1:] = (score[order[:-1]] - score[order[1:]] > EQUAL) | begins
    at = np.arange(n_items)
    first = np.maximum.accumulate(np.where(np.append(True, begins)[:n_items], at, 0))
    lead = np.maximum.accumulate(np.where(opens, at, 0))
    ranks = np.empty(n_items, np.int32)
    ranks[order] = lead - first + 1
    return ranks
