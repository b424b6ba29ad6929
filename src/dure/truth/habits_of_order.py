"""What a fit of comparisons or rankings learned, beside the scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dure.truth.types import Floats, Ints

# Columns of a worker's row.
PRECISION, LEAN, TIE = 0, 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Differences:
    """Each pair that was compared, once, with `first` below `second`.

    `mean` and `variance` say how far the first lies above the second, by all answers, their own
    and others'. `first_before` and `second_before` are the two scores, and `variance_before` the
    variance of their difference, as they would be without the votes on this pair.
    """

    first: Ints
    second: Ints
    mean: Floats
    variance: Floats
    first_before: Floats
    second_before: Floats
    variance_before: Floats


@dataclass(frozen=True, slots=True, eq=False)
class PairHabits:
    """How workers compare, and what else is needed to tell a vote's chance or its weight.

    Row w of `workers`, (n_workers, 6), is worker w's precision (1 is the crowd's), lean to the
    left and readiness to say same, in log odds, and the variances of these three; `newcomer` is
    the same for a worker without votes. `score_variance` is how much scores differ, and
    `pair_variance` how much pairs differ from what their scores say. Without `knows_ties` nobody
    said same. `differences` are the pairs compared.
    """

    workers: Floats
    newcomer: Floats
    score_variance: float
    pair_variance: float
    knows_ties: bool
    differences: Differences

    @property
    def same_within(self) -> float:
        """Up to this difference, "same" is what most of the crowd would say; often 0.

        Returns
        -------
        float
            In units of the scores.
        """
        return 2.0 * max(0.0, float(self.newcomer[TIE])) if self.knows_ties else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class RankHabits:
    """How workers rank: row w of `workers`, (n_workers, 2), is a precision and its variance.

    `newcomer` is the same for a worker without answers, `score_variance` how much scores differ,
    and `variance` that of each item's score.
    """

    workers: Floats
    newcomer: Floats
    score_variance: float
    variance: Floats


def empty_differences() -> Differences:
    """No pair at all.

    Returns
    -------
    Differences
        With arrays of length 0.
    """
    codes, values = np.empty(0, np.int32), np.empty(0)
    return Differences(codes, codes, values, values, values, values, values)
