"""A robust mean with each worker's bias and spread, and an interval."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dure.truth._converge import iterate
from dure.truth._spread import medians, resolution, t_percentile_95, task_spreads
from dure.truth.majority import count_answers
from dure.truth.types import Estimates, Floats, Ints, Numbers, Outcome
from dure.truth.validate import BadAnswers, check_gold_values, check_numbers

METHOD = "robust-mean"
VERSION = "1"

# Answers within so many spreads of the centre count in full; beyond, their pull stays the same.
PULL_MAX = 4.0
# A worker's bias and spread are shrunk to none and the crowd's as if so many answers were seen.
BIAS_STRENGTH = 10.0
SPREAD_STRENGTH = 100.0
# In units of the task's spread; the answers of such a worker weigh nothing any more.
WORKER_SPREAD_MAX = 1e3
# Beyond this many spreads from the centre it no longer matters how wild an answer is.
STANDARD_ERROR_MAX = 1e8


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """Each task's centre and spread; each worker's bias and spread in units of the task's."""

    centre: Floats
    spread: Floats
    bias: Floats
    worker_spread: Floats


def robust_mean(
    numbers: Numbers,
    *,
    gold_value: Floats | None = None,
    correlation: float = 0.8,
    change_max: float = 1e-5,
    n_iterations_max: int = 200,
    seed: int = 0,
) -> Estimates:
    """Estimate each task's number, with a 90 % interval.

    Assumes that a worker errs by a bias and a spread that resemble the crowd's, both in units of
    the task's own spread, wild answers aside; answers to one task may err together,
    which `correlation` stands for. See `docs/truth/numeric.md`.

    Parameters
    ----------
    numbers : Numbers
        At most one answer for each task and worker.
    gold_value : (n_tasks,) float64, optional
        Known values, nan where unknown; they are held fixed and so inform bias and spread.
    correlation : float
        From 0 to 1. The variance of the mean of n answers is multiplied by
        1 + correlation * (n - 1); it widens the interval and leaves the estimate alone.
    change_max : float
        The mean change, in units of the task's spread, at which the fit has settled.
    n_iterations_max : int
        The largest number of rounds.
    seed : int
        Kept in the result; nothing here is random.

    Returns
    -------
    Estimates
        The interval always contains the estimate.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other or an option is out of its range.

    Notes
    -----
    Source: P. J. Huber, Robust estimation of a location parameter, Annals of Mathematical
    Statistics 35(1), 1964; the workers' bias and spread and their shrinking are our own, measured
    in `docs/truth/numeric.md`.
    """
    check_numbers(numbers)
    check_gold_values(gold_value, n_tasks=numbers.n_tasks)
    if not 0.0 <= correlation <= 1.0:
        raise BadAnswers(f"Expected correlation from 0 to 1, got {correlation}.")
    if n_iterations_max < 1:
        raise BadAnswers(f"Expected n_iterations_max of at least 1, got {n_iterations_max}.")
    n_answers = count_answers(numbers.task_of_answer, numbers.n_tasks)
    start, outcome = _start(numbers, n_answers, gold_value)
    if outcome is not None:
        return _without_fit(numbers, start, n_answers, gold_value, outcome=outcome, seed=seed)
    answered = n_answers > 0
    fit = iterate(
        lambda state: _step(numbers, state, gold_value, answered=answered),
        start,
        change_max=change_max,
        n_iterations_max=n_iterations_max,
    )
    half = _half_width(numbers, fit.state, n_answers, correlation)
    estimate = np.where(answered, fit.state.centre, np.nan)
    return _estimates(
        replace(fit.state, centre=estimate),
        half=half,
        numbers=numbers,
        n_answers=n_answers,
        gold_value=gold_value,
        outcome=fit.outcome,
        n_iterations=fit.n_iterations,
        last_change=fit.last_change,
        seed=seed,
    )


def _start(
    numbers: Numbers, n_answers: Ints, gold_value: Floats | None
) -> tuple[_State, Outcome | None]:
    """Return medians to start from; an outcome if there is nothing to fit."""
    task = numbers.task_of_answer
    centre = _held(medians(task, numbers.value_of_answer, numbers.n_tasks), gold_value)
    state = _State(
        centre=centre,
        spread=np.zeros(numbers.n_tasks),
        bias=np.zeros(numbers.n_workers),
        worker_spread=np.ones(numbers.n_workers),
    )
    if not numbers.value_of_answer.size:
        return state, Outcome.NO_ANSWERS
    distance = np.abs(numbers.value_of_answer - centre[task])
    if distance.any():
        return replace(state, spread=task_spreads(task, distance, n_answers)), None
    step = resolution(numbers.value_of_answer) if (n_answers > 1).any() else 0.0
    outcome = Outcome.DIRECT if step else Outcome.SPREAD_UNKNOWN
    return replace(state, spread=np.full(numbers.n_tasks, step)), outcome


def _step(
    numbers: Numbers, state: _State, gold_value: Floats | None, *, answered: NDArray[np.bool_]
) -> tuple[_State, float]:
    """Return the state after one round, and how far centres moved in units of their spread."""
    task, worker = numbers.task_of_answer, numbers.worker_of_answer
    error = _standard_error(numbers, state)
    weight = _weight((error - state.bias[worker]) / state.worker_spread[worker])
    bias = _worker_bias(numbers, error, weight, state.worker_spread)
    excess = error - bias[worker]
    worker_spread = _worker_spread(numbers, excess, weight)
    share = weight / worker_spread[worker] ** 2
    total = np.bincount(task, weights=share, minlength=numbers.n_tasks)
    shift = np.bincount(task, weights=share * excess, minlength=numbers.n_tasks)
    centre = state.centre + state.spread * shift / np.where(total > 0, total, 1.0)
    centre = _held(centre, gold_value)
    moved = np.abs(centre - state.centre)[answered] / state.spread[answered]
    after = replace(state, centre=centre, bias=bias, worker_spread=worker_spread)
    return after, float(moved.mean())


def _held(centre: Floats, gold_value: Floats | None) -> Floats:
    return centre if gold_value is None else np.where(np.isnan(gold_value), centre, gold_value)


def _standard_error(numbers: Numbers, state: _State) -> Floats:
    task = numbers.task_of_answer
    with np.errstate(over="ignore"):
        error = (numbers.value_of_answer - state.centre[task]) / state.spread[task]
    return np.clip(error, -STANDARD_ERROR_MAX, STANDARD_ERROR_MAX)


def _weight(standard: Floats) -> Floats:
    distance = np.abs(standard)
    return np.where(distance > PULL_MAX, PULL_MAX / np.maximum(distance, PULL_MAX), 1.0)


def _worker_bias(numbers: Numbers, error: Floats, weight: Floats, worker_spread: Floats) -> Floats:
    """Return each worker's shrunk bias; over the answers they sum to about nothing."""
    worker = numbers.worker_of_answer
    total = np.bincount(worker, weights=weight, minlength=numbers.n_workers)
    summed = np.bincount(worker, weights=weight * error, minlength=numbers.n_workers)
    bias = summed / (total + BIAS_STRENGTH * worker_spread**2)
    centred: Floats = bias - (total * bias).sum() / total.sum()
    return centred


def _worker_spread(numbers: Numbers, excess: Floats, weight: Floats) -> Floats:
    """Return each worker's spread in units of the task's, shrunk to 1."""
    worker = numbers.worker_of_answer
    n_given = count_answers(worker, numbers.n_workers)
    squares = np.bincount(worker, weights=(weight * excess) ** 2, minlength=numbers.n_workers)
    variance = (squares + SPREAD_STRENGTH) / (n_given + SPREAD_STRENGTH)
    return np.sqrt(np.minimum(variance, WORKER_SPREAD_MAX**2))


def _half_width(numbers: Numbers, state: _State, n_answers: Ints, correlation: float) -> Floats:
    task, worker = numbers.task_of_answer, numbers.worker_of_answer
    error = _standard_error(numbers, state) - state.bias[worker]
    worker_spread = state.worker_spread[worker]
    weight = _weight(error / worker_spread)
    total = np.bincount(task, weights=weight / worker_spread**2, minlength=numbers.n_tasks)
    # Each task's centre was fitted, which took one answer's worth of freedom.
    freedom = len(task) - int((n_answers > 0).sum())
    # Errors with heavier tails than the normal's lie further out than the spreads say.
    tails = max(1.0, float(((weight * error / worker_spread) ** 2).sum()) / max(1, freedom))
    together = 1.0 + correlation * np.maximum(n_answers - 1, 0)
    deviation = state.spread * np.sqrt(tails * together / np.where(total > 0, total, 1.0))
    return t_percentile_95(freedom) * deviation


def _without_fit(
    numbers: Numbers,
    state: _State,
    n_answers: Ints,
    gold_value: Floats | None,
    *,
    outcome: Outcome,
    seed: int,
) -> Estimates:
    half = state.spread if outcome is Outcome.DIRECT else np.full(numbers.n_tasks, np.inf)
    return _estimates(
        state,
        half=half,
        numbers=numbers,
        n_answers=n_answers,
        gold_value=gold_value,
        outcome=outcome,
        n_iterations=0,
        last_change=0.0,
        seed=seed,
    )


def _estimates(
    state: _State,
    *,
    half: Floats,
    numbers: Numbers,
    n_answers: Ints,
    gold_value: Floats | None,
    outcome: Outcome,
    n_iterations: int,
    last_change: float,
    seed: int,
) -> Estimates:
    estimate = _held(state.centre, gold_value)
    known = np.zeros(len(estimate), bool) if gold_value is None else ~np.isnan(gold_value)
    half = np.where(known, 0.0, half)
    n_given = np.bincount(numbers.worker_of_answer, minlength=numbers.n_workers)
    own = state.bias**2 + state.worker_spread**2
    crowd = (n_given * own).sum() / max(1, n_given.sum())
    skill = 1.0 / (1.0 + own / max(crowd, np.finfo(np.float64).tiny))
    return Estimates(
        estimate=estimate,
        low=estimate - half,
        high=estimate + half,
        n_answers=n_answers,
        skill=np.where(n_given > 0, skill, np.nan),
        outcome=outcome,
        n_iterations=n_iterations,
        last_change=last_change,
        method=METHOD,
        version=VERSION,
        seed=seed,
    )
