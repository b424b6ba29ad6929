"""How much better a forecast of a true number an answer makes, leaving its own task out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth.types import Floats, Numbers

Longs = NDArray[np.int64]

# Forecasts are Student's, so that one wild number costs little more than a far one.
FREEDOM = 4.0
# A worker's bias is shrunk to none, and the square of his spread to the crowd's, as if so many
# answers more were seen.
BIAS_STRENGTH = 5.0
SPREAD_STRENGTH = 5.0
# Errors count up to twice what nine of ten keep within: the median would be 0 where most are right.
ERROR_MAX = 2.0
ERROR_PART = 0.9
# Nobody is believed to be surer than this part of how far truths lie apart.
SPREAD_MIN = 1e-3
# Most truths are not believed to lie closer together than this part of their spread.
TRUTH_SPREAD_MIN = 0.1
# How often the forecast without answers is fitted anew.
N_ROUNDS = 20
# The precision that n answers add is divided by 1 + DEPENDENCE * (n - 1).
DEPENDENCE = 0.3
# With fewer truths nothing tells how far apart they usually lie.
N_TRUTHS_MIN = 3


@dataclass(frozen=True, slots=True, eq=False)
class _Forecast:
    """What is believed before a task's answers or after them."""

    centre: Floats
    precision: Floats


def number_gains(numbers: Numbers, truth: Floats) -> tuple[Longs, Floats]:
    """Return each checked answer's worker and value."""
    is_checked = ~np.isnan(truth[numbers.task_of_answer])
    task = numbers.task_of_answer[is_checked].astype(np.int64)
    worker = numbers.worker_of_answer[is_checked].astype(np.int64)
    given = numbers.value_of_answer[is_checked]
    order = np.lexsort((given, worker, task))
    task, worker, given = task[order], worker[order], given[order]
    known = truth[~np.isnan(truth)]
    spread = float(known.std()) if len(known) >= N_TRUTHS_MIN else 0.0
    if not len(task) or not 0.0 < spread < np.inf:
        return worker, np.zeros(len(task))
    # In units of the truths, so that a question in millions is worth no more than one in ones.
    middle = float(known.mean())
    true = (truth[task] - middle) / spread
    known = (known - middle) / spread
    given = (given - middle) / spread
    before = _before(true, known)
    bias, variance = _habits(task, worker, given - true)
    return worker, _values(task, given - bias, variance, true, before)


def _before(true: Floats, known: Floats) -> _Forecast:
    """Return the Student's forecast that fits the other truths best, so far as each row's weighs.

    A mean and a spread would not do: where most truths are alike and some far off, who always
    says the same would know more than they.
    """
    centre, variance = float(np.median(known)), 1.0
    for _ in range(N_ROUNDS):
        weight = _weight(known, centre, variance)
        centre = float((weight * known).sum() / weight.sum())
        square = float((weight * (known - centre) ** 2).sum())
        variance = max(square / len(known), TRUTH_SPREAD_MIN**2)
    weight = _weight(known, centre, variance)
    total, pull = float(weight.sum()), float((weight * known).sum())
    square = float((weight * (known - centre) ** 2).sum())
    own = _weight(true, centre, variance)
    left = (square - own * (true - centre) ** 2) / (len(known) - 1.0)
    return _Forecast(
        (pull - own * true) / (total - own), 1.0 / np.maximum(left, TRUTH_SPREAD_MIN**2)
    )


def _weight(true: Floats, centre: float, variance: float) -> Floats:
    return (FREEDOM + 1.0) / (FREEDOM + (true - centre) ** 2 / variance)


def _habits(task: Longs, worker: Longs, error: Floats) -> tuple[Floats, Floats]:
    """Return the bias and the variance of each answer's worker on all other tasks."""
    most = ERROR_MAX * max(float(np.quantile(np.abs(error), ERROR_PART)), SPREAD_MIN)
    error = np.clip(error, -most, most)
    n_given = np.bincount(worker)[worker]
    bias = (_sums(worker, error) - error) / (n_given - 1.0 + BIAS_STRENGTH)
    square = error**2
    # The crowd without this worker and without this task.
    others = square.sum() - _sums(worker, square) - _sums(task, square) + square
    n_others = len(task) - n_given - np.bincount(task)[task] + 1.0
    crowd = (np.maximum(others, 0.0) + 1.0) / (n_others + 1.0)
    own = _sums(worker, square) - square - (n_given - 1.0) * bias**2
    variance = (np.maximum(own, 0.0) + SPREAD_STRENGTH * crowd) / (n_given - 1.0 + SPREAD_STRENGTH)
    return bias, np.maximum(variance, SPREAD_MIN**2)


def _values(
    task: Longs, given: Floats, variance: Floats, true: Floats, before: _Forecast
) -> Floats:
    precision = 1.0 / variance
    pull = precision * given
    n = np.bincount(task)[task]
    total, total_pull = _sums(task, precision), _sums(task, pull)
    together = 1.0 + DEPENDENCE * (n - 1.0)
    without = 1.0 + DEPENDENCE * np.maximum(n - 2.0, 0.0)
    alone = _log_score(before, pull, precision, true) - _log_score(before, 0.0, 0.0, true)
    added = _log_score(before, total_pull / together, total / together, true) - _log_score(
        before,
        (total_pull - pull) / without,
        np.where(n > 1, total - precision, 0.0) / without,
        true,
    )
    return 0.5 * (alone + added)


def _log_score(
    before: _Forecast, pull: Floats | float, precision: Floats | float, true: Floats
) -> Floats:
    """Return the log density at the truth, up to a constant, of Student's forecast."""
    total = before.precision + precision
    centre = (before.precision * before.centre + pull) / total
    distance = (true - centre) ** 2 * total
    score: Floats = 0.5 * np.log(total) - 0.5 * (FREEDOM + 1.0) * np.log1p(distance / FREEDOM)
    return score


def _sums(code: Longs, values: Floats) -> Floats:
    return np.bincount(code, weights=values)[code].astype(np.float64)
