"""One call for those who do not want to choose a method."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from dure.truth.dawid_skene import dawid_skene
from dure.truth.majority import majority
from dure.truth.numeric import robust_mean
from dure.truth.types import (
    NO_LABEL,
    Answers,
    Estimates,
    Floats,
    Ints,
    Numbers,
    Posterior,
)
from dure.truth.validate import BadAnswers, check_answers, check_gold_labels

Method: TypeAlias = Literal["auto", "majority", "dawid-skene"]
NumberMethod: TypeAlias = Literal["auto", "robust-mean"]


def infer(
    answers: Answers,
    *,
    method: Method = "auto",
    gold_label: Ints | None = None,
    seed: int = 0,
) -> Posterior:
    """Say what the answers conclude, and how surely.

    Assumes nothing beyond `Answers`. `auto` takes Dawid-Skene where a worker can be known at all
    (somebody gave two answers, there are two tasks and two labels), and the smoothed majority
    otherwise. See `docs/truth/infer.md`.

    Parameters
    ----------
    answers : Answers
        At most one answer for each task and worker.
    method : {'auto', 'majority', 'dawid-skene'}
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
    if method not in ("auto", "majority", "dawid-skene"):
        raise BadAnswers(
            f"Expected the method auto, majority or dawid-skene, got {method!r}; "
            "numbers go to infer_numbers."
        )
    if method == "auto":
        check_answers(answers)
        check_gold_labels(gold_label, n_tasks=answers.n_tasks, n_labels=answers.n_labels)
        method = "dawid-skene" if _can_know_workers(answers, gold_label) else "majority"
    chosen = dawid_skene if method == "dawid-skene" else majority
    return chosen(answers, gold_label=gold_label, seed=seed)


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


def _can_know_workers(answers: Answers, gold_label: Ints | None) -> bool:
    if answers.n_tasks < 2 or answers.n_labels < 2 or not answers.task_of_answer.size:
        return False
    repeated = int(np.bincount(answers.worker_of_answer).max()) > 1
    informed = gold_label is not None and bool((gold_label != NO_LABEL).any())
    return repeated or informed
