"""Hierarchical Dawid-Skene with a tempered posterior."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dure.truth._converge import iterate
from dure.truth._kernels import add_counts, add_log_likelihood
from dure.truth.majority import best_label, clamp, count_answers, vote_shares
from dure.truth.types import Answers, Floats, Ints, Outcome, Posterior
from dure.truth.validate import BadAnswers, check_answers, check_gold_labels

METHOD = "dawid-skene"
VERSION = "1"

# What is believed of a crowd before its first answer: right 7 times in 10, worth so many answers.
CROWD_ACCURACY = 0.7
CROWD_STRENGTH = 50.0
# Each label is believed to be as frequent as the others, worth so many tasks each.
PREVALENCE_STRENGTH = 10.0
# A worker's accuracy is shrunk to the crowd's, and each row of the worker's matrix to what that
# accuracy suggests, as if so many answers had been seen.
ACCURACY_STRENGTH = 4.0
MATRIX_STRENGTH = 4.0
# Accuracies are kept this far from 0 and 1, so that their odds stay finite.
ACCURACY_MARGIN = 1e-3
VOTE_SMOOTHING = 0.5


def dawid_skene(
    answers: Answers,
    *,
    gold_label: Ints | None = None,
    correlation: float = 0.4,
    vote_weight: float = 0.2,
    change_max: float = 1e-4,
    n_iterations_max: int = 100,
    seed: int = 0,
) -> Posterior:
    """Learn how each worker confuses the labels, and weigh the answers by it.

    Assumes that each worker has a habit (a row of chances for each true label) that resembles
    the crowd's; answers to one task may fail together, which `correlation` stands for. See
    `docs/truth/dawid_skene.md`.

    Parameters
    ----------
    answers : Answers
        At most one answer for each task and worker.
    gold_label : (n_tasks,) int32, optional
        Known labels, -1 where unknown; they are held fixed and so inform the habits.
    correlation : float
        From 0 to 1. The log likelihood of n answers is divided by 1 + correlation * (n - 1), once,
        after the fit: dividing within it lets the fit collapse.
    vote_weight : float
        From 0 to 1. The part of the smoothed vote share mixed into the result.
    change_max : float
        The mean change of the probabilities at which the fit has settled.
    n_iterations_max : int
        The largest number of rounds.
    seed : int
        Kept in the result; nothing here is random.

    Returns
    -------
    Posterior
        Its `skill` is each worker's accuracy over the labels as often as they occur.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other or an option is out of its range.

    Notes
    -----
    Source: A. P. Dawid and A. M. Skene, Maximum likelihood estimation of observer error-rates
    using the EM algorithm, Applied Statistics 28(1), 1979; the shrinking of matrices and the
    tempering are our own, measured in `docs/truth/dawid_skene.md`.
    """
    check_answers(answers)
    check_gold_labels(gold_label, n_tasks=answers.n_tasks, n_labels=answers.n_labels)
    _check_options(correlation, vote_weight, n_iterations_max)
    shares = vote_shares(answers, smoothing=VOTE_SMOOTHING)
    n_answers = count_answers(answers.task_of_answer, answers.n_tasks)
    answered = n_answers > 0
    n_answered = max(1, int(answered.sum()))
    fit = iterate(
        lambda probability: clamp(_expect(answers, *_maximise(answers, probability)), gold_label),
        clamp(shares, gold_label),
        mean_change=lambda old, new: float(np.abs(new - old)[answered].sum()) / n_answered,
        change_max=change_max,
        n_iterations_max=n_iterations_max,
    )
    matrix, prevalence = _maximise(answers, fit.state)
    divisor = 1.0 + correlation * np.maximum(n_answers - 1, 0)
    tempered = _expect(answers, matrix, prevalence, divisor=divisor)
    probability = clamp((1.0 - vote_weight) * tempered + vote_weight * shares, gold_label)
    return Posterior(
        probability=probability,
        label=best_label(probability, n_answers, gold_label),
        n_answers=n_answers,
        skill=_skill(answers, matrix, prevalence),
        outcome=fit.outcome if answered.any() else Outcome.NO_ANSWERS,
        n_iterations=fit.n_iterations,
        last_change=fit.last_change,
        method=METHOD,
        version=VERSION,
        seed=seed,
    )


def _check_options(correlation: float, vote_weight: float, n_iterations_max: int) -> None:
    for name, value in (("correlation", correlation), ("vote_weight", vote_weight)):
        if not 0.0 <= value <= 1.0:
            raise BadAnswers(f"Expected {name} from 0 to 1, got {value}.")
    if n_iterations_max < 1:
        raise BadAnswers(f"Expected n_iterations_max of at least 1, got {n_iterations_max}.")


def _maximise(answers: Answers, probability: Floats) -> tuple[Floats, Floats]:
    """Return each worker's matrix[worker, label, true], and how often each label is true."""
    n_labels = answers.n_labels
    counts = np.zeros((answers.n_workers, n_labels, n_labels))
    add_counts(
        answers.task_of_answer,
        answers.worker_of_answer,
        answers.label_of_answer,
        probability,
        counts,
    )
    habit = _worker_habits(counts, crowd_matrix(counts.sum(axis=0)))
    matrix = (counts + MATRIX_STRENGTH * habit) / (
        counts.sum(axis=1, keepdims=True) + MATRIX_STRENGTH
    )
    return matrix, _prevalence(answers, probability)


def _prevalence(answers: Answers, probability: Floats) -> Floats:
    answered = np.bincount(answers.task_of_answer, minlength=answers.n_tasks) > 0
    total = probability[answered].sum(axis=0) + PREVALENCE_STRENGTH
    prevalence: Floats = total / total.sum()
    return prevalence


def crowd_matrix(counts: Floats) -> Floats:
    """Estimate the crowd's chance of each label given the true one.

    Parameters
    ----------
    counts : (n_labels, n_labels) float64
        Answers by label given and true label.

    Returns
    -------
    (n_labels, n_labels) float64
        Each column sums to 1.
    """
    n_labels = counts.shape[0]
    if n_labels == 1:
        return np.ones((1, 1))
    belief = np.full((n_labels, n_labels), (1.0 - CROWD_ACCURACY) / (n_labels - 1))
    np.fill_diagonal(belief, CROWD_ACCURACY)
    matrix: Floats = (counts + CROWD_STRENGTH * belief) / (counts.sum(axis=0) + CROWD_STRENGTH)
    return matrix


def _worker_habits(counts: Floats, crowd: Floats) -> Floats:
    """Return the crowd's matrix with its odds of being right scaled to each worker's."""
    diagonal = np.arange(crowd.shape[0])
    n_right = counts[:, diagonal, diagonal].sum(axis=1)
    n_given = counts.sum(axis=(1, 2))
    crowd_right = n_right.sum() + CROWD_STRENGTH * CROWD_ACCURACY
    crowd_accuracy = crowd_right / (n_given.sum() + CROWD_STRENGTH)
    accuracy = (n_right + ACCURACY_STRENGTH * crowd_accuracy) / (n_given + ACCURACY_STRENGTH)
    ratio = _odds(accuracy) / _odds(crowd_accuracy)
    habits = np.repeat(crowd[None], len(counts), axis=0)
    habits[:, diagonal, diagonal] *= ratio[:, None]
    scaled: Floats = habits / habits.sum(axis=1, keepdims=True)
    return scaled


def _odds(chance: Floats) -> Floats:
    kept = np.clip(chance, ACCURACY_MARGIN, 1.0 - ACCURACY_MARGIN)
    odds: Floats = kept / (1.0 - kept)
    return odds


def _expect(
    answers: Answers,
    matrix: Floats,
    prevalence: Floats,
    *,
    divisor: NDArray[np.float64] | None = None,
) -> Floats:
    """Return each task's probabilities, with its log likelihood divided by `divisor`."""
    logs = np.zeros((answers.n_tasks, answers.n_labels))
    add_log_likelihood(
        answers.task_of_answer,
        answers.worker_of_answer,
        answers.label_of_answer,
        np.log(matrix),
        logs,
    )
    if divisor is not None:
        logs /= divisor[:, None]
    logs += np.log(prevalence)
    logs -= logs.max(axis=1, keepdims=True)
    np.exp(logs, out=logs)
    logs /= logs.sum(axis=1, keepdims=True)
    return logs


def _skill(answers: Answers, matrix: Floats, prevalence: Floats) -> Floats:
    n_given = count_answers(answers.worker_of_answer, answers.n_workers)
    diagonal = np.arange(answers.n_labels)
    return np.where(n_given > 0, matrix[:, diagonal, diagonal] @ prevalence, np.nan)
