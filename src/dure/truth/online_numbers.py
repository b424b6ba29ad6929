"""One more number at a time: the task's estimate at once, without a fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dure.truth._location import (
    STANDARD_ERROR_MAX,
    Located,
    ends,
    locate,
    on_scale,
    one_task,
    pulled_back,
)
from dure.truth._number_fit import BIAS_STRENGTH, SPREAD_STRENGTH, shrunk_spread
from dure.truth.types import Estimates, Floats, Numbers
from dure.truth.validate import (
    VALUE_MAX,
    BadAnswers,
    check_gold_values,
    check_numbers,
    check_predictions,
)


@dataclass(frozen=True, slots=True)
class OnlineEstimate:
    """A task's estimate with its 90 % interval; nan without answers."""

    estimate: float
    low: float
    high: float
    n_answers: int


class OnlineNumbers:
    """Estimates that take one more answer as it comes, from what a fit has learned.

    Assumes that what the last fit learned of the crowd still holds. While what is known of
    workers is kept still (`learns=False`), its estimates are those of the same habits on all
    answers so far; otherwise each answer also tells of its worker, at what its task's estimate is
    just then. An answer takes time proportional to its task's answers. See `docs/truth/online.md`.

    Parameters
    ----------
    estimates : Estimates
        The last fit.
    numbers : Numbers
        The answers of that fit.
    gold_value : (n_tasks,) float64, optional
        Known values of those tasks, nan where unknown.
    predictions : (n_answers,) float64, optional
        Those of the fit, if there were any.
    learns : bool
        Whether answers tell of their workers.

    Raises
    ------
    BadAnswers
        If the estimates are not of these answers.

    Notes
    -----
    Source: see `OnlineChoices`.
    """

    def __init__(
        self,
        estimates: Estimates,
        numbers: Numbers,
        *,
        gold_value: Floats | None = None,
        predictions: Floats | None = None,
        learns: bool = True,
    ) -> None:
        check_numbers(numbers)
        check_gold_values(gold_value, n_tasks=numbers.n_tasks)
        check_predictions(predictions, n_answers=len(numbers.task_of_answer))
        shape = (len(estimates.n_answers), len(estimates.habits))
        if shape != (numbers.n_tasks, numbers.n_workers):
            raise BadAnswers(
                f"Expected a fit of these {numbers.n_tasks} tasks and {numbers.n_workers} workers, "
                f"got one of {shape[0]} and {shape[1]}; fit these answers first."
            )
        self._crowd = estimates.crowd
        self._learns = learns
        n_given = np.bincount(numbers.worker_of_answer, minlength=numbers.n_workers)
        self._workers = [
            _Worker(float(bias), float(spread), float(n), self._crowd.bias)
            for (bias, spread), n in zip(estimates.habits, n_given, strict=True)
        ]
        gold = np.full(numbers.n_tasks, np.nan) if gold_value is None else gold_value
        self._tasks = [_Task(float(known)) for known in gold]
        told = np.full(len(numbers.task_of_answer), np.nan) if predictions is None else predictions
        for row in zip(
            numbers.task_of_answer.tolist(),
            numbers.worker_of_answer.tolist(),
            numbers.value_of_answer.tolist(),
            told.tolist(),
            strict=True,
        ):
            self._tasks[row[0]].hear(*row[1:])

    def add(
        self, *, task: int, worker: int, value: float, prediction: float | None = None
    ) -> OnlineEstimate:
        """Take one more answer and return its task's estimate.

        Parameters
        ----------
        task, worker : int
            Known ones, or the next number for a new one.
        value : float
            The answer.
        prediction : float, optional
            What the worker expects the others to answer.

        Returns
        -------
        OnlineEstimate
            The task's, as `estimate` gives it.

        Raises
        ------
        BadAnswers
            If a number is not known and not the next one, or an answer is no number; nothing is
            changed then.
        """
        for name, code, size in (
            ("task", task, len(self._tasks) + 1),
            ("worker", worker, len(self._workers) + 1),
        ):
            if not 0 <= code < size:
                raise BadAnswers(f"Expected a {name} from 0 to {size - 1}, got {code}.")
        for name, number in (("value", value), ("prediction", prediction)):
            if number is not None and not abs(number) <= VALUE_MAX:
                raise BadAnswers(
                    f"Expected a {name} from -{VALUE_MAX:g} to {VALUE_MAX:g}, got {number}."
                )
        if task == len(self._tasks):
            self._tasks.append(_Task(np.nan))
        if worker == len(self._workers):
            self._workers.append(_Worker(self._crowd.bias, 1.0, 0.0, self._crowd.bias))
        self._tasks[task].hear(worker, value, np.nan if prediction is None else prediction)
        if self._learns and self._crowd.distance:
            self._learn(task, worker, value)
        return self.estimate(task)

    def estimate(self, task: int) -> OnlineEstimate:
        """Return a task's estimate.

        Parameters
        ----------
        task : int
            A known task.

        Returns
        -------
        OnlineEstimate
            With the interval of 90 %.
        """
        given = self._tasks[task]
        n_answers = len(given.values)
        if not np.isnan(given.gold):
            return OnlineEstimate(given.gold, given.gold, given.gold, n_answers)
        if not n_answers:
            return OnlineEstimate(np.nan, np.nan, np.nan, 0)
        low, middle, high = ends(self._crowd, self._locate(given))
        return OnlineEstimate(float(middle[0]), float(low[0]), float(high[0]), n_answers)

    @property
    def habits(self) -> Floats:
        """What is known of workers by now.

        Returns
        -------
        (n_workers, 2) float64
            Each worker's bias and spread.
        """
        return np.array([[one.bias, one.spread] for one in self._workers]).reshape(-1, 2)

    def _locate(self, given: _Task) -> Located:
        believed = [(self._workers[one].bias, self._workers[one].spread) for one in given.workers]
        predictions = np.array(given.predictions)
        told = None if np.isnan(predictions).all() else predictions
        return locate(
            self._crowd, one_task(self._crowd, np.array(believed), np.array(given.values), told)
        )

    def _learn(self, task: int, worker: int, value: float) -> None:
        given, crowd = self._tasks[task], self._crowd
        located = self._locate(given)
        middle = located.estimate
        if not np.isnan(given.gold):
            middle = on_scale(crowd, np.array([given.gold]))
        error = (on_scale(crowd, np.array([value])) - middle) / (crowd.unit or located.spread)
        error = np.clip(error, -STANDARD_ERROR_MAX, STANDARD_ERROR_MAX)
        # As in the fit: what is left of an error where the answer pulled its centre to itself.
        n = len(given.values)
        left = 1.0
        if np.isnan(given.gold):
            left = (1.0 - float(located.share[-1])) / (1.0 - 1.0 / n) if n > 1 else 0.0
        self._workers[worker].learn(float(error[0]), left=left, pull=crowd.pull)


class _Task:
    __slots__ = ("gold", "predictions", "values", "workers")

    def __init__(self, gold: float) -> None:
        self.gold = gold
        self.workers: list[int] = []
        self.values: list[float] = []
        self.predictions: list[float] = []

    def hear(self, worker: int, value: float, prediction: float) -> None:
        self.workers.append(worker)
        self.values.append(value)
        self.predictions.append(prediction)


class _Worker:
    """A worker's bias and spread, and the sums that they come from, taken back from the fit's."""

    __slots__ = ("_errors", "_n", "_squares", "_usual", "bias", "spread")

    def __init__(self, bias: float, spread: float, n_given: float, usual: float) -> None:
        self.bias, self.spread, self._n, self._usual = bias, spread, n_given, usual
        self._errors = (bias - usual) * (n_given + BIAS_STRENGTH * spread**2)
        self._squares = spread**2 * (n_given + SPREAD_STRENGTH) - SPREAD_STRENGTH

    def learn(self, error: float, *, left: float, pull: float) -> None:
        off = np.array([error - self.bias])
        weight = float(pulled_back(off, np.array([self.spread]), pull)[0])
        self._n += left
        self._errors += weight * (error - self._usual)
        self._squares += (weight * (error - self.bias)) ** 2
        self.bias = self._usual + self._errors / (self._n + BIAS_STRENGTH * self.spread**2)
        self.spread = float(shrunk_spread(np.array([self._squares]), np.array([self._n]))[0])
