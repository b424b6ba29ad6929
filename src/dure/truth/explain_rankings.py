"""What each ranking moved the scores of a task's items by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dure.truth import _plackett_luce as luce
from dure.truth.habits_of_order import PRECISION
from dure.truth.types import Floats, Ints, Rankings
from dure.truth.validate import BadAnswers
from dure.truth.validate_order import check_rankings


@dataclass(frozen=True, slots=True, eq=False)
class RankExplanation:
    """What moved each of a task's items, in units of the scores.

    `elsewhere` is what other tasks' answers and the pull to the middle moved, (n_items,), and
    `moved_by_answer`, (n_answers, n_items), what each answer did; they sum to `score`, which has
    mean 0 over the task's items.
    """

    score: Floats
    elsewhere: Floats
    moved_by_answer: Floats


def explain_ranking(
    score: Floats,
    variance: Floats,
    rankings: Rankings,
    workers: Floats,
    *,
    score_variance: float,
) -> RankExplanation:
    """Say what each answer to one task moved, from what was kept of a fit.

    Assumes that `rankings` are the answers to one task, with its items numbered from 0. Each
    answer says where it would have the items and how strongly, as it stands at the final scores;
    all that is said, each with its strength, is averaged to the scores, and an answer's move is
    its part of that.

    Parameters
    ----------
    score, variance : (n_items,) float64
        Of the task's items by the fit, as `score` and `RankHabits.variance` have them.
    rankings : Rankings
        The answers.
    workers : (n_workers, 2) float64
        The workers of these answers, as rows of `RankHabits.workers`.
    score_variance : float
        That of the habits.

    Returns
    -------
    RankExplanation
        Its parts sum to the scores, less their mean.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other.

    Notes
    -----
    Source: none; the sum is Newton's step at the fit's end, taken apart.
    """
    check_rankings(rankings)
    size = rankings.n_items
    if score.shape != (size,) or variance.shape != (size,):
        raise BadAnswers(
            f"Expected a score and a variance for each of {size} items, got arrays of shape "
            f"{score.shape} and {variance.shape}; give those of the task's items."
        )
    if workers.shape != (rankings.n_workers, 2):
        raise BadAnswers(
            f"Expected a row of 2 for each of {rankings.n_workers} workers, got an array of shape "
            f"{workers.shape}; give their rows of the fit's habits."
        )
    n_answers = len(rankings.worker_of_answer)
    said, certain = np.zeros((n_answers, size)), np.zeros((size, size))
    for answer in range(n_answers):
        item = rankings.item_of_place[rankings.starts[answer] : rankings.starts[answer + 1]]
        if len(item) > 1:
            precision = workers[rankings.worker_of_answer[answer], PRECISION]
            told, pull = _told(item, np.array([precision]), score)
            certain[np.ix_(item, item)] += told
            said[answer, item] = told @ score[item] + pull
    # What is known of an item beyond these answers: at least the prior. A score's variance leaves
    # out what is not known of the mean of all that is connected, which is put back here.
    whole = variance + score_variance / max(size, 1)
    others = np.maximum(1.0 / whole - np.diagonal(certain), 0.0)
    certain[np.arange(size), np.arange(size)] += np.maximum(others, 1.0 / score_variance)
    moved: Any = np.linalg.solve(certain, said.T).T if size else said
    moved -= moved.mean(axis=1, keepdims=True) if size else 0.0
    centred: Floats = score - score.mean() if size else score.copy()
    return RankExplanation(centred, centred - moved.sum(axis=0), moved)


def _told(item: Ints, precision: Floats, score: Floats) -> tuple[Floats, Floats]:
    """Return how much one answer tells of its items, as a matrix, and how it pulls at each."""
    told = luce.choices(item[None, :], precision, score)
    pull = luce.pulls(precision, told)[0]
    first, second = np.triu_indices(len(item), 1)
    weight = luce.ties(precision, told)[0]
    matrix = np.zeros((len(item), len(item)))
    matrix[first, second] = matrix[second, first] = -weight
    matrix[np.arange(len(item)), np.arange(len(item))] = -matrix.sum(axis=1)
    return matrix, pull
