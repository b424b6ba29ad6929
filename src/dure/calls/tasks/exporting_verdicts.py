"""Verdicts out, as CSV, JSONL or JSON: a stream in constant memory, of one moment.

Files have a row for each task, or where that says more, for each item that was ranked or each box
that was marked. JSON has each task with all that is concluded of it, and the ranking before them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any, LiteralString

import orjson
from psycopg.sql import SQL, Composable, Composed
from psycopg.sql import Literal as Value

from dure.calls.copying import (
    AS_LINES,
    Connection,
    Form,
    copy_lines,
    csv_blocks,
    in_blocks,
    in_document,
    json_object,
    one_moment,
)
from dure.calls.models import Call
from dure.calls.tasks.exporting import SHARE_PREFIX, as_given, name_of_task
from dure.calls.tasks.questions import TYPES_OF_ITEMS

_TASKS = SQL("tasks_verdict_rows({})")
_BOXES = SQL("tasks_box_rows({})")
_ITEMS = SQL("tasks_ranking_rows({})")
# What people named, as columns.
_WORDS: dict[str, LiteralString] = {
    "label": "label",
    "item": "item",
    "surprising": "value ->> 'surprising'",
}
_ITEM_COLUMNS = (
    "item",
    "score",
    "low",
    "high",
    "rank",
    "comparisons",
    "rank_low",
    "rank_high",
    "component",
)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where rows come from, and what their columns are made of."""

    rows: SQL
    columns: dict[str, Composable]

    def query(self, call: Call, chosen: Composable) -> Composed:
        return SQL("select {} from {}").format(chosen, self.rows.format(Value(call.pk)))


def stream_verdicts(*, call: Call, form: Form) -> Iterator[bytes]:
    """What the crowd concludes so far; a task without a verdict is there, with nothing said."""
    with one_moment() as connection:
        run, classes = _read_run(connection, call)
        if form in ("csv", "table"):
            yield from _as_table(connection, call, classes, form)
        elif form == "jsonl":
            shape = _shape_of_files(call)
            line = json_object(shape.columns)
            if classes and shape.rows is _TASKS:
                line = SQL("left({}::text, -1) || ', ' || ltrim({}::text, '{{ ')").format(
                    line, SQL("tasks_shares({}, posterior)").format(Value(classes))
                )
            query = AS_LINES.format(shape.query(call, line))
            yield from in_blocks(copy_lines(connection, query))
        else:
            if call.question["type"] in TYPES_OF_ITEMS:
                run["ranking"] = _read_ranking(connection, call)
            shape = _shape_of_document(call)
            line = json_object({**shape.columns, "state": SQL("state")})
            lines = copy_lines(connection, AS_LINES.format(shape.query(call, line)))
            head = orjson.dumps(run, option=orjson.OPT_UTC_Z)
            yield from in_blocks(in_document(head[:-1] + b',"verdicts": [', lines))


def _as_table(
    connection: Connection, call: Call, classes: list[str], form: Form
) -> Iterator[bytes]:
    shape = _shape_of_files(call)
    shown = dict(shape.columns)
    if "task" in shown:
        shown["task"] = name_of_task(form)
    for words, column in _WORDS.items():
        if words in shown:
            shown[words] = as_given(column, call=call, form=form)
    names, chosen = list(shown), list(shown.values())
    if shape.rows is _TASKS:
        names += [SHARE_PREFIX + name for name in classes]
        chosen += [SQL("posterior[{}]").format(Value(n + 1)) for n in range(len(classes))]
    yield from csv_blocks(connection, names, shape.query(call, SQL(", ").join(chosen)))


def _shape_of_files(call: Call) -> _Shape:
    kind = call.question["type"]
    if kind in TYPES_OF_ITEMS:
        return _Shape(_ITEMS, _named(*_ITEM_COLUMNS))
    if kind == "box":
        columns = _named("task", "x", "y", "w", "h", "label", "probability", "marked", "answers")
        return _Shape(_BOXES, columns)
    if kind == "number":
        columns = _named("task", "estimate", "low", "high", "answers")
        more = {"pivot": SQL("(value ->> 'pivot')::float8")}
    elif kind == "text":
        columns = _named("task", "label", "probability")
        columns |= {"share": SQL("(value ->> 'share')::float8"), **_named("answers")}
        more = {}
    else:
        columns = _named("task", "label", "probability", "answers")
        more = {
            "surprising": SQL(_WORDS["surprising"]),
            "margin": SQL("(value ->> 'margin')::float8"),
        }
    return _Shape(_TASKS, columns | (more if call.question.get("predict") else {}))


def _shape_of_document(call: Call) -> _Shape:
    kind = call.question["type"]
    if kind == "box":
        columns = _named("task", "answers") | {"boxes": SQL("value -> 'boxes'")}
    elif kind == "rank":
        columns = _named("task", "answers")
        columns |= {"label": SQL("label::json"), "items": SQL("value -> 'items'")}
    elif kind == "multi":
        columns = _named("task", "probability", "answers") | {"label": SQL("value")}
    elif kind == "text":
        columns = _shape_of_files(call).columns | {"texts": SQL("value -> 'texts'")}
    elif kind == "pair":
        columns = _named("task", "label", "probability", "answers")
    else:
        columns = _shape_of_files(call).columns
    return _Shape(_TASKS, columns)


def _named(*names: str) -> dict[str, Composable]:
    return {name: SQL(name) for name in names}


def _read_ranking(connection: Connection, call: Call) -> list[dict[str, Any]]:
    query = SQL("select * from {}").format(_ITEMS.format(Value(call.pk)))
    return connection.execute(query).fetchall()


def _read_run(connection: Connection, call: Call) -> tuple[dict[str, Any], list[str]]:
    """What the last fit says of itself and how many answers there are now, and the classes."""
    found = connection.execute(
        "select as_of, method, version, answers_seen, answers_total, classes"
        " from tasks_last_run(%s)",
        [call.pk],
    ).fetchone()
    assert found is not None, "the function gives one row"
    classes = found.pop("classes")
    if classes is None:
        has_shares = call.question["type"] in ("choice", "multi")
        options = call.question.get("options", []) if has_shares else []
        return found, [option["value"] for option in options]
    return {**found, "as_of": found["as_of"].astimezone(UTC)}, classes
