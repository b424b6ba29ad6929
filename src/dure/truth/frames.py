"""Answers out of a table of any of the usual kinds, none of which this imports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dure.truth.coding import CodedAnswers, code_choices
from dure.truth.validate import BadAnswers

# How each kind of column becomes a list: pyarrow, Polars, then pandas and numpy.
LISTINGS = ("to_pylist", "to_list", "tolist")
# What pandas calls a value that is missing, which equals nothing and has no truth value.
MISSING_IN_PANDAS = ("NAType", "NaTType")


def code_frame(
    frame: Any,
    *,
    columns: tuple[str, str, str] = ("task", "worker", "answer"),
    classes: Iterable[str | int] | None = None,
    task_keys: Iterable[str | int] | None = None,
) -> CodedAnswers:
    """Code the answers of a table that name a class.

    Takes a pandas or Polars DataFrame, a pyarrow Table or a dict of columns. Whole numbers become
    their decimal text. Rows whose answer is None, nan, pandas.NA or '' are skips and left out.

    Parameters
    ----------
    frame : table
        Row i is one answer; at most one for each task and worker.
    columns : (task, worker, answer) text
        What the columns are called.
    classes : iterable of text or whole numbers, optional
        All options of the question; by default those that occur.
    task_keys : iterable of text or whole numbers, optional
        All tasks, also those without answers; by default those that occur.

    Returns
    -------
    CodedAnswers
        As `code_choices` gives them; `row_of_answer` names rows of the frame, from 0.

    Raises
    ------
    BadAnswers
        If a column is missing, holds neither text nor whole numbers or differs in length, a row
        has no task or no worker, or `code_choices` refuses the answers.

    Notes
    -----
    Source: none.
    """
    listed = {name: _listed(frame, name) for name in _checked(columns, _names(frame))}
    _check_lengths(listed)
    task, worker, answer = columns
    tasks = _ids(listed[task], f"column {task!r}")
    workers = _ids(listed[worker], f"column {worker!r}")
    answers = _texts(listed[answer], f"column {answer!r}")
    rows = np.flatnonzero([bool(one) for one in answers]).astype(np.int64, copy=False)
    return code_choices(
        _at(rows, tasks),
        _at(rows, workers),
        _at(rows, answers),
        classes=None if classes is None else _ids(list(classes), "classes"),
        task_keys=None if task_keys is None else _ids(list(task_keys), "task_keys"),
        rows=rows,
    )


def _names(frame: Any) -> list[Any]:
    if isinstance(frame, Mapping):
        return list(frame)
    # A pyarrow Table has `columns` too, but they are the columns themselves.
    names = getattr(frame, "column_names", None)
    names = getattr(frame, "columns", None) if names is None else names
    if names is None or not hasattr(frame, "__getitem__"):
        raise BadAnswers(
            "Expected a pandas or Polars DataFrame, a pyarrow Table or a dict of columns, got "
            f"{type(frame).__name__}; give the answers as one of these."
        )
    return list(names)


def _checked(columns: Sequence[str], names: Sequence[Any]) -> Sequence[str]:
    if len(columns) != 3 or len(set(columns)) != 3:
        raise BadAnswers(
            "Expected the names of three different columns, those of the task, the worker and the "
            f"answer, got {columns!r}."
        )
    for column in columns:
        if column not in names:
            there = ", ".join(repr(name) for name in names) or "none"
            raise BadAnswers(
                f"Expected a column {column!r}, got {there}; rename it or name it with columns=."
            )
        if names.count(column) > 1:
            raise BadAnswers(f"Expected one column {column!r}, got several; keep one.")
    return columns


def _listed(frame: Any, name: str) -> list[Any]:
    try:
        column = frame[name]
    except TypeError as error:
        # A Polars LazyFrame knows its names, but has no values yet.
        raise BadAnswers(
            f"Expected a table that holds its values, got {type(frame).__name__}; collect it first."
        ) from error
    for listing in LISTINGS:
        if hasattr(column, listing):
            return list(getattr(column, listing)())
    if isinstance(column, str) or not isinstance(column, Iterable):
        raise BadAnswers(
            f"Expected column {name!r} to hold a value for each row, got {column!r}; "
            "give it as a list."
        )
    return list(column)


def _check_lengths(listed: Mapping[str, Sequence[Any]]) -> None:
    if len({len(column) for column in listed.values()}) > 1:
        came = ", ".join(f"{len(column)} of {name!r}" for name, column in listed.items())
        raise BadAnswers(f"Expected columns of one length, got {came}; give one of each per row.")


def _ids(values: list[Any], place: str) -> list[str]:
    texts = _texts(values, place)
    if not all(texts):
        row = texts.index("")
        raise BadAnswers(
            f"Expected a value in {place}, got {values[row]!r} in row {row}; "
            "fill it in or leave the row out."
        )
    return texts


def _texts(values: list[Any], place: str) -> list[str]:
    """Return each value's text, '' where it is missing."""
    kinds = set(map(type, values))
    # The usual columns are all of one kind, and these two ways are ten times as fast.
    if kinds <= {str}:
        return values
    if kinds <= {int}:
        return list(map(str, values))
    return [_text(value, place, row) for row, value in enumerate(values)]


def _text(value: Any, place: str, row: int) -> str:
    if isinstance(value, str):
        return str(value)
    if value is None or type(value).__name__ in MISSING_IN_PANDAS:
        return ""
    if isinstance(value, Integral) and not isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float | np.floating):
        if np.isnan(value):
            return ""
        way_out = "astype('Int64') makes whole numbers of a pandas column that became floats"
    else:
        way_out = "turn the column into text first"
    raise BadAnswers(
        f"Expected text or whole numbers in {place}, got {value!r} of type "
        f"{type(value).__name__} in row {row}; {way_out}."
    )


def _at(rows: NDArray[np.int64], texts: list[str]) -> list[str]:
    return texts if len(rows) == len(texts) else [texts[row] for row in rows.tolist()]
