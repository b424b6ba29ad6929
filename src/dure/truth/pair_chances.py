"""Chances of two items: which is more, and how a worker would vote."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dure.truth._intervals import NORMAL_95
from dure.truth._pair_votes import chances
from dure.truth.habits_of_order import LEAN, PRECISION, TIE, PairHabits
from dure.truth.types import Floats, Ints, Ranking
from dure.truth.validate import BadAnswers

_POINTS, _POINT_WEIGHTS = np.polynomial.hermite_e.hermegauss(21)
# numpy has no error function.
_erfc = np.vectorize(math.erfc, otypes=[np.float64])


def order_of(ranking: Ranking, left: Ints, right: Ints) -> Floats:
    """Return the chances that the left is more, that the right is, and that they are the same.

    Assumes that `ranking` is of comparisons. Two items are the same where that is what most of
    the crowd would say, freed of its lean: where their difference is at most `same_within` of the
    habits. Where "same" is said seldom that is nowhere, and the first two chances sum to 1.

    Parameters
    ----------
    ranking : Ranking
        A fit by `infer_pairs`.
    left, right : (n,) int32
        The items; row i is one question.

    Returns
    -------
    (n, 3) float64
        Chances of left, right and same; each row sums to 1.

    Raises
    ------
    BadAnswers
        If the ranking is of another kind, or an item is not one of its.

    Notes
    -----
    Source: none.
    """
    habits = _habits(ranking)
    mean, variance = difference_of(ranking, left, right)
    return order_chances(mean, variance, same_within=habits.same_within)


def order_chances(mean: Floats, variance: Floats, *, same_within: float) -> Floats:
    """Return the chances of left, right and same out of a normal difference.

    Parameters
    ----------
    mean, variance : (n,) float64
        Of how far the left lies above the right.
    same_within : float
        Up to which difference the two are the same.

    Returns
    -------
    (n, 3) float64
        Chances of left, right and same; each row sums to 1.

    Notes
    -----
    Source: none.
    """
    scale = np.sqrt(np.maximum(2.0 * variance, np.finfo(np.float64).tiny))
    left = 0.5 * _erfc((same_within - mean) / scale)
    right = 0.5 * _erfc((same_within + mean) / scale)
    same = np.zeros_like(left)
    if same_within > 0:
        # So that no digits are lost where "same" is all but impossible.
        far = np.abs(mean)
        same = 0.5 * (_erfc((far - same_within) / scale) - _erfc((far + same_within) / scale))
    rows = np.stack([left, right, same], axis=-1)
    shares: Floats = rows / rows.sum(axis=-1, keepdims=True)
    return shares


def chance_of(ranking: Ranking, left: Ints, right: Ints, *, worker: Ints | None = None) -> Floats:
    """Return the chances that a vote says left, right or same.

    Assumes that `ranking` is of comparisons. What is not known of the two items and of the worker
    draws the chances together.

    Parameters
    ----------
    ranking : Ranking
        A fit by `infer_pairs`.
    left, right : (n,) int32
        The items; row i is one vote to come.
    worker : (n,) int32, optional
        Whose vote; a newcomer's if not given.

    Returns
    -------
    (n, 3) float64
        Chances of left, right and same; each row sums to 1.

    Raises
    ------
    BadAnswers
        If the ranking is of another kind, or an item or a worker is not one of its.

    Notes
    -----
    Source: R. R. Davidson, JASA 65, 1970; averaged over the difference by Gauss and Hermite's
    rule.
    """
    habits = _habits(ranking)
    mean, variance = difference_of(ranking, left, right)
    if worker is None:
        rows = np.tile(habits.newcomer, (len(mean), 1))
    else:
        _check(worker, len(habits.workers), "worker")
        rows = habits.workers[worker]
    precision, precision_variance = rows[:, PRECISION], rows[:, 3 + PRECISION]
    lead = precision * mean + rows[:, LEAN]
    doubt = precision**2 * variance + precision_variance * (mean**2 + variance)
    doubt += rows[:, 3 + LEAN]
    tie = rows[:, TIE] if habits.knows_ties else np.full(len(mean), -np.inf)
    leads = lead[:, None] + np.sqrt(doubt)[:, None] * _POINTS
    weighed: Floats = np.einsum(
        "ipk,p->ik", chances(leads, tie[:, None]), _POINT_WEIGHTS / _POINT_WEIGHTS.sum()
    )
    return weighed


def difference_of(ranking: Ranking, left: Ints, right: Ints) -> tuple[Floats, Floats]:
    """Return by how much the left lies above the right, and the variance of that.

    Of two that were compared, their own votes count. Of two that were not, what is not known of
    one is taken as independent of the other; of two that are not even connected, nothing is known.

    Parameters
    ----------
    ranking : Ranking
        A fit by `infer_pairs`.
    left, right : (n,) int32
        The items.

    Returns
    -------
    (n,) float64, (n,) float64
        Mean and variance.

    Raises
    ------
    BadAnswers
        If the ranking is of another kind, or an item is not one of its.

    Notes
    -----
    Source: none.
    """
    habits = _habits(ranking)
    for item in (left, right):
        _check(item, len(ranking.score), "item")
    pairs = habits.differences
    place, is_pair = _places(ranking, habits, left, right)
    half = np.nan_to_num((ranking.high - ranking.low) / 2.0, posinf=0.0) / NORMAL_95
    mean = ranking.score[left] - ranking.score[right]
    variance = half[left] ** 2 + half[right] ** 2 + habits.pair_variance
    apart = ranking.component[left] != ranking.component[right]
    mean = np.where(apart, 0.0, mean)
    variance = np.where(apart, 2.0 * habits.score_variance + habits.pair_variance, variance)
    if len(pairs.first):
        toward = np.where(left < right, 1.0, -1.0)
        mean = np.where(is_pair, toward * pairs.mean[place], mean)
        variance = np.where(is_pair, pairs.variance[place], variance)
    return mean, variance


def scores_before(ranking: Ranking, left: Ints, right: Ints) -> tuple[Floats, Floats]:
    """Return both items' scores as they would be without the votes on the two.

    Parameters
    ----------
    ranking : Ranking
        A fit by `infer_pairs`.
    left, right : (n,) int32
        The items.

    Returns
    -------
    (n,) float64, (n,) float64
        The left's and the right's score.

    Notes
    -----
    Source: none.
    """
    habits = _habits(ranking)
    pairs = habits.differences
    place, is_pair = _places(ranking, habits, left, right)
    scores = ranking.score[left], ranking.score[right]
    if not len(pairs.first):
        return scores
    ahead = left < right
    first, second = pairs.first_before[place], pairs.second_before[place]
    return (
        np.where(is_pair, np.where(ahead, first, second), scores[0]),
        np.where(is_pair, np.where(ahead, second, first), scores[1]),
    )


def _places(
    ranking: Ranking, habits: PairHabits, left: Ints, right: Ints
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Find where two items stand among those compared, and whether they do."""
    pairs = habits.differences
    size = max(1, len(ranking.score))
    keys = pairs.first.astype(np.int64) * size + pairs.second
    asked = np.minimum(left, right).astype(np.int64) * size + np.maximum(left, right)
    if not len(keys):
        return np.zeros(len(asked), np.int64), np.zeros(len(asked), bool)
    place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return place, keys[place] == asked


def _habits(ranking: Ranking) -> PairHabits:
    if not isinstance(ranking.habits, PairHabits):
        raise BadAnswers(
            f"Expected a fit of comparisons, got one by {ranking.method}; fit with infer_pairs."
        )
    return ranking.habits


def _check(codes: Ints, size: int, noun: str) -> None:
    bad = np.flatnonzero((codes < 0) | (codes >= size))
    if bad.size:
        raise BadAnswers(f"Expected each {noun} from 0 to {size - 1}, got {codes[bad[0]]}.")
