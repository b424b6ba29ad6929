"""Each task's number from its answers, with what is known of workers and the crowd held still."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dure.truth._spread import Typical, medians, t_percentile_95, task_spreads
from dure.truth.number_crowd import NumberCrowd
from dure.truth.types import Floats, Ints

# Beyond this many spreads from the centre it no longer matters how wild an answer is.
STANDARD_ERROR_MAX = 1e8
# A centre stands when no task's moves by more than this part of its spread.
MOVE_MAX = 1e-11
N_MOVES_MAX = 100
# A prediction further from its own worker's answer, in spreads, counts as if it were so far.
PREDICTED_MAX = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Answers on the crowd's scale, each with its worker's bias, spread and prediction."""

    task: Ints
    value: Floats
    bias: Floats
    spread: Floats
    n_tasks: int
    prediction: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """What each task's answers say alone; `unit` is what biases are in, `total` the precision."""

    start: Floats
    spread: Floats
    unit: Floats
    centre: Floats
    unbiased: Floats
    share: Floats
    total: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """Verdicts on the crowd's scale, before bounds; nan for a task without answers.

    `start` is the median of a task's answers, `centre` what they say, `lean` the part of the way
    from there to what is usual, `pivot` how far answers lie beyond predictions, nan without any.
    `share` is each answer's weight in its task's centre, `beyond` what it adds to the pivot, and
    `unbiased` the answer without its worker's bias.
    """

    start: Floats
    spread: Floats
    centre: Floats
    lean: Floats
    pivot: Floats
    estimate: Floats
    noise: Floats
    half: Floats
    share: Floats
    beyond: Floats
    unbiased: Floats


def one_task(
    crowd: NumberCrowd, habits_of_answer: Floats, values: Floats, predictions: Floats | None
) -> Rows:
    """Return the answers to one task as rows to conclude."""
    return Rows(
        np.zeros(len(values), np.int32),
        on_scale(crowd, values),
        habits_of_answer[:, 0],
        habits_of_answer[:, 1],
        1,
        None if predictions is None else on_scale(crowd, predictions),
    )


def on_scale(crowd: NumberCrowd, values: Floats) -> Floats:
    """Return numbers as the crowd's scale has them."""
    within = np.clip(values, crowd.low, crowd.high)
    return np.log(np.maximum(within, crowd.floor)) if crowd.scale == "log" else within


def off_scale(crowd: NumberCrowd, values: Floats) -> Floats:
    """Return what was on the crowd's scale as numbers, within the bounds."""
    with np.errstate(over="ignore"):
        plain = np.exp(values) if crowd.scale == "log" else values
    return np.clip(plain, crowd.low, crowd.high)


def locate(crowd: NumberCrowd, rows: Rows) -> Located:
    """Conclude every task that has answers."""
    if crowd.distance == 0.0:
        return _without_spread(crowd, rows)
    return conclude(crowd, rows, weigh(crowd, rows))


def weigh(crowd: NumberCrowd, rows: Rows) -> Weighed:
    """Return each task's centre and each answer's share in it."""
    task, n_tasks = rows.task, rows.n_tasks
    n_answers = np.bincount(task, minlength=n_tasks).astype(np.int32)
    start = medians(task, rows.value, n_tasks)
    typical = Typical(crowd.log_variance, crowd.log_variance_differs, crowd.distance)
    spread = task_spreads(task, np.abs(rows.value - start[task]), n_answers, typical)
    unit = np.full(n_tasks, crowd.unit) if crowd.unit else spread
    unbiased = rows.value - unit[task] * rows.bias
    centre = _centres(rows, unbiased, start=start, unit=unit, pull=crowd.pull)
    off = (unbiased - centre[task]) / unit[task]
    weight = rows.spread**-2 * pulled_back(off, rows.spread, crowd.pull)
    total = np.bincount(task, weights=weight, minlength=n_tasks).astype(np.float64)
    return Weighed(start, spread, unit, centre, unbiased, weight / total[task], total)


def shifted(weighed: Weighed, rows: Rows, bias: float) -> Weighed:
    """Return the same after so much was added to every worker's bias."""
    return replace(
        weighed,
        centre=weighed.centre - bias * weighed.unit,
        unbiased=weighed.unbiased - bias * weighed.unit[rows.task],
    )


def conclude(crowd: NumberCrowd, rows: Rows, weighed: Weighed) -> Located:
    """Return the verdicts that the weights lead to."""
    n_answers = np.bincount(rows.task, minlength=rows.n_tasks)
    total, centre = weighed.total, weighed.centre
    noise = weighed.spread**2 * crowd.tails / np.where(total > 0, total, np.nan)
    lean = np.zeros(rows.n_tasks) if np.isinf(crowd.variance) else noise / (noise + crowd.variance)
    together = 1.0 + crowd.correlation * np.maximum(n_answers - 1, 0)
    pivot, beyond = _pivots(rows, weighed.share, weighed.unit)
    turned = crowd.pivot * np.nan_to_num(pivot) if crowd.pivot else 0.0
    return Located(
        start=weighed.start,
        spread=weighed.spread,
        centre=centre,
        lean=lean,
        pivot=pivot,
        estimate=centre + lean * (crowd.centre - centre) + turned,
        noise=noise,
        half=t_percentile_95(crowd.freedom) * np.sqrt(noise * together),
        share=weighed.share,
        beyond=beyond,
        unbiased=weighed.unbiased,
    )


def ends(crowd: NumberCrowd, located: Located) -> tuple[Floats, Floats, Floats]:
    """Return estimates and the ends of their intervals as numbers: low, estimate, high."""
    low, high = located.estimate - located.half, located.estimate + located.half
    return off_scale(crowd, low), off_scale(crowd, located.estimate), off_scale(crowd, high)


def pulled_back(error: Floats, spread: Floats, pull: float) -> Floats:
    """Return Huber's weight of errors, 1 within `pull` spreads."""
    distance = np.abs(error) / spread
    weight: Floats = np.where(distance > pull, pull / np.maximum(distance, pull), 1.0)
    return weight


def _centres(rows: Rows, unbiased: Floats, *, start: Floats, unit: Floats, pull: float) -> Floats:
    """Return each task's centre, where the pulls of its answers cancel.

    A task that stands is left alone, so it ends where it would without the others.
    """
    centre = start.copy()
    task, given, spread, width = rows.task, unbiased, rows.spread, unit[rows.task]
    for _ in range(N_MOVES_MAX):
        off = given - centre[task]
        weight = pulled_back(off / width, spread, pull) / spread**2
        total = np.bincount(task, weights=weight, minlength=rows.n_tasks)
        summed = np.bincount(task, weights=weight * off, minlength=rows.n_tasks)
        move = summed / np.where(total > 0, total, 1.0)
        centre += move
        is_open = (np.abs(move) > MOVE_MAX * unit)[task]
        if not is_open.any():
            break
        if not is_open.all():
            task, given = task[is_open], given[is_open]
            spread, width = spread[is_open], width[is_open]
    return centre


def _pivots(rows: Rows, share: Floats, unit: Floats) -> tuple[Floats, Floats]:
    """Return how far a task's answers lie beyond its predictions, and each answer's part of it."""
    task = rows.task
    if rows.prediction is None:
        return np.full(rows.n_tasks, np.nan), np.zeros(len(task))
    told = ~np.isnan(rows.prediction)
    most = PREDICTED_MAX * unit[task]
    off = np.clip(np.where(told, rows.value - rows.prediction, 0.0), -most, most)
    total = np.bincount(task, weights=share * told, minlength=rows.n_tasks)
    beyond = share * off / np.where(total > 0, total, 1.0)[task]
    summed = np.bincount(task, weights=beyond, minlength=rows.n_tasks)
    return np.where(total > 0, summed, np.nan), beyond


def _without_spread(crowd: NumberCrowd, rows: Rows) -> Located:
    n_answers = np.bincount(rows.task, minlength=rows.n_tasks)
    start = medians(rows.task, rows.value, rows.n_tasks)
    nothing = np.zeros(rows.n_tasks)
    return Located(
        start=start,
        spread=nothing,
        centre=start,
        lean=nothing,
        pivot=np.full(rows.n_tasks, np.nan),
        estimate=start,
        noise=nothing,
        half=np.full(rows.n_tasks, crowd.step),
        share=1.0 / n_answers[rows.task],
        beyond=np.zeros(len(rows.task)),
        unbiased=rows.value,
    )
