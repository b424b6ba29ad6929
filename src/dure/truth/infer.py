"""One call for those who do not want to choose a method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from dure.truth._hierarchy import MATRIX_EACH, is_worth_its_cells
from dure.truth.dawid_skene import dawid_skene
from dure.truth.majority import majority
from dure.truth.numeric import robust_mean
from dure.truth.one_coin import one_coin
from dure.truth.shared_accuracy import shared_accuracy
from dure.truth.task_difficulty import task_difficulty
from dure.truth.types import (
    USUAL_FIT,
    Answers,
    Estimates,
    FitOptions,
    Floats,
    Ints,
    Numbers,
    Posterior,
)
from dure.truth.validate import BadAnswers, check_answers

Method: TypeAlias = Literal[
    "auto", "majority", "shared-accuracy", "one-coin", "dawid-skene", "task-difficulty"
]
NumberMethod: TypeAlias = Literal["auto", "robust-mean"]

_FITTED: dict[str, Callable[..., Posterior]] = {
    "shared-accuracy": shared_accuracy,
    "one-coin": one_coin,
    "dawid-skene": dawid_skene,
    "task-difficulty": task_difficulty,
}
METHODS: tuple[str, ...] = ("auto", "majority", *_FITTED)


def infer(
    answers: Answers,
    *,
    method: Method = "auto",
    gold_label: Ints | None = None,
    options: FitOptions = USUAL_FIT,
    seed: int = 0,
) -> Posterior:
    """Say what the answers conclude, and how surely.

    Assumes nothing beyond `Answers`. `auto` gives each worker a matrix, as near to what all have
    in common as the answers make likely: few answers, or workers who can't be told apart, leave
    little of their own. Where answers are too few for so many labels it gives each one coin.
    See `docs/truth/infer.md`.

    Parameters
    ----------
    answers : Answers
        At most one answer for each task and worker.
    method : {'auto', 'majority', 'shared-accuracy', 'one-coin', 'dawid-skene', 'task-difficulty'}
        The method; the result names the one that was used.
    gold_label : (n_tasks,) int32, optional
        Known labels, -1 where unknown; they inform the fit and come back as certain.
    options : FitOptions
        How to fit; majority has nothing to fit and leaves them aside.
    seed : int
        The same seed gives the same bits.

    Returns
    -------
    Posterior
        Probabilities, labels, the workers' skill and how the fit ended.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other or the method is not known.

    Notes
    -----
    Source: our own measurements, `docs/truth/infer.md`.
    """
    if method not in METHODS:
        raise BadAnswers(
            f"Expected the method {', '.join(METHODS)}, got {method!r}; "
            "numbers go to infer_numbers."
        )
    if method == "auto":
        check_answers(answers)
        method = "dawid-skene" if is_worth_its_cells(MATRIX_EACH, answers) else "one-coin"
    if method == "majority":
        return majority(answers, gold_label=gold_label, seed=seed)
    return _FITTED[method](answers, gold_label=gold_label, options=options, seed=seed)


def infer_numbers(
    numbers: Numbers,
    *,
    method: NumberMethod = "auto",
    gold_value: Floats | None = None,
    low: float | None = None,
    high: float | None = None,
    predictions: Floats | None = None,
    seed: int = 0,
) -> Estimates:
    """Say what the numbers conclude, with a 90 % interval.

    Assumes nothing beyond `Numbers`. `auto` is the robust mean, the only method so far.

    Parameters
    ----------
    numbers : Numbers
        At most one answer for each task and worker.
    method : {'auto', 'robust-mean'}
        The method; the result names the one that was used.
    gold_value : (n_tasks,) float64, optional
        Known values, nan where unknown; they inform the fit and come back as they are.
    low, high : float, optional
        The least and the greatest number that the question allows.
    predictions : (n_answers,) float64, optional
        What each answer's worker expects the others to answer on average, nan where not given.
    seed : int
        The same seed gives the same bits.

    Returns
    -------
    Estimates
        Estimates, intervals, the workers' skill and how the fit ended.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other or the method is not known.

    Notes
    -----
    Source: see `robust_mean`.
    """
    if method not in ("auto", "robust-mean"):
        raise BadAnswers(
            f"Expected the method auto or robust-mean, got {method!r}; labels go to infer."
        )
    return robust_mean(
        numbers, gold_value=gold_value, low=low, high=high, predictions=predictions, seed=seed
    )
