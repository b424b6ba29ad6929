"""What an answer was worth, checked on tasks whose truth is known and on nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth._number_worth import number_gains
from dure.truth._worth import forecast_gains
from dure.truth.types import NO_LABEL, Answers, Floats, Ints, Numbers, Outcome
from dure.truth.validate import (
    BadAnswers,
    check_answers,
    check_gold_labels,
    check_gold_values,
    check_numbers,
)

Longs = NDArray[np.int64]

# Fewer checked answers than this may be luck: nothing is paid for them yet.
N_CHECKED_MIN = 20
# A worker's variance is shrunk to the crowd's as if so many answers of the crowd's were seen.
VARIANCE_STRENGTH = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Worth:
    """What an answer of each worker was worth, in nats; from checked answers only.

    `mean` is 0 for a worker without checked answers; `error` is its standard error, inf where
    fewer than two were checked.
    """

    n_checked: Longs
    mean: Floats
    error: Floats
    n_checked_min: int
    outcome: Outcome


def answers_worth(
    answers: Answers,
    *,
    truth: Ints,
    order_of_answer: Longs | None = None,
    n_checked_min: int = N_CHECKED_MIN,
) -> Worth:
    """Measure what each worker's answers added to what was known of the truth.

    An answer is worth half of what it tells alone and half of what it adds to all other answers,
    as log scores of forecasts that leave its task out. Assumes that one worker is one person:
    merge the identities of one person first. See `docs/truth/value.md`.

    Parameters
    ----------
    answers : Answers
        At most one answer for each task and worker.
    truth : (n_tasks,) int32
        The true label, -1 where it is not known; those tasks are left out.
    order_of_answer : (n_answers,) int64, optional
        When each was given, such as a sequence number: among workers who copy each other, who was
        first has the value of the answer; without it they share it equally.
    n_checked_min : int
        So many checked answers are needed before `lower` is above 0.

    Returns
    -------
    Worth
        In the order of the workers.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other or an option is out of its range.

    Notes
    -----
    Source: the logarithmic score, I. J. Good, Rational decisions, J. R. Statist. Soc. B 14(1),
    1952; the half and half, the shrinking and the standard error are our own, measured in
    `docs/truth/value.md`.
    """
    check_answers(answers)
    check_gold_labels(truth, n_tasks=answers.n_tasks, n_labels=answers.n_labels)
    _check_least(n_checked_min)
    is_checked = truth[answers.task_of_answer] != NO_LABEL
    order = np.zeros(len(is_checked), np.int64) if order_of_answer is None else order_of_answer
    if order.shape != is_checked.shape or order.dtype != np.int64:
        raise BadAnswers(
            f"Expected order_of_answer to be an int64 array of shape {is_checked.shape}, "
            f"got {order.dtype} of shape {order.shape}."
        )
    worker, value = forecast_gains(answers, truth, is_checked, order_of_answer=order)
    return summarise(worker, value, n_workers=answers.n_workers, n_checked_min=n_checked_min)


def numbers_worth(numbers: Numbers, *, truth: Floats, n_checked_min: int = N_CHECKED_MIN) -> Worth:
    """Measure what each worker's numbers added to what was known of the truth.

    The same half and half as `answers_worth`, with Student's forecasts from the worker's bias and
    spread on other tasks. Assumes that truths and errors are of one size on all tasks:
    give logarithms where they span magnitudes. Copies are not looked for.

    Parameters
    ----------
    numbers : Numbers
        At most one answer for each task and worker.
    truth : (n_tasks,) float64
        The true number, nan where it is not known; those tasks are left out.
    n_checked_min : int
        So many checked answers are needed before `lower` is above 0.

    Returns
    -------
    Worth
        In the order of the workers; all worth nothing with fewer than three known truths, or
        where those are equal.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other or an option is out of its range.
    """
    check_numbers(numbers)
    check_gold_values(truth, n_tasks=numbers.n_tasks)
    _check_least(n_checked_min)
    worker, value = number_gains(numbers, truth)
    return summarise(worker, value, n_workers=numbers.n_workers, n_checked_min=n_checked_min)


def lower(worth: Worth) -> Floats:
    """Return what an answer of each worker was worth at least, as far as is known.

    Parameters
    ----------
    worth : Worth
        What was measured.

    Returns
    -------
    (n_workers,) float64
        One standard error below the mean and not below 0; 0 with too few checked answers.
    """
    enough = worth.n_checked >= max(2, worth.n_checked_min)
    safe = np.maximum(0.0, worth.mean - np.where(enough, worth.error, np.inf))
    return np.where(enough, safe, 0.0)


def claim(worth: Worth) -> Floats:
    """Return what an answer of each worker would be worth if the mean were certain.

    Parameters
    ----------
    worth : Worth
        What was measured.

    Returns
    -------
    (n_workers,) float64
        The mean and not below 0; never less than `lower`.
    """
    return np.maximum(0.0, worth.mean)


def summarise(worker: Longs, value: Floats, *, n_workers: int, n_checked_min: int) -> Worth:
    """Average each worker's values, with a standard error that a lucky streak keeps above 0.

    Parameters
    ----------
    worker : (n_checked,) int64
        Whose answer each value is.
    value : (n_checked,) float64
        What each answer was worth.
    n_workers : int
        How many workers there are.
    n_checked_min : int
        Kept in the result.

    Returns
    -------
    Worth
        The variance is shrunk to the crowd's, and counts one answer more that was worth nothing.
    """
    n = np.bincount(worker, minlength=n_workers).astype(np.int64)
    mean = np.bincount(worker, weights=value, minlength=n_workers) / np.maximum(n, 1)
    squares = np.bincount(worker, weights=(value - mean[worker]) ** 2, minlength=n_workers)
    freedom = int(np.maximum(n - 1, 0).sum())
    crowd = float(squares.sum()) / freedom if freedom else 0.0
    total = squares + mean**2 + VARIANCE_STRENGTH * crowd
    variance = total / (np.maximum(n, 1) + VARIANCE_STRENGTH)
    error = np.where(n > 1, np.sqrt(variance / np.maximum(n, 1)), np.inf)
    outcome = Outcome.DIRECT if len(worker) else Outcome.NOTHING_CHECKED
    return Worth(n, mean, error, n_checked_min, outcome)


def _check_least(n_checked_min: int) -> None:
    if n_checked_min < 0:
        raise BadAnswers(f"Expected n_checked_min of at least 0, got {n_checked_min}.")
