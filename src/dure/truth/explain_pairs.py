"""What each vote, and what each item's other comparisons, weighed in a verdict on two items."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dure.truth._pair_votes import moments
from dure.truth._sums import OTHERS_MIN, summed
from dure.truth.explain import N_PIECES
from dure.truth.habits_of_order import LEAN, PRECISION, TIE, PairHabits
from dure.truth.pair_chances import difference_of, order_chances, scores_before
from dure.truth.types import LEFT, RIGHT, SAME, Comparisons, Floats, Ints, Ranking
from dure.truth.validate import BadAnswers

_POINTS, _POINT_WEIGHTS = np.polynomial.legendre.leggauss(8)
N_STEPS_MAX = 60
# Nearer than this, the slope at zero says the same in more digits.
NEAR = 1e-6
_CHANCE_MIN = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """What is known of two items without the votes on them.

    `left` and `right` are their scores by all other comparisons, and `variance` that of their
    difference.
    """

    left: float
    right: float
    variance: float


@dataclass(frozen=True, slots=True, eq=False)
class PairExplanation:
    """What speaks for `label` against `runner_up`, in natural log odds.

    `label` and `runner_up` are LEFT, RIGHT or SAME. `prior` is what spoke before anything was
    known, `left` and `right` what each item's other comparisons weighed, and `weight_of_answer[i]`
    what vote i did: above zero for the label. All sum to `log_odds`. `chance` has the verdict's
    chances of left, right and same.
    """

    label: int
    runner_up: int
    prior: float
    left: float
    right: float
    weight_of_answer: Floats
    log_odds: float
    chance: Floats


def explain_pair(
    before: Before,
    workers: Floats,
    side_of_answer: Ints,
    *,
    same_within: float = 0.0,
    knows_ties: bool = True,
    label: int | None = None,
) -> PairExplanation:
    """Say what each vote on two items weighed, from what was kept of a fit.

    Assumes that the votes are all of those on the two, the same item on the left. First the other
    comparisons move the difference from zero to where they have it, then the votes speak louder
    little by little, from silence to what they say; what each of them moved the log odds by is
    its weight, so that the weights sum to the verdict's log odds.

    Parameters
    ----------
    before : Before
        The two items without these votes.
    workers : (n_answers, 6) float64
        Each vote's worker, as a row of `PairHabits.workers`.
    side_of_answer : (n_answers,) int32
        LEFT, RIGHT or SAME.
    same_within : float
        That of the habits.
    knows_ties : bool
        That of the habits.
    label : int, optional
        The verdict to explain; the likeliest if not given.

    Returns
    -------
    PairExplanation
        Against the likeliest other verdict.

    Raises
    ------
    BadAnswers
        If the variance is not above 0 or the rows do not fit the votes.

    Notes
    -----
    Source: R. J. Aumann and L. S. Shapley, Values of non-atomic games, 1974, as in `explain`.
    """
    if not before.variance > 0:
        raise BadAnswers(f"Expected a variance above 0, got {before.variance}.")
    if workers.shape != (len(side_of_answer), 6):
        raise BadAnswers(
            f"Expected a row of 6 for each of {len(side_of_answer)} votes, got an array of shape "
            f"{workers.shape}; give each vote its worker's row."
        )
    pull, certainty = _sites(before, workers, side_of_answer, knows_ties=knows_ties)
    base, start = 1.0 / before.variance, (before.left - before.right) / before.variance
    end, certain = start + float(pull.sum()), base + float(certainty.sum())
    whole = order_chances(np.array([end / certain]), np.array([1.0 / certain]),
                          same_within=same_within)[0]  # fmt: skip
    if label is None:
        label = int(whole.argmax())
    odds = _Odds(label, _runner_up(whole, label, same_within=same_within), same_within)
    prior, told, log_odds = (
        float(odds.at(np.array([known]), np.array([sure]))[0])
        for known, sure in ((0.0, base), (start, base), (end, certain))
    )
    left = _part_of_left(before, told - prior, odds)
    weights = _weights(odds, start, base, pull, certainty)
    # What the rule of integration misses, in the last digits, all votes share.
    weights += (log_odds - told - weights.sum()) / max(len(weights), 1)
    return PairExplanation(
        label=label,
        runner_up=odds.runner_up,
        prior=prior,
        left=left,
        right=told - prior - left,
        weight_of_answer=weights,
        log_odds=log_odds,
        chance=whole,
    )


@dataclass(frozen=True, slots=True)
class _Odds:
    """Log odds of one verdict against another, of a normal difference.

    The difference is given by its mean over its variance, `known`, and one over its variance,
    `certain`: so what votes tell simply adds.
    """

    label: int
    runner_up: int
    same_within: float

    def at(self, known: Floats, certain: Floats) -> Floats:
        rows = self._chances(known, certain)
        odds: Floats = np.log(rows[:, self.label]) - np.log(rows[:, self.runner_up])
        return odds

    def slopes(self, known: Floats, certain: Floats) -> tuple[Floats, Floats]:
        """Return how fast the log odds change by `known` and by `certain`."""
        root, wide = np.sqrt(certain), self.same_within
        ahead, behind = known / root - wide * root, -known / root - wide * root
        by_root = wide / (2.0 * root)
        turn = known / (2.0 * certain * root)
        dense = [np.exp(-(end**2) / 2.0) / math.sqrt(2.0 * math.pi) for end in (ahead, behind)]
        by_known = np.stack([dense[0] / root, -dense[1] / root], axis=-1)
        by_certain = np.stack([dense[0] * (-turn - by_root), dense[1] * (turn - by_root)], axis=-1)
        rows = self._chances(known, certain)
        found = []
        for ends in (by_known, by_certain):
            moves = np.concatenate([ends, -ends.sum(axis=-1, keepdims=True)], axis=-1) / rows
            found.append(moves[:, self.label] - moves[:, self.runner_up])
        return found[0], found[1]

    def _chances(self, known: Floats, certain: Floats) -> Floats:
        rows = order_chances(known / certain, 1.0 / certain, same_within=self.same_within)
        return np.maximum(rows, _CHANCE_MIN)


def _runner_up(chance: Floats, label: int, *, same_within: float) -> int:
    """Return the likeliest other verdict; "same" only where it is one."""
    others = chance.copy()
    others[label] = -1.0
    if same_within <= 0.0:
        others[SAME] = -2.0
    return int(others.argmax())


def before_votes(
    ranking: Ranking,
    comparisons: Comparisons,
    *,
    task_of_answer: Ints,
    left_of_task: Ints,
    right_of_task: Ints,
) -> tuple[Floats, Floats, Floats]:
    """Say what is known of each task's two items without the votes on that task.

    Assumes that `ranking` is a fit of `comparisons`. This is what has to be kept for
    `explain_pair`; votes of other tasks on the same two items count as other comparisons.

    Parameters
    ----------
    ranking : Ranking
        The fit.
    comparisons : Comparisons
        Its votes.
    task_of_answer : (n_answers,) int32
        Each vote's task.
    left_of_task, right_of_task : (n_tasks,) int32
        What each task compares.

    Returns
    -------
    (n_tasks,) float64, (n_tasks,) float64, (n_tasks,) float64
        `left`, `right` and `variance` of each task's `Before`.

    Raises
    ------
    BadAnswers
        If the ranking is of another kind, or an item is not one of its.

    Notes
    -----
    Source: none.
    """
    mean, variance = difference_of(ranking, left_of_task, right_of_task)
    habits = ranking.habits
    assert isinstance(habits, PairHabits)
    rows = habits.workers[comparisons.worker_of_answer]
    side = _signs(comparisons.side_of_answer)
    tie = rows[:, TIE] if habits.knows_ties else np.full(len(rows), -np.inf)
    precision = rows[:, PRECISION]
    told = moments(precision * mean[task_of_answer] + rows[:, LEAN], tie, side)
    n_tasks = len(left_of_task)
    certain = summed(task_of_answer, precision**2 * told.lead_information, n_tasks)
    push = summed(task_of_answer, precision * told.lead_slope, n_tasks)
    before = 1.0 / np.maximum(1.0 / variance - certain, OTHERS_MIN / variance)
    apart = mean - before * push
    left, right = scores_before(ranking, left_of_task, right_of_task)
    rest = (apart - (left - right)) / 2.0
    return left + rest, right - rest, before


def _signs(side_of_answer: Ints) -> Floats:
    return np.where(side_of_answer == LEFT, 1.0, np.where(side_of_answer == RIGHT, -1.0, 0.0))


def _sites(
    before: Before, workers: Floats, side_of_answer: Ints, *, knows_ties: bool
) -> tuple[Floats, Floats]:
    """Return what each vote adds to the difference's natural parameters, where all agree."""
    side = _signs(side_of_answer)
    precision, lean = workers[:, PRECISION], workers[:, LEAN]
    tie = workers[:, TIE] if knows_ties else np.full(len(side), -np.inf)
    mean = middle = before.left - before.right
    for _ in range(N_STEPS_MAX):
        told = moments(precision * mean + lean, tie, side)
        slope = float((precision * told.lead_slope).sum()) - (mean - middle) / before.variance
        certain = float((precision**2 * told.lead_information).sum()) + 1.0 / before.variance
        # Half steps where the curvature changes fast: the chances are flat far out.
        change = slope / certain
        mean += math.copysign(min(abs(change), 1.0), change)
        if abs(change) < 1e-13 * max(1.0, abs(mean)):
            break
    told = moments(precision * mean + lean, tie, side)
    certainty = precision**2 * told.lead_information
    return certainty * mean + precision * told.lead_slope, certainty


def _part_of_left(before: Before, moved: float, odds: _Odds) -> float:
    """Return what of the move is the left item's: as far as its score moved the difference."""
    apart = before.left - before.right
    if abs(apart) > NEAR:
        return moved / apart * before.left
    nothing = np.zeros(1), np.array([1.0 / before.variance])
    return float(odds.slopes(*nothing)[0][0]) / before.variance * before.left


def _weights(odds: _Odds, start: float, base: float, pull: Floats, certainty: Floats) -> Floats:
    """Integrate what each vote moves while all grow louder."""
    weights = np.zeros(len(pull))
    all_pull, all_certain = pull.sum(), certainty.sum()
    half = 0.5 / N_PIECES
    for begin in np.linspace(0.0, 1.0, N_PIECES + 1)[:-1]:
        loud = begin + half * (1.0 + _POINTS)
        slopes = odds.slopes(start + loud * all_pull, base + loud * all_certain)
        weights += half * (_POINT_WEIGHTS @ slopes[0]) * pull
        weights += half * (_POINT_WEIGHTS @ slopes[1]) * certainty
    return weights
