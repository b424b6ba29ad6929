"""The one coding of ids to integers.

The platform's verdict job and `dure aggregate` both call it, so that the same answers give the
same numbers to the last bit whatever order their rows come in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dure.truth.types import Answers, Ints, Numbers
from dure.truth.validate import BadAnswers

Ids: TypeAlias = Sequence[str] | NDArray[Any]
Rows: TypeAlias = range | NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class CodedAnswers:
    """Coded choices with the ids behind the codes; `tasks[code]` is a task's id.

    `row_of_answer[i]` is the row of the input that became answer i.
    """

    answers: Answers
    tasks: tuple[str, ...]
    workers: tuple[str, ...]
    classes: tuple[str, ...]
    row_of_answer: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class CodedNumbers:
    """Coded numbers with the ids behind the codes; see `CodedAnswers`."""

    numbers: Numbers
    tasks: tuple[str, ...]
    workers: tuple[str, ...]
    row_of_answer: NDArray[np.int64]


def code_choices(
    tasks: Ids,
    workers: Ids,
    labels: Ids,
    *,
    classes: Iterable[str] | None = None,
    task_keys: Iterable[str] | None = None,
    rows: NDArray[np.int64] | None = None,
) -> CodedAnswers:
    """Code answers that name a class.

    Ids are sorted by code point, and rows by task and worker, so neither the order of the rows
    nor that of `classes` changes the result.

    Parameters
    ----------
    tasks, workers, labels : (n_answers,) text
        Row i is one answer; at most one for each task and worker.
    classes : iterable of text, optional
        All options of the question; by default those that occur.
    task_keys : iterable of text, optional
        All tasks, also those without answers; by default those that occur.
    rows : (n_answers,) int64, optional
        The row that each answer came from, where some were left out; by default its place.

    Returns
    -------
    CodedAnswers
        The answers in canonical order, with the ids behind the codes.

    Raises
    ------
    BadAnswers
        If the columns differ in length, a label or task is not among those given, or a worker
        answered a task twice.
    """
    _check_lengths(tasks=tasks, workers=workers, labels=labels)
    row_names = range(len(tasks)) if rows is None else rows
    _check_lengths(tasks=tasks, rows=row_names)
    task_ids, task_codes = _code(tasks, known=task_keys, noun="task", rows=row_names)
    worker_ids, worker_codes = _code(workers, known=None, noun="worker", rows=row_names)
    class_ids, label_codes = _code(labels, known=classes, noun="class", rows=row_names)
    if not class_ids:
        raise BadAnswers(
            "Expected at least one class, got no answers and no classes; name the options."
        )
    order = _canonical_order(task_codes, worker_codes, task_ids, worker_ids, row_names)
    answers = Answers(
        task_of_answer=task_codes[order],
        worker_of_answer=worker_codes[order],
        label_of_answer=label_codes[order],
        n_tasks=len(task_ids),
        n_workers=len(worker_ids),
        n_labels=len(class_ids),
    )
    came_from = order if rows is None else rows[order]
    return CodedAnswers(answers, task_ids, worker_ids, class_ids, came_from)


def code_numbers(
    tasks: Ids,
    workers: Ids,
    values: Sequence[float] | NDArray[Any],
    *,
    task_keys: Iterable[str] | None = None,
) -> CodedNumbers:
    """Code answers that are numbers.

    Rows are put in the same canonical order as by `code_choices`.

    Parameters
    ----------
    tasks, workers : (n_answers,) text
        Row i is one answer; at most one for each task and worker.
    values : (n_answers,) numbers
        The answers.
    task_keys : iterable of text, optional
        All tasks, also those without answers; by default those that occur.

    Returns
    -------
    CodedNumbers
        The answers in canonical order, with the ids behind the codes.

    Raises
    ------
    BadAnswers
        If the columns differ in length, a task is not among those given, or a worker answered a
        task twice.
    """
    _check_lengths(tasks=tasks, workers=workers, values=values)
    rows = range(len(tasks))
    task_ids, task_codes = _code(tasks, known=task_keys, noun="task", rows=rows)
    worker_ids, worker_codes = _code(workers, known=None, noun="worker", rows=rows)
    order = _canonical_order(task_codes, worker_codes, task_ids, worker_ids, rows)
    numbers = Numbers(
        task_of_answer=task_codes[order],
        worker_of_answer=worker_codes[order],
        value_of_answer=np.asarray(values, dtype=np.float64)[order],
        n_tasks=len(task_ids),
        n_workers=len(worker_ids),
    )
    return CodedNumbers(numbers, task_ids, worker_ids, order)


def _check_lengths(**columns: Ids | Rows | Sequence[float]) -> None:
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        came = ", ".join(f"{length} {name}" for name, length in lengths.items())
        raise BadAnswers(f"Expected columns of one length, got {came}; give one of each per row.")


def _code(
    ids: Ids, *, known: Iterable[str] | None, noun: str, rows: Rows
) -> tuple[tuple[str, ...], Ints]:
    """Code ids by their place among the sorted distinct ones.

    A dictionary beats sorting the rows: 1 M short ids take .1 s instead of 2 s by numpy.unique.
    """
    listed: list[Any] = ids.tolist() if isinstance(ids, np.ndarray) else list(ids)
    first_seen: dict[Any, int] = {}
    code_in_order_seen = np.fromiter(
        (first_seen.setdefault(one, len(first_seen)) for one in listed),
        np.int32,
        len(listed),
    )
    _check_texts(first_seen, listed, noun, rows)
    names = tuple(sorted(first_seen if known is None else set(known)))
    place = {name: code for code, name in enumerate(names)}
    stray = next((one for one in first_seen if one not in place), None)
    if stray is not None:
        some = ", ".join(repr(name) for name in islice(names, 5))
        more = ", ..." if len(names) > 5 else ""
        raise BadAnswers(
            f"Expected each {noun} to be one of {some}{more}; got {stray!r} in row "
            f"{rows[listed.index(stray)]}; leave the row out or add the {noun}."
        )
    code_of_seen = np.fromiter((place[one] for one in first_seen), np.int32, len(first_seen))
    return names, (code_of_seen[code_in_order_seen] if listed else code_in_order_seen)


def _check_texts(distinct: dict[Any, int], listed: list[Any], noun: str, rows: Rows) -> None:
    for one in distinct:
        if not isinstance(one, str):
            raise BadAnswers(
                f"Expected each {noun} to be text, got {one!r} in row "
                f"{rows[listed.index(one)]}; "
                "write ids as text, so that '01' and '1' stay apart."
            )


def _canonical_order(
    tasks: Ints,
    workers: Ints,
    task_ids: tuple[str, ...],
    worker_ids: tuple[str, ...],
    rows: Rows,
) -> NDArray[np.int64]:
    key = tasks.astype(np.int64) * max(1, len(worker_ids)) + workers
    order = np.argsort(key, kind="stable").astype(np.int64, copy=False)
    ordered = key[order]
    twice = np.flatnonzero(ordered[1:] == ordered[:-1])
    if twice.size:
        first, second = (int(row) for row in order[twice[0] : twice[0] + 2])
        raise BadAnswers(
            f"Expected one answer for each task and worker, got two of worker "
            f"{worker_ids[workers[first]]!r} to task {task_ids[tasks[first]]!r} in rows "
            f"{rows[first]} and {rows[second]}; leave one out."
        )
    return order
