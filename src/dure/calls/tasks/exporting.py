"""Verdicts and answers out, as CSV, JSONL or JSON: a stream in constant memory, of one moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any, LiteralString

import orjson
from psycopg.sql import SQL, Composable, Identifier
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
from dure.calls.tasks.questions import has_model
from dure.errors import WrongState

GOLD_COLUMNS = ("task", "truth")
ANSWER_COLUMNS = ("id", "task", "worker", "answer", "phase", "late", "at")
# SQL types of columns that are not text, for formats that have types.
TYPES = {
    "probability": "DOUBLE",
    "estimate": "DOUBLE",
    "low": "DOUBLE",
    "high": "DOUBLE",
    "answers": "INTEGER",
    "late": "BOOLEAN",
    "counted": "BIGINT",
    "checked": "BIGINT",
    "base_minor": "BIGINT",
    "value_minor": "BIGINT",
    "sum_minor": "BIGINT",
}
SHARE_PREFIX = "p:"


class NoModelYet(WrongState):
    """This type has no model yet: its tasks are decided at their maximum; read the answers."""

    code = "no-model-yet"


def type_of(column: str) -> str | None:
    return "DOUBLE" if column.startswith(SHARE_PREFIX) else TYPES.get(column)


def stream_verdicts(*, call: Call, form: Form) -> Iterator[bytes]:
    """What the crowd concludes so far; a task without a verdict is there, with nothing said."""
    if not has_model(call.question):
        raise NoModelYet
    return _stream_verdicts(call, form)


def stream_answers(*, call: Call, form: Form) -> Iterator[bytes]:
    """Every answer that stands, late ones marked, in the order they came.

    In CSV, words that a spreadsheet would run as a formula have an apostrophe before them.
    """
    rows = SQL("from tasks_answer_rows({})").format(Value(call.pk))
    fields = {name: SQL(name) for name in ANSWER_COLUMNS}
    with one_moment() as connection:
        if form in ("csv", "table"):
            task, answer = _task(form), _value("answer #>> '{}'", call=call, form=form)
            query = SQL("select id, {}, worker, {}, phase, late, at {}").format(task, answer, rows)
            yield from csv_blocks(connection, list(ANSWER_COLUMNS), query)
        else:
            line = json_object({**fields, "late": SQL("late::bool")})
            lines = copy_lines(connection, AS_LINES.format(SQL("select {} {}").format(line, rows)))
            yield from in_blocks(lines if form == "jsonl" else in_document(b'{"answers": [', lines))


def stream_gold(*, call: Call, form: Form) -> Iterator[bytes]:
    """The truths that are known, by rulings or from the start; what `--gold` and `--truth` read."""
    rows = SQL("from tasks_gold_rows({})").format(Value(call.pk))
    with one_moment() as connection:
        if form in ("csv", "table"):
            task, truth = _task(form), _value("truth #>> '{}'", call=call, form=form)
            query = SQL("select {}, {} {}").format(task, truth, rows)
            yield from csv_blocks(connection, list(GOLD_COLUMNS), query)
        else:
            line = json_object({name: SQL(name) for name in GOLD_COLUMNS})
            lines = copy_lines(connection, AS_LINES.format(SQL("select {} {}").format(line, rows)))
            yield from in_blocks(lines if form == "jsonl" else in_document(b'{"gold": [', lines))


def _stream_verdicts(call: Call, form: Form) -> Iterator[bytes]:
    is_number = call.question["type"] == "number"
    names = ["task", "estimate", "low", "high", "answers"] if is_number else [
        "task", "label", "probability", "answers"
    ]  # fmt: skip
    rows = SQL("from tasks_verdict_rows({})").format(Value(call.pk))
    fields: dict[str, Composable] = {name: Identifier(name) for name in names}
    with one_moment() as connection:
        run, classes = _read_run(connection, call)
        if form in ("csv", "table"):
            shares = [SQL("posterior[{}]").format(Value(n + 1)) for n in range(len(classes))]
            shown = {**fields, "task": _task(form)}
            if not is_number:
                shown["label"] = _value("label", call=call, form=form)
            chosen = SQL(", ").join([*shown.values(), *shares])
            yield from csv_blocks(
                connection,
                [*names, *(SHARE_PREFIX + name for name in classes)],
                SQL("select {} {}").format(chosen, rows),
            )
        elif form == "jsonl":
            line = json_object(fields)
            if classes:
                line = SQL("left({}::text, -1) || ', ' || ltrim({}::text, '{{ ')").format(
                    line, SQL("tasks_shares({}, posterior)").format(Value(classes))
                )
            query = AS_LINES.format(SQL("select {} {}").format(line, rows))
            yield from in_blocks(copy_lines(connection, query))
        else:
            line = json_object({**fields, "state": SQL("state")})
            lines = copy_lines(connection, AS_LINES.format(SQL("select {} {}").format(line, rows)))
            head = orjson.dumps(run, option=orjson.OPT_UTC_Z)
            yield from in_blocks(in_document(head[:-1] + b',"verdicts": [', lines))


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
        return found, [option["value"] for option in call.question.get("options", [])]
    return {**found, "as_of": found["as_of"].astimezone(UTC)}, classes


def _task(form: Form) -> Composable:
    return SQL("tasks_defuse(task)" if form == "csv" else "task")


def _value(expression: LiteralString, *, call: Call, form: Form) -> Composable:
    """Numbers stay numbers; whatever else was written, by whomever, runs nothing."""
    is_as_given = form != "csv" or call.question["type"] == "number"
    return SQL(expression if is_as_given else "tasks_defuse(" + expression + ")")
