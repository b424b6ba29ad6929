"""The one coding of answers in words; see `coding.py`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth.coding import Ids, code_numbers
from dure.truth.types import Texts
from dure.truth.validate import BadAnswers


@dataclass(frozen=True, slots=True, eq=False)
class CodedTexts:
    """Coded texts with the ids behind the codes; see `CodedAnswers`."""

    texts: Texts
    tasks: tuple[str, ...]
    workers: tuple[str, ...]
    row_of_answer: NDArray[np.int64]


def code_texts(
    tasks: Ids,
    workers: Ids,
    values: Sequence[str],
    *,
    task_keys: Iterable[str] | None = None,
) -> CodedTexts:
    """Code answers in words.

    Rows are put in the same canonical order as by `code_choices`.

    Parameters
    ----------
    tasks, workers : (n_answers,) text
        Row i is one answer; at most one for each task and worker.
    values : (n_answers,) text
        The answers, as they were given.
    task_keys : iterable of text, optional
        All tasks, also those without answers; by default those that occur.

    Returns
    -------
    CodedTexts
        The answers in canonical order, with the ids behind the codes.

    Raises
    ------
    BadAnswers
        If the columns differ in length, a value is not text, a task is not among those given, or
        a worker answered a task twice.
    """
    for row, value in enumerate(values):
        if not isinstance(value, str):
            raise BadAnswers(
                f"Expected each answer to be text, got {value!r} in row {row}; "
                "write it as text or leave the row out."
            )
    coded = code_numbers(tasks, workers, np.zeros(len(values)), task_keys=task_keys)
    texts = Texts(
        task_of_answer=coded.numbers.task_of_answer,
        worker_of_answer=coded.numbers.worker_of_answer,
        text_of_answer=tuple(values[row] for row in coded.row_of_answer.tolist()),
        n_tasks=coded.numbers.n_tasks,
        n_workers=coded.numbers.n_workers,
    )
    return CodedTexts(texts, coded.tasks, coded.workers, coded.row_of_answer)
