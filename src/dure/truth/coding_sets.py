"""The one coding of sets to arrays, for the platform's verdicts and `dure aggregate` alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth.coding import Ids, code_choices
from dure.truth.types import Sets
from dure.truth.validate import BadAnswers


@dataclass(frozen=True, slots=True, eq=False)
class CodedSets:
    """Coded sets with the ids behind the codes; `classes[k]` is what label k is called.

    `row_of_answer[i]` is the row of the input that became answer i.
    """

    sets: Sets
    tasks: tuple[str, ...]
    workers: tuple[str, ...]
    classes: tuple[str, ...]
    row_of_answer: NDArray[np.int64]


def code_sets(
    tasks: Ids,
    workers: Ids,
    values: Sequence[Sequence[str]],
    *,
    classes: Iterable[str] | None = None,
    task_keys: Iterable[str] | None = None,
) -> CodedSets:
    """Code answers that name any number of classes.

    Ids are sorted by code point, and rows by task and worker, so neither the order of the rows
    nor that of `classes` or within an answer changes the result.

    Parameters
    ----------
    tasks, workers : (n_answers,) text
        Row i is one answer; at most one for each task and worker.
    values : (n_answers,) lists of text
        The classes that each answer names, each once; an empty list is an answer.
    classes : iterable of text, optional
        All options of the question; by default those that occur.
    task_keys : iterable of text, optional
        All tasks, also those without answers; by default those that occur.

    Returns
    -------
    CodedSets
        The answers in canonical order, with the ids behind the codes.

    Raises
    ------
    BadAnswers
        If the columns differ in length, a class or task is not among those given or named twice,
        there are no classes, or a worker answered a task twice.
    """
    if len(values) != len(tasks):
        raise BadAnswers(
            f"Expected columns of one length, got {len(tasks)} tasks, {len(values)} values; "
            "give one of each per row."
        )
    # A set's own label is of no matter to the order: one class for all rows.
    coded = code_choices(tasks, workers, [""] * len(tasks), classes=[""], task_keys=task_keys)
    names = {name for value in values for name in value} if classes is None else set(classes)
    if not names:
        raise BadAnswers(
            "Expected at least one class, got no answers that name one; name the options."
        )
    ids = tuple(sorted(names))
    answers = coded.answers
    return CodedSets(
        Sets(
            task_of_answer=answers.task_of_answer,
            worker_of_answer=answers.worker_of_answer,
            chosen=mark_classes(values, ids)[coded.row_of_answer],
            n_tasks=answers.n_tasks,
            n_workers=answers.n_workers,
            n_labels=len(ids),
        ),
        coded.tasks,
        coded.workers,
        ids,
        coded.row_of_answer,
    )


def mark_classes(values: Sequence[Sequence[str]], classes: Sequence[str]) -> NDArray[np.bool_]:
    """Mark which classes each row names.

    Parameters
    ----------
    values : (n_rows,) lists of text
        The classes of each row.
    classes : (n_classes,) text
        All classes.

    Returns
    -------
    (n_rows, n_classes) bool
        Whether the class is named.

    Raises
    ------
    BadAnswers
        If a row names what is not a class, or a class twice.
    """
    place = {name: code for code, name in enumerate(classes)}
    marks = np.zeros((len(values), len(classes)), bool)
    for row, value in enumerate(values):
        codes = [place.get(name, -1) for name in value]
        if -1 in codes or len(set(codes)) < len(codes):
            raise BadAnswers(
                f"Expected each row to name classes of {', '.join(map(repr, classes[:5]))}"
                f"{', ...' if len(classes) > 5 else ''}, each once; got {list(value)!r} in row "
                f"{row}; leave the row out or add the class."
            )
        marks[row, codes] = True
    return marks
