"""Answers and truths out, as CSV, JSONL or JSON: a stream in constant memory, of one moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

from psycopg.sql import SQL, Composable
from psycopg.sql import Literal as Value

from dure.calls.copying import (
    AS_LINES,
    Form,
    copy_lines,
    csv_blocks,
    in_blocks,
    in_document,
    json_object,
    one_moment,
)
from dure.calls.models import Call
from dure.calls.tasks.contents import SIDES

GOLD_COLUMNS = ("task", "truth")
PREDICTION_COLUMNS = ("task", "worker", "value", "prediction")
ANSWER_COLUMNS = ("id", "task", "worker", "answer", "phase", "late", "at")
# SQL types of columns that are not text, for formats that have types.
TYPES = {
    "probability": "DOUBLE",
    "estimate": "DOUBLE",
    "low": "DOUBLE",
    "high": "DOUBLE",
    "answers": "INTEGER",
    "share": "DOUBLE",
    "score": "DOUBLE",
    "rank": "BIGINT",
    "rank_low": "BIGINT",
    "rank_high": "BIGINT",
    "comparisons": "BIGINT",
    "component": "BIGINT",
    "x": "DOUBLE",
    "y": "DOUBLE",
    "w": "DOUBLE",
    "h": "DOUBLE",
    "marked": "INTEGER",
    "margin": "DOUBLE",
    "pivot": "DOUBLE",
    "prediction": "DOUBLE",
    "late": "BOOLEAN",
    "counted": "BIGINT",
    "checked": "BIGINT",
    "base_minor": "BIGINT",
    "value_minor": "BIGINT",
    "sum_minor": "BIGINT",
}
SHARE_PREFIX = "p:"


def type_of(column: str) -> str | None:
    return "DOUBLE" if column.startswith(SHARE_PREFIX) else TYPES.get(column)


def stream_answers(*, call: Call, form: Form) -> Iterator[bytes]:
    """Every answer that stands, late ones marked, in the order they came.

    In CSV, words that a spreadsheet would run as a formula have an apostrophe before them.
    """
    cells: dict[str, Composable] = {name: SQL(name) for name in ANSWER_COLUMNS}
    if call.question["type"] == "pair":
        # Without what was compared, a pair's answers would say nothing.
        cells |= {side: _side(side, call=call, form=form) for side in SIDES}
    fields = {**cells, "late": SQL("late::bool")}
    cells |= {
        "task": name_of_task(form),
        "answer": as_given("answer #>> '{}'", call=call, form=form),
    }
    rows = SQL("from tasks_answer_rows({})").format(Value(call.pk))
    yield from _stream("answers", rows, form, cells=cells, fields=fields)


def stream_gold(*, call: Call, form: Form) -> Iterator[bytes]:
    """The truths that are known, by rulings or from the start; what `--gold` and `--truth` read."""
    fields: dict[str, Composable] = {name: SQL(name) for name in GOLD_COLUMNS}
    truth = as_given("truth #>> '{}'", call=call, form=form)
    cells = {**fields, "task": name_of_task(form), "truth": truth}
    rows = SQL("from tasks_gold_rows({})").format(Value(call.pk))
    yield from _stream("gold", rows, form, cells=cells, fields=fields)


def stream_predictions(*, call: Call, form: Form) -> Iterator[bytes]:
    """What people expected of the others; what `--predictions` reads."""
    fields: dict[str, Composable] = {name: SQL(name) for name in PREDICTION_COLUMNS}
    value = as_given("value", call=call, form=form)
    cells = {**fields, "task": name_of_task(form), "value": value}
    rows = SQL("from tasks_prediction_rows({})").format(Value(call.pk))
    yield from _stream("predictions", rows, form, cells=cells, fields=fields)


def _stream(
    name: str,
    rows: Composable,
    form: Form,
    *,
    cells: dict[str, Composable],
    fields: dict[str, Composable],
) -> Iterator[bytes]:
    """Rows as a table of `cells`, or as JSON of `fields`: lines, or a document with a `name`."""
    with one_moment() as connection:
        if form in ("csv", "table"):
            query = SQL("select {} {}").format(SQL(", ").join(cells.values()), rows)
            yield from csv_blocks(connection, list(cells), query)
        else:
            query = SQL("select {} {}").format(json_object(fields), rows)
            lines = copy_lines(connection, AS_LINES.format(query))
            head = f'{{"{name}": ['.encode()
            yield from in_blocks(lines if form == "jsonl" else in_document(head, lines))


def _side(side: str, *, call: Call, form: Form) -> Composable:
    words = SQL("tasks_side(content -> {}, {})").format(Value(side), Value(call.language))
    return SQL("tasks_defuse({})").format(words) if form == "csv" else words


def name_of_task(form: Form) -> Composable:
    return SQL("tasks_defuse(task)" if form == "csv" else "task")


def as_given(expression: LiteralString, *, call: Call, form: Form) -> Composable:
    """Numbers stay numbers; whatever else was written, by whomever, runs nothing."""
    is_as_given = form != "csv" or call.question["type"] == "number"
    return SQL(expression if is_as_given else "tasks_defuse(" + expression + ")")
