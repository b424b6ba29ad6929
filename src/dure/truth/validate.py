"""The one boundary check of the engine: inside, the arrays are trusted."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dure.truth.types import NO_LABEL, Answers, Floats, Ints, Numbers

# Codes are int32, so this is what they can count.
N_CODES_MAX = 2**31 - 1
# The square of a difference of two such values is still finite.
VALUE_MAX = 1e150


class BadAnswers(ValueError):
    """The answers cannot be used: what was expected, what came, and the way out."""


def check_answers(answers: Answers) -> None:
    """Refuse answers whose arrays do not fit each other.

    Parameters
    ----------
    answers : Answers
        The answers to check; left unchanged.

    Raises
    ------
    BadAnswers
        If a shape, a dtype or a code is not what `Answers` promises.
    """
    _check_sizes(n_tasks=answers.n_tasks, n_workers=answers.n_workers, n_labels=answers.n_labels)
    if answers.n_labels < 1:
        raise BadAnswers(
            "Expected at least one label (n_labels >= 1), got 0; name the options of the question."
        )
    n_answers = _check_pair(answers.task_of_answer, answers.worker_of_answer, answers)
    _check_codes("label_of_answer", answers.label_of_answer, n_answers, answers.n_labels)


def check_numbers(numbers: Numbers) -> None:
    """Refuse numbers whose arrays do not fit each other.

    Parameters
    ----------
    numbers : Numbers
        The numbers to check; left unchanged.

    Raises
    ------
    BadAnswers
        If a shape, a dtype, a code or a value is not what `Numbers` promises.
    """
    _check_sizes(n_tasks=numbers.n_tasks, n_workers=numbers.n_workers)
    n_answers = _check_pair(numbers.task_of_answer, numbers.worker_of_answer, numbers)
    _check_array("value_of_answer", numbers.value_of_answer, np.float64, n_answers)
    _check_values("value_of_answer", numbers.value_of_answer, unknown=False)


def check_gold_labels(gold_label: Ints | None, *, n_tasks: int, n_labels: int) -> None:
    """Refuse known labels that do not fit the answers.

    Parameters
    ----------
    gold_label : (n_tasks,) int32 or None
        The known label of each task, -1 where it is not known.
    n_tasks, n_labels : int
        The sizes that the answers have.

    Raises
    ------
    BadAnswers
        If the shape, the dtype or a label does not fit.
    """
    if gold_label is None:
        return
    _check_array("gold_label", gold_label, np.int32, n_tasks)
    bad = np.flatnonzero((gold_label < NO_LABEL) | (gold_label >= n_labels))
    if bad.size:
        raise BadAnswers(
            f"Expected gold_label from -1 (unknown) to {n_labels - 1}, got {gold_label[bad[0]]} "
            f"for task {bad[0]}; leave that task's gold out or add the label."
        )


def check_gold_values(gold_value: Floats | None, *, n_tasks: int) -> None:
    """Refuse known values that do not fit the answers.

    Parameters
    ----------
    gold_value : (n_tasks,) float64 or None
        The known value of each task, nan where it is not known.
    n_tasks : int
        The number of tasks that the answers have.

    Raises
    ------
    BadAnswers
        If the shape, the dtype or a value does not fit.
    """
    if gold_value is None:
        return
    _check_array("gold_value", gold_value, np.float64, n_tasks)
    _check_values("gold_value", gold_value, unknown=True)


def check_predictions(predictions: Floats | None, *, n_answers: int) -> None:
    """Refuse predictions that do not fit the answers.

    Parameters
    ----------
    predictions : (n_answers,) float64 or None
        What each answer's worker expects of the others, nan where not given.
    n_answers : int
        The number of answers.

    Raises
    ------
    BadAnswers
        If the shape, the dtype or a value does not fit.
    """
    if predictions is None:
        return
    _check_array("predictions", predictions, np.float64, n_answers)
    _check_values("predictions", predictions, unknown=True)


def _check_values(name: str, values: Floats, *, unknown: bool) -> None:
    good = np.abs(values) <= VALUE_MAX
    bad = np.flatnonzero(~(good | np.isnan(values)) if unknown else ~good)
    if bad.size:
        raise BadAnswers(
            f"Expected numbers from -{VALUE_MAX:g} to {VALUE_MAX:g} in {name}"
            f"{' or nan (unknown)' if unknown else ''}, got {values[bad[0]]} "
            f"at position {bad[0]}; leave it out."
        )


def _check_sizes(**sizes: int) -> None:
    for name, size in sizes.items():
        if not isinstance(size, Integral) or not 0 <= size <= N_CODES_MAX:
            raise BadAnswers(f"Expected {name} from 0 to {N_CODES_MAX}, got {size}.")


def _check_pair(tasks: NDArray[Any], workers: NDArray[Any], sizes: Answers | Numbers) -> int:
    n_answers = int(np.size(tasks))
    _check_codes("task_of_answer", tasks, n_answers, sizes.n_tasks)
    _check_codes("worker_of_answer", workers, n_answers, sizes.n_workers)
    return n_answers


def _check_codes(
    name: str,
    codes: NDArray[Any],
    n_answers: int,
    n_codes: int,
    *,
    coded_by: str = "coding",
) -> None:
    _check_array(name, codes, np.int32, n_answers)
    if codes.size and (codes.min() < 0 or codes.max() >= n_codes):
        bad = np.flatnonzero((codes < 0) | (codes >= n_codes))
        raise BadAnswers(
            f"Expected {name} from 0 to {n_codes - 1}, got {codes[bad[0]]} at position {bad[0]}; "
            f"code the answers with dure.truth.{coded_by}."
        )


def _check_array(name: str, array: NDArray[Any], dtype: type[np.generic], *shape: int) -> None:
    if not isinstance(array, np.ndarray) or array.dtype != dtype or array.shape != shape:
        came = (
            f"{array.dtype} of shape {array.shape}"
            if isinstance(array, np.ndarray)
            else type(array).__name__
        )
        raise BadAnswers(
            f"Expected {name} to be a {np.dtype(dtype).name} array of shape {shape}, "
            f"got {came}; convert it with numpy.asarray(..., dtype=numpy.{np.dtype(dtype).name})."
        )
