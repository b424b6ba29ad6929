"""How far each answer moved an estimate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dure.truth._location import Located, locate, off_scale, one_task
from dure.truth.number_crowd import NumberCrowd
from dure.truth.types import Estimates, Floats, Numbers
from dure.truth.validate import BadAnswers, check_predictions


@dataclass(frozen=True, slots=True, eq=False)
class NumberExplanation:
    """How an estimate came from `start`, the middle of its answers, in the answers' own unit.

    `pull_of_answer[i]` is how far answer i moved it, up or down, and `share_of_answer[i]` its
    weight, which sum to 1. `lean` is how far what is usual in the call moved it, and `bound` how
    far the question's bounds. `start` and all of these sum to `estimate`.
    """

    start: float
    pull_of_answer: Floats
    share_of_answer: Floats
    lean: float
    bound: float
    estimate: float


def explain_numbers(
    estimates: Estimates, numbers: Numbers, *, task: int, predictions: Floats | None = None
) -> NumberExplanation:
    """Say how far each answer to a task moved its estimate.

    Assumes that `estimates` is the result of a fit to `numbers`. See `docs/truth/numeric.md`.

    Parameters
    ----------
    estimates : Estimates
        The fit.
    numbers : Numbers
        The answers of the fit.
    task : int
        The task; `pull_of_answer` is in the order of its rows in `numbers`.
    predictions : (n_answers,) float64, optional
        Those of the fit, if there were any.

    Returns
    -------
    NumberExplanation
        For a task whose value is known, what its answers alone say.

    Raises
    ------
    BadAnswers
        If there is no such task, or it has no answers.

    Notes
    -----
    Source: see `explain_number_answers`.
    """
    check_predictions(predictions, n_answers=len(numbers.task_of_answer))
    if not 0 <= task < numbers.n_tasks:
        raise BadAnswers(f"Expected a task from 0 to {numbers.n_tasks - 1}, got {task}.")
    rows = np.flatnonzero(numbers.task_of_answer == task)
    return explain_number_answers(
        estimates.crowd,
        estimates.habits[numbers.worker_of_answer[rows]],
        numbers.value_of_answer[rows],
        predictions=None if predictions is None else predictions[rows],
    )


def explain_number_answers(
    crowd: NumberCrowd,
    habits_of_answer: Floats,
    value_of_answer: Floats,
    *,
    predictions: Floats | None = None,
) -> NumberExplanation:
    """Say how far each answer to one task moved its estimate, from what was kept of a fit.

    On the scale of the fit each answer's pull is its weight times its distance from the start.
    On the log scale the pulls are factors: they are shared out in the answers' own unit as if all
    grew together from nothing, which keeps their proportions and their sum.

    Parameters
    ----------
    crowd : NumberCrowd
        What the fit learned of the crowd.
    habits_of_answer : (n_answers, 2) float64
        Bias and spread of each answer's worker; a newcomer's are `crowd.bias` and 1.
    value_of_answer : (n_answers,) float64
        The answers.
    predictions : (n_answers,) float64, optional
        What each answer's worker expects the others to answer, nan where not given.

    Returns
    -------
    NumberExplanation
        Its parts sum to the estimate.

    Raises
    ------
    BadAnswers
        If there are no answers.

    Notes
    -----
    Source: R. J. Aumann and L. S. Shapley, Values of non-atomic games, 1974, for the shares of
    what is not a sum.
    """
    if not len(value_of_answer):
        raise BadAnswers("Expected at least one answer to explain, got none.")
    rows = one_task(crowd, habits_of_answer, value_of_answer, predictions)
    located = locate(crowd, rows)
    start, estimate = float(located.start[0]), float(located.estimate[0])
    pulls, lean = _pulls(crowd, located)
    plain_start, plain = (
        float(np.exp(one)) if crowd.scale == "log" else one for one in (start, estimate)
    )
    moved = estimate - start
    # The slope of the exponential between the two; at no distance, where it stands.
    slope = (plain - plain_start) / moved if abs(moved) > np.finfo(np.float64).eps else plain_start
    factor = slope if crowd.scale == "log" else 1.0
    bounded = float(off_scale(crowd, located.estimate)[0])
    return NumberExplanation(
        start=plain_start,
        pull_of_answer=pulls * factor,
        share_of_answer=located.share,
        lean=lean * factor,
        bound=bounded - plain,
        estimate=bounded,
    )


def _pulls(crowd: NumberCrowd, located: Located) -> tuple[Floats, float]:
    """Return each answer's pull and that of what is usual; they sum to the way from the start."""
    start, lean = float(located.start[0]), float(located.lean[0])
    pulls: Floats = (1.0 - lean) * located.share * (located.unbiased - start)
    if crowd.pivot:
        pulls = pulls + crowd.pivot * located.beyond
    usual = lean * (crowd.centre - start)
    if crowd.distance == 0.0:
        return np.zeros(len(pulls)), 0.0
    # The last bits of the sum.
    rest = float(located.estimate[0]) - start - usual - float(pulls.sum())
    return pulls + rest * located.share, usual
