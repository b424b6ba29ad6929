"""A robust mean with each worker's bias and spread, and an interval."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dure.truth._intervals import NORMAL_95
from dure.truth._location import Located, ends, locate, off_scale, on_scale
from dure.truth._number_fit import SPREAD_STRENGTH, OnScale, learn, rows_of
from dure.truth._number_scale import choose_scale
from dure.truth._spread import medians, resolution
from dure.truth.number_crowd import NumberCrowd
from dure.truth.types import Estimates, Floats, Numbers, Outcome
from dure.truth.validate import BadAnswers, check_gold_values, check_numbers, check_predictions

METHOD = "robust-mean"
VERSION = "2"

CORRELATION = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class _Verdict:
    """What was concluded, and how it ended; `tail` is the errors' fourth moment."""

    crowd: NumberCrowd
    habits: Floats
    located: Located
    tail: float
    outcome: Outcome
    n_iterations: int = 0
    last_change: float = 0.0


def robust_mean(
    numbers: Numbers,
    *,
    gold_value: Floats | None = None,
    low: float | None = None,
    high: float | None = None,
    predictions: Floats | None = None,
    correlation: float = CORRELATION,
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
        Known values, nan where unknown; they are held fixed and so inform bias and spread, and
        tell how much errors go together and whether all answer too high.
    low, high : float, optional
        The least and the greatest number that the question allows. Estimates and intervals stay
        within; answers beyond count as the bound.
    predictions : (n_answers,) float64, optional
        What each answer's worker expects the others to answer on average, nan where not given.
    correlation : float
        From 0 to 1. The variance of the mean of n answers is multiplied by
        1 + correlation * (n - 1); it widens the interval and leaves the estimate alone. Known
        values correct it.
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
    Statistics 35(1), 1964; that logarithms of estimates lie too low: A. B. Kao et al.,
    Counteracting estimation bias and social influence, J. R. Soc. Interface 15, 2018; the pivot:
    A. B. Palley and J. B. Soll, Extracting the wisdom of crowds when information is shared,
    Management Science 65(5), 2019; the rest is our own, measured in `docs/truth/numeric.md`.
    """
    check_numbers(numbers)
    check_gold_values(gold_value, n_tasks=numbers.n_tasks)
    check_predictions(predictions, n_answers=len(numbers.value_of_answer))
    _check_options(low, high, correlation=correlation, n_iterations_max=n_iterations_max)
    gold = np.full(numbers.n_tasks, np.nan) if gold_value is None else gold_value
    order = np.lexsort((numbers.value_of_answer, numbers.worker_of_answer, numbers.task_of_answer))
    ordered = replace(
        numbers,
        task_of_answer=numbers.task_of_answer[order],
        worker_of_answer=numbers.worker_of_answer[order],
        value_of_answer=numbers.value_of_answer[order],
    )
    predicted = None if predictions is None else predictions[order]
    least, most = _bounds(low, high)
    within = replace(ordered, value_of_answer=np.clip(ordered.value_of_answer, least, most))
    crowd = choose_scale(within, gold, low=least, high=most)
    answers = _on_scale(crowd, ordered, gold, predicted)
    distance = answers.value - _centres(answers)[answers.task]
    if not distance.any():
        verdict = _without_fit(crowd, answers)
    else:
        learned = learn(
            crowd,
            answers,
            correlation=correlation,
            change_max=change_max,
            n_iterations_max=n_iterations_max,
        )
        fit = learned.fit
        verdict = _Verdict(
            learned.crowd,
            learned.habits,
            learned.located,
            learned.tail,
            fit.outcome,
            fit.n_iterations,
            fit.last_change,
        )
    return _estimates(verdict, answers, gold, seed=seed)


def _check_options(
    low: float | None, high: float | None, *, correlation: float, n_iterations_max: int
) -> None:
    if not 0.0 <= correlation <= 1.0:
        raise BadAnswers(f"Expected correlation from 0 to 1, got {correlation}.")
    if n_iterations_max < 1:
        raise BadAnswers(f"Expected n_iterations_max of at least 1, got {n_iterations_max}.")
    least, most = _bounds(low, high)
    # Written so that nan is refused too.
    if not least < most:
        raise BadAnswers(f"Expected low to be less than high, got {low} and {high}; swap them?")


def _bounds(low: float | None, high: float | None) -> tuple[float, float]:
    return -np.inf if low is None else low, np.inf if high is None else high


def _on_scale(
    crowd: NumberCrowd, numbers: Numbers, gold: Floats, predictions: Floats | None
) -> OnScale:
    task, worker = numbers.task_of_answer, numbers.worker_of_answer
    return OnScale(
        task=task,
        worker=worker,
        value=on_scale(crowd, numbers.value_of_answer),
        prediction=None if predictions is None else on_scale(crowd, predictions),
        gold=np.log(gold) if crowd.scale == "log" else gold,
        n_answers=np.bincount(task, minlength=numbers.n_tasks).astype(np.int32),
        n_given=np.bincount(worker, minlength=numbers.n_workers).astype(np.int32),
    )


def _centres(answers: OnScale) -> Floats:
    middle = medians(answers.task, answers.value, len(answers.n_answers))
    return np.where(np.isnan(answers.gold), middle, answers.gold)


def _without_fit(crowd: NumberCrowd, answers: OnScale) -> _Verdict:
    """Conclude where no answer differs from another to its task, or from its truth."""
    step = resolution(answers.value) if (answers.n_answers > 1).any() else 0.0
    crowd = replace(crowd, step=step or np.inf)
    outcome = Outcome.DIRECT if step else Outcome.SPREAD_UNKNOWN
    if not len(answers.task):
        outcome = Outcome.NO_ANSWERS
    habits = np.tile([0.0, 1.0], (len(answers.n_given), 1))
    return _Verdict(crowd, habits, locate(crowd, rows_of(answers, habits)), 1.0, outcome)


def _estimates(verdict: _Verdict, answers: OnScale, gold: Floats, *, seed: int) -> Estimates:
    crowd, located = verdict.crowd, verdict.located
    known = ~np.isnan(gold)
    skill, skill_low, skill_high = _skills(verdict, answers)
    pivot = None
    if answers.prediction is not None:
        beyond = located.pivot * (1.0 - crowd.pivot)
        pivot = np.where(known, np.nan, off_scale(crowd, located.estimate + beyond))
    low, estimate, high = (np.where(known, gold, one) for one in ends(crowd, located))
    return Estimates(
        estimate=estimate,
        low=low,
        high=high,
        n_answers=answers.n_answers,
        skill=skill,
        skill_low=skill_low,
        skill_high=skill_high,
        scale=crowd.scale,
        pivot=pivot,
        habits=verdict.habits,
        crowd=crowd,
        outcome=verdict.outcome,
        n_iterations=verdict.n_iterations,
        last_change=verdict.last_change,
        method=METHOD,
        version=VERSION,
        seed=seed,
    )


def _skills(verdict: _Verdict, answers: OnScale) -> tuple[Floats, Floats, Floats]:
    """Return each worker's skill and the ends of its interval."""
    own = verdict.habits[:, 0] ** 2 + verdict.habits[:, 1] ** 2
    n_given = answers.n_given
    crowd = float((n_given * own).sum()) / max(1, int(n_given.sum()))
    # The log of a mean of n squares varies by their fourth moment less one, divided by n.
    noise = np.sqrt(max(verdict.tail - 1.0, 0.0) / (n_given + SPREAD_STRENGTH))
    has_answers = n_given > 0

    def skill(side: float) -> Floats:
        ratio = own * np.exp(side * NORMAL_95 * noise) / max(crowd, np.finfo(np.float64).tiny)
        return np.where(has_answers, 1.0 / (1.0 + ratio), np.nan)

    return skill(0.0), skill(1.0), skill(-1.0)
