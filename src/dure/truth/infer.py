"""One call for those who do not want to choose a method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from dure.truth.dawid_skene import dawid_skene
from dure.truth.majority import majority
from dure.truth.numeric import robust_mean
from dure.truth.shared_accuracy import shared_accuracy, workers_differ_by
from dure.truth.types import (
    Answers,
    Estimates,
    Floats,
    Ints,
    Numbers,
    Posterior,
)
from dure.truth.validate import BadAnswers, check_answers

Method: TypeAlias = Literal["auto", "majority", "shared-accuracy", "dawid-skene"]
NumberMethod: TypeAlias = Literal["auto", "robust-mean"]

# How far workers must differ to be told apart. On recorded crowds it is 1.5 to 255; where the same
# answers were dealt to workers at random, 2.6 at most in eighty deals.
STANDARD_ERRORS_MIN = 3.0

_METHODS: dict[str, Callable[..., Posterior]] = {
    "majority": majority,
    "shared-accuracy": shared_accuracy,
    "dawid-skene": dawid_skene,
}


def infer(
    answers: Answers,
    *,
    method: Method = "auto",
    gold_label: Ints | None = None,
    seed: int = 0,
) -> Posterior:
    """Say what the answers conclude, and how surely.

    Assumes nothing beyond `Answers`. `auto` takes Dawid-Skene where workers differ more than
    chance alone would make them, and one accuracy for all otherwise: skill that is not there
    can't help, and to look for it costs. See `docs/truth/infer.md`.

    Parameters
    ----------
    answers : Answers
        At most one answer for each task and worker.
    method : {'auto', 'majority', 'shared-accuracy', 'dawid-skene'}
        The method; the result names the one that was used.
    gold_label : (n_tasks,) int32, optional
        Known labels, -1 where unknown; they inform the fit and come back as certain.
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
    if method != "auto" and method not in _METHODS:
        raise BadAnswers(
            f"Expected the method auto, {', '.join(_METHODS)}, got {method!r}; "
            "numbers go to infer_numbers."
        )
    if method == "auto":
        check_answers(answers)
        differ = workers_differ_by(answers)
        method = "dawid-skene" if differ > STANDARD_ERRORS_MIN else "shared-accuracy"
    return _METHODS[method](answers, gold_label=gold_label, seed=seed)


def infer_numbers(
    numbers: Numbers,
    *,
    method: NumberMethod = "auto",
    gold_value: Floats | None = None,
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
    return robust_mean(numbers, gold_value=gold_value, seed=seed)
