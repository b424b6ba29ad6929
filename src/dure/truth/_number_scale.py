"""Whether numbers err by amounts or by factors, and whether they share one bounded scale."""

from __future__ import annotations

import numpy as np

from dure.truth._spread import medians, task_spreads, typical_spread
from dure.truth.number_crowd import NumberCrowd
from dure.truth.types import Floats, Ints, Numbers

# Zeros have no logarithm. So few of them count as half the smallest number above; with more, zero
# is an answer of its own, and answers do not err by factors.
ZEROS_MAX = 0.02
# The middle nine tenths of the numbers must span more: no rating from 1 to 10 errs by factors.
FACTOR_MIN = 10.0
# In nats: the log scale must be 20 times likelier.
EVIDENCE_MIN = 3.0
# Of the Student's t that both scales are compared by: one wild answer must not decide.
FREEDOM = 4.0
# Tasks with fewer answers tell nothing of the shape of errors.
N_EACH_MIN = 3
# Answers share one scale if its ends are so few of their usual distances apart.
WIDTH_MAX = 10.0
# The least and the greatest answer are the scale's ends if so many workers gave each.
N_AT_END_MIN = 5


def choose_scale(numbers: Numbers, gold_value: Floats, *, low: float, high: float) -> NumberCrowd:
    """Return a crowd of which scale, floor and bounds are known, and the unit if all share one."""
    unit = shared_unit(numbers, low=low, high=high)
    if unit or not errs_by_factors(numbers.value_of_answer, gold_value):
        return NumberCrowd("plain", 0.0, low, high, unit=unit)
    if log_evidence(numbers) < EVIDENCE_MIN:
        return NumberCrowd("plain", 0.0, low, high)
    values = numbers.value_of_answer
    smallest = float(values[values > 0].min())
    return NumberCrowd("log", smallest if values.min() > 0 else smallest / 2.0, low, high)


def errs_by_factors(values: Floats, gold_value: Floats) -> bool:
    """Say whether numbers can be taken for factors at all."""
    known = gold_value[~np.isnan(gold_value)]
    if not len(values) or values.min() < 0 or (known <= 0).any():
        return False
    above = values[values > 0]
    if len(above) < len(values) * (1.0 - ZEROS_MAX):
        return False
    least, most = np.quantile(above, [0.05, 0.95])
    return bool(most > FACTOR_MIN * least)


def log_evidence(numbers: Numbers) -> float:
    """Return how much likelier the numbers above 0 are on the log scale, in nats.

    The density of a number on the log scale is that of its logarithm divided by the number, the
    Jacobian of the change of variable. Both scales have the same parameters: each task's centre
    and its spread, shrunk to the typical one.
    """
    task, values = numbers.task_of_answer, numbers.value_of_answer
    told = values > 0
    told &= np.bincount(task[told], minlength=numbers.n_tasks)[task] >= N_EACH_MIN
    task, values = task[told], values[told]
    if not (values != medians(task, values, numbers.n_tasks)[task]).any():
        return 0.0
    logs = np.log(values)
    plain = _log_density(task, values, numbers.n_tasks)
    log = _log_density(task, logs, numbers.n_tasks)
    return float((log - logs - plain).sum())


def _log_density(task: Ints, values: Floats, n_tasks: int) -> Floats:
    n_answers = np.bincount(task, minlength=n_tasks).astype(np.int32)
    distance = np.abs(values - medians(task, values, n_tasks)[task])
    spread = task_spreads(task, distance, n_answers, typical_spread(task, distance, n_answers))
    spread = spread[task]
    density: Floats = -np.log(spread) - 0.5 * (FREEDOM + 1.0) * np.log1p(
        (distance / spread) ** 2 / FREEDOM
    )
    return density


def shared_unit(numbers: Numbers, *, low: float, high: float) -> float:
    """Return the spread of all answers if they share one scale and fill it, else 0.

    Bounds that are there for safety's sake, far from what people answer, say nothing.
    """
    task, values = numbers.task_of_answer, numbers.value_of_answer
    n_answers = np.bincount(task, minlength=numbers.n_tasks)
    told = n_answers >= N_EACH_MIN
    if not told.any():
        return 0.0
    width = _end(numbers, high, most=True) - _end(numbers, low, most=False)
    distance = values - medians(task, values, numbers.n_tasks)[task]
    squares = np.bincount(task, weights=distance**2, minlength=numbers.n_tasks)
    usual = float(np.median(np.sqrt(squares[told] / n_answers[told])))
    return float(np.sqrt((distance**2).mean())) if width <= WIDTH_MAX * usual else 0.0


def _end(numbers: Numbers, bound: float, *, most: bool) -> float:
    """Return an end of the scale: its bound, or what several workers answered and none beyond."""
    if np.isfinite(bound):
        return bound
    values = numbers.value_of_answer
    end = float(values.max() if most else values.min())
    n_workers = len(np.unique(numbers.worker_of_answer[values == end]))
    if n_workers >= N_AT_END_MIN:
        return end
    return np.inf if most else -np.inf
