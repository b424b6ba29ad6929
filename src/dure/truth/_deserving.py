"""Whether surprising or popular answers deserve belief in a call, without knowing the truth."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth.surprise_types import Reasons
from dure.truth.types import NO_LABEL, Answers, Floats, Ints

# In recorded crowds the surprising answers were right more often than the popular ones, where the
# two differ, in so many of so many.
N_RECORDED = 4
N_RECORDED_RIGHT = 4
# How often majorities are wrong: a beta distribution with the mean and the spread of the fifteen
# recorded crowds without predictions.
ERRORS_OF_MAJORITY = (1.76, 9.23)
# Each worker's skill is drawn to the crowd's by so many answers.
N_SHRUNK = 4.0
_GRID = (np.arange(2000) + 0.5) / 4000.0


@dataclass(frozen=True, slots=True, eq=False)
class Rivals:
    """Each task's surprising and popular label, -1 where there is none, and the known ones."""

    surprising: Ints
    popular: Ints
    gold: Ints

    @property
    def differ(self) -> NDArray[np.bool_]:
        """Where the two are not the same."""
        found: NDArray[np.bool_] = self._compared & (self.surprising != self.popular)
        return found

    @property
    def agree(self) -> NDArray[np.bool_]:
        """Where they are."""
        found: NDArray[np.bool_] = self._compared & (self.surprising == self.popular)
        return found

    @property
    def _compared(self) -> NDArray[np.bool_]:
        return np.asarray(self.surprising != NO_LABEL)


def weigh(answers: Answers, rivals: Rivals) -> Reasons:
    """Say what speaks for the surprising answers of a call against the popular ones.

    The answers must be in order of task and worker.
    """
    right = N_RECORDED_RIGHT + 0.5
    recorded = math.log(right / (N_RECORDED + 1.0 - right))
    n_differ = int(rivals.differ.sum())
    n_compared = n_differ + int(rivals.agree.sum())
    return Reasons(
        recorded=recorded,
        share=log_chance_of_so_many(n_differ, n_compared),
        skill=_by_skill(answers, rivals),
        gold=_by_gold(rivals),
    )


def log_chance_of_so_many(n_wrong: int, n_tasks: int) -> float:
    """The log chance that at least so many of so many majorities are wrong, as crowds go.

    If the surprising answers were right, every majority that differs would be wrong.
    """
    if n_wrong == 0:
        return 0.0
    a, b = ERRORS_OF_MAJORITY
    k = np.arange(n_tasks, dtype=np.float64)
    # The beta-binomial distribution, each term from the one before.
    steps = np.log((n_tasks - k) * (a + k)) - np.log((k + 1.0) * (b + n_tasks - k - 1.0))
    logs = np.concatenate([[0.0], np.cumsum(steps)])
    chances = np.exp(logs - logs.max())
    return float(np.log(chances[n_wrong:].sum() / chances.sum()))


def _by_gold(rivals: Rivals) -> float:
    """Which of the two is right more often where they differ and one of them is known to be.

    Its chance to be right is believed to lie anywhere above one half, or anywhere below.
    """
    known = rivals.differ & (rivals.gold != NO_LABEL)
    n_surprising = int((known & (rivals.gold == rivals.surprising)).sum())
    n_popular = int((known & (rivals.gold == rivals.popular)).sum())
    few, many = np.log(_GRID), np.log1p(-_GRID)
    for_popular = n_surprising * few + n_popular * many
    for_surprising = n_surprising * many + n_popular * few
    most = max(for_popular.max(), for_surprising.max())
    return float(
        np.log(np.exp(for_surprising - most).sum()) - np.log(np.exp(for_popular - most).sum())
    )


def _by_skill(answers: Answers, rivals: Rivals) -> float:
    """Whether those who answer better elsewhere give the surprising answers.

    Where surprising and popular agree, agreeing with them shows skill, and how much skill there
    tells of other answers there says how much it could tell where they differ. If better workers
    give the surprising answers there, a slope is positive, else negative: the log odds of that.
    """
    tasks, labels = answers.task_of_answer, answers.label_of_answer
    workers = answers.worker_of_answer
    is_gold = rivals.gold != NO_LABEL
    sure = np.where(is_gold, rivals.gold, rivals.surprising)
    shows = (rivals.agree | is_gold)[tasks]
    if not shows.any():
        return 0.0
    hit = (shows & (labels == sure[tasks])).astype(np.float64)
    skill = _skills(answers, sure, shows, hit)
    usual, _ = _slope(skill[shows], hit[shows], tasks[shows], workers[shows])
    surprising, popular = rivals.surprising[tasks], rivals.popular[tasks]
    sides = (rivals.differ & ~is_gold)[tasks] & ((labels == surprising) | (labels == popular))
    if not usual > 0.0 or not sides.any():
        return 0.0
    joins = (labels == surprising).astype(np.float64)
    slope, error = _slope(skill[sides], joins[sides], tasks[sides], workers[sides])
    if not np.isfinite(error):
        return 0.0
    precision = 1.0 / usual**2 + 1.0 / error**2
    standing = slope / error**2 / math.sqrt(precision)
    return _log_normal_below(standing) - _log_normal_below(-standing)


def _skills(answers: Answers, sure: Ints, shows: NDArray[np.bool_], hit: Floats) -> Floats:
    """For each answer its worker's log odds to be right, from that worker's other answers.

    The mean over the labels that are right, each by itself: else saying the frequent one always
    would pass for skill.
    """
    workers, right = answers.worker_of_answer, sure[answers.task_of_answer]
    total = np.zeros(len(workers))
    n_labels = 0
    for label in np.unique(right[shows]):
        here = shows & (right == label)
        n_shown = np.bincount(workers[here], minlength=answers.n_workers)
        n_hits = np.bincount(workers, weights=here * hit, minlength=answers.n_workers)
        mean = float(np.clip(n_hits.sum() / n_shown.sum(), 0.01, 0.99))
        hits = np.maximum(n_hits[workers] - here * hit, 0.0)
        misses = np.maximum(n_shown[workers] - here - hits, 0.0)
        total += np.log(hits + N_SHRUNK * mean) - np.log(misses + N_SHRUNK * (1.0 - mean))
        n_labels += 1
    return total / max(n_labels, 1)


def _slope(skill: Floats, joins: Floats, tasks: Ints, workers: Ints) -> tuple[float, float]:
    """How the log odds to join grow with skill within tasks, and the standard error.

    One step of a logistic regression from no slope, each task with a constant of its own; errors
    may go together within a task or a worker, so the largest of three spreads is taken.
    """
    n_given = np.maximum(np.bincount(tasks), 1)
    share = np.bincount(tasks, weights=joins) / n_given
    mean = np.bincount(tasks, weights=skill) / n_given
    above = skill - mean[tasks]
    score = above * (joins - share[tasks])
    by_chance = float((above**2 * (share * (1.0 - share))[tasks]).sum())
    # Equal skills differ by rounding alone.
    if by_chance < 1e-9:
        return 0.0, math.inf
    by_task = float((np.bincount(tasks, weights=score) ** 2).sum())
    by_worker = float((np.bincount(workers, weights=score) ** 2).sum())
    spread = max(by_chance, by_task, by_worker)
    return float(score.sum()) / by_chance, math.sqrt(spread) / by_chance


def _log_normal_below(z: float) -> float:
    """The log chance of a standard normal variable to lie below z, also far below zero."""
    if z > -30.0:
        return math.log(0.5 * math.erfc(-z / math.sqrt(2.0)))
    return -0.5 * z * z - math.log(-z * math.sqrt(2.0 * math.pi))
