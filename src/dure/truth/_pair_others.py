"""What is known of a pair's difference without its own votes, and with them."""

from __future__ import annotations

import numpy as np

from dure.truth._pair_fit import State, difference, observe, per_pair
from dure.truth._pair_votes import Votes
from dure.truth._sums import OTHERS_MIN
from dure.truth.habits_of_order import Differences
from dure.truth.types import Floats


def differences(
    votes: Votes, state: State, *, item: Floats, between: Floats, push: Floats, weight: Floats
) -> Differences:
    """Take each pair's own votes out of its difference's posterior.

    Every pair's part is `weight` in the scores' precision; `item` and `between` are variances of
    the scores and of their differences.
    """
    first, second = state.score[votes.first], state.score[votes.second]
    between = np.maximum(between, np.finfo(np.float64).tiny)
    others = between / np.maximum(1.0 - weight * between, OTHERS_MIN)
    variance_before = others + state.pair_variance
    mean = difference(votes, state)
    before = mean - variance_before * push
    # What the pair's own votes moved is split as far as each of the two scores could be moved.
    moved = first - second - before
    ahead = np.clip((between + item[votes.first] - item[votes.second]) / (2 * between), 0.0, 1.0)
    _, information = per_pair(votes, *observe(votes, state))
    return Differences(
        first=votes.first,
        second=votes.second,
        mean=mean,
        variance=1.0 / (1.0 / variance_before + information),
        first_before=first - ahead * moved,
        second_before=second + (1.0 - ahead) * moved,
        variance_before=variance_before,
    )
