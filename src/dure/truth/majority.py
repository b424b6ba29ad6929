"""Majority vote, with honest shares."""

from __future__ import annotations

import numpy as np

from dure.truth._intervals import wilson
from dure.truth._kernels import count_codes
from dure.truth._rows import group_by_task
from dure.truth.types import NO_LABEL, Answers, Floats, Ints, Outcome, Posterior
from dure.truth.validate import BadAnswers, check_answers, check_gold_labels

METHOD = "majority"
VERSION = "1"


def majority(
    answers: Answers,
    *,
    smoothing: float = 0.5,
    gold_label: Ints | None = None,
    seed: int = 0,
) -> Posterior:
    """Take each label's share of a task's answers as its probability.

    Assumes that all workers are equally good. Ties go to the lower label, and share the
    probability. See `docs/truth/majority.md`.

    Parameters
    ----------
    answers : Answers
        At most one answer for each task and worker.
    smoothing : float
        Answers added to each label, so that three out of three is not certainty; more than 0.
    gold_label : (n_tasks,) int32, optional
        Known labels, -1 where unknown; those tasks come back with them, as certain.
    seed : int
        Kept in the result; nothing here is random.

    Returns
    -------
    Posterior
        Its `skill` is each worker's smoothed agreement with the shares.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other or `smoothing` is not positive.

    Notes
    -----
    Source: the add-one-half rule, H. Jeffreys, An invariant form for the prior probability in
    estimation problems, Proc. R. Soc. A, 1946.
    """
    check_answers(answers)
    check_gold_labels(gold_label, n_tasks=answers.n_tasks, n_labels=answers.n_labels)
    if not 0 < smoothing < np.inf:
        raise BadAnswers(f"Expected smoothing to be positive, got {smoothing}; .5 is usual.")
    n_answers = count_answers(answers.task_of_answer, answers.n_tasks)
    probability = clamp(vote_shares(answers, smoothing=smoothing), gold_label)
    skill, low, high = agreement(answers, probability)
    return Posterior(
        probability=probability,
        label=best_label(probability, n_answers, gold_label),
        n_answers=n_answers,
        skill=skill,
        skill_low=low,
        skill_high=high,
        habits=None,
        outcome=Outcome.DIRECT if answers.task_of_answer.size else Outcome.NO_ANSWERS,
        n_iterations=0,
        last_change=0.0,
        method=METHOD,
        version=VERSION,
        seed=seed,
    )


def vote_shares(answers: Answers, *, smoothing: float) -> Floats:
    """Count each label's smoothed share of the answers.

    Parameters
    ----------
    answers : Answers
        At most one answer for each task and worker.
    smoothing : float
        Answers added to each label.

    Returns
    -------
    (n_tasks, n_labels) float64
        Each row sums to 1.
    """
    cell = answers.task_of_answer.astype(np.int64) * answers.n_labels + answers.label_of_answer
    votes = np.bincount(cell, minlength=answers.n_tasks * answers.n_labels)
    smoothed = votes.reshape(answers.n_tasks, answers.n_labels) + smoothing
    shares: Floats = smoothed / smoothed.sum(axis=1, keepdims=True)
    return shares


def count_answers(code_of_answer: Ints, n_codes: int) -> Ints:
    """Count how many answers each code has.

    Parameters
    ----------
    code_of_answer : (n_answers,) int32
        The task or the worker of each answer.
    n_codes : int
        How many tasks or workers there are.

    Returns
    -------
    (n_codes,) int32
        The counts.
    """
    counts = np.zeros(n_codes, np.int64)
    count_codes(code_of_answer, counts)
    return counts.astype(np.int32)


def clamp(probability: Floats, gold_label: Ints | None) -> Floats:
    """Put certainty where the label is known.

    Parameters
    ----------
    probability : (n_tasks, n_labels) float64
        Each row sums to 1.
    gold_label : (n_tasks,) int32 or None
        Known labels, -1 where unknown.

    Returns
    -------
    (n_tasks, n_labels) float64
        The same array if nothing is known, else a changed copy.
    """
    if gold_label is None:
        return probability
    known = np.flatnonzero(gold_label != NO_LABEL)
    clamped = probability.copy()
    clamped[known] = 0.0
    clamped[known, gold_label[known]] = 1.0
    return clamped


def best_label(probability: Floats, n_answers: Ints, gold_label: Ints | None) -> Ints:
    """Pick the likeliest label of each task.

    Parameters
    ----------
    probability : (n_tasks, n_labels) float64
        Each row sums to 1.
    n_answers : (n_tasks,) int32
        How many answers each task has.
    gold_label : (n_tasks,) int32 or None
        Known labels, -1 where unknown.

    Returns
    -------
    (n_tasks,) int32
        The lowest label among equals; -1 where nothing is known of a task.
    """
    known = n_answers > 0
    if gold_label is not None:
        known = known | (gold_label != NO_LABEL)
    return np.where(known, probability.argmax(axis=1), NO_LABEL).astype(np.int32)


def agreement(answers: Answers, probability: Floats) -> tuple[Floats, Floats, Floats]:
    """Tell how often each worker is right by the probabilities, shrunk by two answers to the crowd.

    Parameters
    ----------
    answers : Answers
        At most one answer for each task and worker.
    probability : (n_tasks, n_labels) float64
        Each row sums to 1.

    Returns
    -------
    (n_workers,) float64, (n_workers,) float64, (n_workers,) float64
        The mean chance to be right and the ends of its 90 % interval; nan without answers.
    """
    # In order, for sums in another order have other last bits.
    rows = group_by_task(answers, None)
    task_of_answer = np.repeat(np.arange(rows.n_tasks, dtype=np.int32), rows.n_answers)
    right = probability[task_of_answer, rows.label_of_answer]
    crowd = float(right.mean()) if right.size else 0.0
    n_given = count_answers(rows.worker_of_answer, rows.n_workers)
    total = np.bincount(rows.worker_of_answer, weights=right, minlength=rows.n_workers)
    n_worth = n_given + np.float64(2.0)
    skill = (total + 2.0 * crowd) / n_worth
    low, high = wilson(skill, n_worth)
    is_known = n_given > 0
    return (
        np.where(is_known, skill, np.nan),
        np.where(is_known, low, np.nan),
        np.where(is_known, high, np.nan),
    )
