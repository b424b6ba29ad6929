"""Workers' bias and spread, and what is typical of a crowd's numbers, on the scale chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dure.truth._converge import Fit, iterate
from dure.truth._location import (
    STANDARD_ERROR_MAX,
    Located,
    Rows,
    Weighed,
    conclude,
    pulled_back,
    shifted,
    weigh,
)
from dure.truth._spread import medians, task_spreads, typical_spread
from dure.truth.number_crowd import NumberCrowd
from dure.truth.types import Floats, Ints

Bools = NDArray[np.bool_]

# Answers within so many spreads of the centre count in full; beyond, their pull stays the same.
PULL_MAX = 4.0
# Logarithms are already near the centre, so what is far is wrong.
PULL_MAX_LOG = 2.0
# A worker's bias and spread are shrunk to none and the crowd's as if so many answers were seen.
BIAS_STRENGTH = 10.0
SPREAD_STRENGTH = 50.0
# In units of the spread. Who always answers the same looks surer than he is; and the answers of
# the worst weigh nothing any more.
WORKER_SPREAD_MIN = 0.8
WORKER_SPREAD_MAX = 1e3
# People guess large numbers too low: the truth lies so many spreads above their logarithms' centre.
LIFT = 0.4
# Believed as if so many known tasks had shown it.
LIFT_STRENGTH = 10.0
# The part of the noise that leans estimates towards what is usual, in a crowd of so many tasks.
LEAN_PART = 0.25
N_TASKS_MIN = 4
# True values vary at least by this part of what centres vary by.
TRUE_PART_MIN = 0.3
# Errors on known tasks change the correlation as if so many had shown the usual one.
CORRELATION_STRENGTH = 20.0
CORRELATION_MAX = 4.0
ERROR_MAX = 4.0
# Pivoting must do better on so many known tasks, by so many standard errors.
N_PIVOTED_MIN = 5
PIVOT_GAIN_MIN = 1.3


@dataclass(frozen=True, slots=True, eq=False)
class OnScale:
    """Answers on the crowd's scale; gold is nan where unknown."""

    task: Ints
    worker: Ints
    value: Floats
    prediction: Floats | None
    gold: Floats
    n_answers: Ints
    n_given: Ints


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """Each task's centre; each worker's bias and spread in units of the task's."""

    centre: Floats
    bias: Floats
    spread: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """`habits` are (n_workers, 2), bias and spread; `tail` is the errors' fourth moment."""

    crowd: NumberCrowd
    habits: Floats
    located: Located
    tail: float
    fit: Fit[_State]


def learn(
    crowd: NumberCrowd,
    answers: OnScale,
    *,
    correlation: float,
    change_max: float,
    n_iterations_max: int,
) -> Learned:
    """Fit habits, then what is typical of the crowd; some answers differ from their centre."""
    task, n_answers = answers.task, answers.n_answers
    centre = _held(medians(task, answers.value, len(n_answers)), answers.gold)
    distance = np.abs(answers.value - centre[task])
    typical = typical_spread(task, distance, n_answers)
    spread = task_spreads(task, distance, n_answers, typical)
    pull = _pull(crowd)
    unit = np.full(len(n_answers), crowd.unit) if crowd.unit else spread
    fit = iterate(
        lambda state: _step(answers, state, unit=unit, pull=pull),
        _State(centre, np.zeros(len(answers.n_given)), np.ones(len(answers.n_given))),
        change_max=change_max,
        n_iterations_max=n_iterations_max,
    )
    # Each task's centre was fitted, which took one answer's worth of freedom.
    freedom = len(task) - int((n_answers > 0).sum())
    tails, tail = _tails(answers, fit.state, unit=unit, spread=spread, pull=pull, freedom=freedom)
    crowd = replace(
        crowd,
        log_variance=typical.log_variance,
        log_variance_differs=typical.differs,
        distance=typical.distance,
        pull=pull,
        tails=tails,
        correlation=correlation,
        freedom=freedom,
    )
    habits = np.stack([fit.state.bias, fit.state.spread], axis=1)
    return _with_truths(crowd, answers, habits, tail=tail, fit=fit)


def _pull(crowd: NumberCrowd) -> float:
    if crowd.unit:
        # Nobody can be wild on a scale that has ends.
        return STANDARD_ERROR_MAX
    return PULL_MAX_LOG if crowd.scale == "log" else PULL_MAX


def rows_of(answers: OnScale, habits: Floats) -> Rows:
    """Return the answers, each with its worker's habits."""
    own = habits[answers.worker]
    return Rows(
        answers.task,
        answers.value,
        own[:, 0],
        own[:, 1],
        len(answers.n_answers),
        answers.prediction,
    )


def _with_truths(
    crowd: NumberCrowd, answers: OnScale, habits: Floats, *, tail: float, fit: Fit[_State]
) -> Learned:
    """Add what needs verdicts: the common bias, what is usual, the pivot and the correlation."""
    is_checked = ~np.isnan(answers.gold) & (answers.n_answers > 0)
    rows = rows_of(answers, habits)
    weighed = weigh(crowd, rows)
    bias = _common_bias(crowd, answers, weighed, is_checked)
    # Workers' biases had no mean of their own until here.
    habits = habits + np.array([bias, 0.0])
    weighed = shifted(weighed, rows, bias)
    centre, variance = _usual(weighed.centre, conclude(crowd, rows, weighed).noise)
    crowd = replace(crowd, bias=bias, centre=centre, variance=variance)
    located = conclude(crowd, rows, weighed)
    if is_checked.any():
        crowd = replace(crowd, pivot=_earned_pivot(answers, located, is_checked))
        located = conclude(crowd, rows, weighed)
        correlation = _seen_correlation(crowd, answers, located, is_checked)
        crowd = replace(crowd, correlation=correlation)
        located = conclude(crowd, rows, weighed)
    return Learned(crowd, habits, located, tail, fit)


def _common_bias(
    crowd: NumberCrowd, answers: OnScale, weighed: Weighed, is_checked: Bools
) -> float:
    """Return by how many spreads all answer too high; only truths can tell."""
    usual = -LIFT if crowd.scale == "log" else 0.0
    error = ((weighed.centre - answers.gold) / weighed.unit)[is_checked]
    seen = np.clip(error, -ERROR_MAX, ERROR_MAX)
    return float((seen.sum() + LIFT_STRENGTH * usual) / (len(seen) + LIFT_STRENGTH))


def _usual(centre: Floats, noise: Floats) -> tuple[float, float]:
    """Return the mean and the variance of true values, the noise taken out of the centres'."""
    told = ~np.isnan(noise)
    if told.sum() < N_TASKS_MIN:
        return 0.0, np.inf
    with np.errstate(over="ignore"):
        seen = float(centre[told].var(ddof=1))
    true = max(seen - float(noise[told].mean()), TRUE_PART_MIN * seen)
    if not 0.0 < true < np.inf:
        return 0.0, np.inf
    return float(centre[told].mean()), true / LEAN_PART


def _earned_pivot(answers: OnScale, located: Located, is_checked: Bools) -> float:
    """Return 1 if pivoting brought known tasks nearer to their truth beyond doubt, else 0."""
    told = is_checked & ~np.isnan(located.pivot)
    if told.sum() < N_PIVOTED_MIN:
        return 0.0
    error = ((located.estimate - answers.gold) / located.spread)[told]
    after = error + (located.pivot / located.spread)[told]
    gain = np.clip(error, -ERROR_MAX, ERROR_MAX) ** 2 - np.clip(after, -ERROR_MAX, ERROR_MAX) ** 2
    doubt = float(gain.std(ddof=1)) / np.sqrt(len(gain))
    return 1.0 if gain.mean() > PIVOT_GAIN_MIN * doubt else 0.0


def _seen_correlation(
    crowd: NumberCrowd, answers: OnScale, located: Located, is_checked: Bools
) -> float:
    """Return the correlation by which known tasks' errors are as large as they should be."""
    together = 1.0 + crowd.correlation * (answers.n_answers[is_checked] - 1.0)
    square = (located.estimate - answers.gold)[is_checked] ** 2
    ratio = np.minimum(square / (located.noise[is_checked] * together), ERROR_MAX**2)
    factor = (ratio.sum() + CORRELATION_STRENGTH) / (len(ratio) + CORRELATION_STRENGTH)
    return float(min(crowd.correlation * factor, CORRELATION_MAX))


def _tails(
    answers: OnScale, state: _State, *, unit: Floats, spread: Floats, pull: float, freedom: int
) -> tuple[float, float]:
    """Return how large squared errors are in units of the spreads, and their fourth moment."""
    own = state.spread[answers.worker]
    error = _standard_error(answers, state.centre, unit) - state.bias[answers.worker]
    weighed = pulled_back(error, own, pull) * error / own
    square = (weighed * (unit / spread)[answers.task]) ** 2
    moment = float((weighed**4).mean() / max(float((weighed**2).mean()) ** 2, 1e-300))
    # Errors with heavier tails than the normal's lie further out than the spreads say.
    return max(1.0, float(square.sum()) / max(1, freedom)), moment


def _step(answers: OnScale, state: _State, *, unit: Floats, pull: float) -> tuple[_State, float]:
    """Return the state after one round, and how far centres moved in units of their spread."""
    task, worker = answers.task, answers.worker
    error = _standard_error(answers, state.centre, unit)
    weight = pulled_back(error - state.bias[worker], state.spread[worker], pull)
    bias = _worker_bias(answers, error, weight, state.spread)
    excess = error - bias[worker]
    spread = _worker_spread(answers, state, weight, excess)
    share = weight / spread[worker] ** 2
    total = np.bincount(task, weights=share, minlength=len(unit))
    shift = np.bincount(task, weights=share * excess, minlength=len(unit))
    centre = state.centre + unit * shift / np.where(total > 0, total, 1.0)
    centre = _held(centre, answers.gold)
    answered = answers.n_answers > 0
    moved = np.abs(centre - state.centre)[answered] / unit[answered]
    return _State(centre, bias, spread), float(moved.mean())


def _worker_spread(answers: OnScale, state: _State, weight: Floats, excess: Floats) -> Floats:
    """Return each worker's shrunk spread.

    An answer pulls its task's centre to itself: the less is left of its error, the larger its
    share there. What is left counts as part of an answer; otherwise those whose word decides
    would look surer and surer, until nobody else's counts.
    """
    task, worker = answers.task, answers.worker
    share = weight / state.spread[worker] ** 2
    total = np.bincount(task, weights=share, minlength=len(answers.n_answers))
    left = np.where(np.isnan(answers.gold[task]), 1.0 - share / total[task], 1.0)
    left *= len(left) / max(float(left.sum()), 1.0)
    squares = np.bincount(worker, weights=(weight * excess) ** 2, minlength=len(state.spread))
    n_left = np.bincount(worker, weights=left, minlength=len(state.spread))
    return shrunk_spread(squares.astype(np.float64), n_left.astype(np.float64))


def shrunk_spread(squares: Floats, n_given: Ints | Floats) -> Floats:
    """Return workers' spreads in units of the task's, from the sums of their squared errors."""
    variance = (squares + SPREAD_STRENGTH) / (n_given + SPREAD_STRENGTH)
    return np.sqrt(np.clip(variance, WORKER_SPREAD_MIN**2, WORKER_SPREAD_MAX**2))


def _worker_bias(answers: OnScale, error: Floats, weight: Floats, spread: Floats) -> Floats:
    """Return each worker's shrunk bias; over the answers they sum to about nothing."""
    total = np.bincount(answers.worker, weights=weight, minlength=len(spread))
    summed = np.bincount(answers.worker, weights=weight * error, minlength=len(spread))
    bias = summed / (total + BIAS_STRENGTH * spread**2)
    centred: Floats = bias - (total * bias).sum() / total.sum()
    return centred


def _standard_error(answers: OnScale, centre: Floats, unit: Floats) -> Floats:
    with np.errstate(over="ignore"):
        error = (answers.value - centre[answers.task]) / unit[answers.task]
    return np.clip(error, -STANDARD_ERROR_MAX, STANDARD_ERROR_MAX)


def _held(centre: Floats, gold: Floats) -> Floats:
    return np.where(np.isnan(gold), centre, gold)
