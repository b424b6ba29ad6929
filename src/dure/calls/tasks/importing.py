"""Adding tasks, a few or a hundred thousand: streamed, by key, each bad line told by its number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import orjson
from django.db import connection, transaction

from dure import outbox
from dure.calls.models import Call, State
from dure.calls.queries import hold_call
from dure.calls.tasks.contents import check_content, check_fit, name_items
from dure.calls.tasks.values import read_value
from dure.errors import Invalid, Sentence, TooLarge, WrongState
from dure.nesting import read_json
from dure.people import audit

ROWS_MAX = 1_000_000
BATCH_ROWS_MAX = 5_000
BATCH_BYTES_MAX = 4 * 2**20
REFUSED_SHOWN_MAX = 1_000
KEY_LETTERS_MAX = 200
# So few do not change a plan, be the table ever so small.
STATISTICS_ROWS_MIN = 1_000
FIELDS = ("key", "content", "gold")


class Closed(WrongState):
    """This call is closed and takes no more tasks; make a new call for them."""

    code = "call-closed"


class TooManyRows(TooLarge):
    """One import takes at most {rows_max} tasks; those before stay, send the rest in pieces."""


class NotAllGood(Invalid):
    """Some lines can't be tasks, so nothing was added; mend them, or leave out strict."""

    code = "lines-refused"

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


class Flawed(Protocol):
    """A line that its reader could not make a task of."""

    @property
    def line(self) -> int: ...
    @property
    def reason(self) -> str: ...


class Refused(NamedTuple):
    """A line that can't be a task; where its reason is a `Sentence`, pages can translate it."""

    line: int
    reason: str


@dataclass(slots=True)
class Report:
    """What became of the lines; at most a thousand of the refused ones are told one by one."""

    added: int = 0
    same: int = 0
    refused_total: int = 0
    refused: list[Refused] = field(default_factory=list)

    def refuse(self, line: int, reason: str) -> None:
        self.refused_total += 1
        if len(self.refused) < REFUSED_SHOWN_MAX:
            self.refused.append(Refused(line, reason))


class _Ready(NamedTuple):
    line: int
    key: str
    content: bytes
    gold: bytes


def add_tasks(
    *, call: Call, rows: Iterable[tuple[int, object] | Flawed], strict: bool, by: str
) -> Report:
    """Add what rows tell of, (line, {key, content, gold?}) each; a key given twice is one task.

    Each batch is a transaction of its own, since sending the rest again is safe; strict is one
    transaction, which stays only if no line was refused.
    """
    report = Report()
    whole: AbstractContextManager[Any] = transaction.atomic() if strict else nullcontext()
    with whole:
        for batch in _batches(rows, report):
            _add_batch(call, batch, report, by=by, is_dry=strict and report.refused_total > 0)
        report.refused.sort()
        if strict and report.refused_total:
            raise NotAllGood(report)
    if report.added >= STATISTICS_ROWS_MIN:
        with connection.cursor() as cursor:
            cursor.execute("select tasks_analyze_after(%s)", [report.added])
    return report


def _batches(
    rows: Iterable[tuple[int, object] | Flawed], report: Report
) -> Iterator[list[tuple[int, dict[str, Any]]]]:
    """Rows that have a key and content at all, a few thousand at once; the others are refused."""
    batch: list[tuple[int, dict[str, Any]]] = []
    batch_bytes = 0
    for number, row in enumerate(rows, start=1):
        if number > ROWS_MAX:
            raise TooManyRows(rows_max=ROWS_MAX)
        if not isinstance(row, tuple):
            report.refuse(row.line, row.reason)
            continue
        line, fields = row
        try:
            checked = _check_row(fields)
        except Invalid as misfit:
            report.refuse(line, misfit.sentence)
            continue
        batch.append((line, checked))
        batch_bytes += len(checked["content"])
        if len(batch) >= BATCH_ROWS_MAX or batch_bytes >= BATCH_BYTES_MAX:
            yield batch
            batch, batch_bytes = [], 0
    # An import without one good line still asks whether the call takes tasks.
    yield batch


def _check_row(row: object) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise Invalid("A task should be an object with key and content; got {row!r:.80}.", row=row)
    unknown = sorted(str(name) for name in set(row) - set(FIELDS))
    if unknown:
        raise Invalid(
            "A task has no field {name!r}; its fields are key, content, gold.", name=unknown[0]
        )
    key = row.get("key")
    if not isinstance(key, str) or not 0 < len(key) <= KEY_LETTERS_MAX or "\0" in key:
        raise Invalid(
            "key should be a text of 1 to {most} letters; got {key!r:.80}.",
            most=KEY_LETTERS_MAX,
            key=key,
        )
    return {"key": key, "content": check_content(row.get("content")), "gold": row.get("gold")}


def _add_batch(
    call: Call,
    batch: list[tuple[int, dict[str, Any]]],
    report: Report,
    *,
    by: str,
    is_dry: bool,
) -> None:
    with transaction.atomic():
        # Held, so that the call can't close, nor its question change, before these are in; and so
        # that of two imports at once the second sees what the first has added.
        held = hold_call(call.pk)
        if held.state == State.CLOSED:
            raise Closed
        ready = list(_fitting(held, batch, report))
        if is_dry or not ready:
            return
        added = _write(held, ready, report)
        if added:
            audit.record(
                organisation=held.organisation,
                by=by,
                action="add tasks",
                thing=f"call:{held.pk}",
                added=added,
            )
            outbox.write(topic="tasks.add", key=str(held.pk), added=added)


def _fitting(
    call: Call, batch: list[tuple[int, dict[str, Any]]], report: Report
) -> Iterator[_Ready]:
    """Tasks that can be asked the question and whose gold answers it, each key once."""
    seen: dict[str, _Ready] = {}
    for line, row in batch:
        try:
            gold = read_task(call, content=row["content"], gold=row["gold"])
        except Invalid as misfit:
            report.refuse(line, misfit.sentence)
            continue
        ready = _Ready(line, row["key"], row["content"], orjson.dumps(gold))
        earlier = seen.setdefault(ready.key, ready)
        if earlier is ready:
            yield ready
        elif _means_same(earlier, ready):
            report.same += 1
        else:
            report.refuse(line, _taken(ready.key))


def read_task(call: Call, *, content: bytes, gold: object) -> object:
    """The gold as it is stored, of a task whose content and gold fit the call's question."""
    items = None
    if call.question["type"] in ("pair", "rank", "box"):
        shown = orjson.loads(content)
        check_fit(call.question, shown, own=call.language)
        items = name_items(shown, own=call.language)
    if gold is None:
        return None
    try:
        given = read_value(call.question, _read_cell(call.question, gold), items=items)
    except Invalid as misfit:
        raise Invalid("gold does not answer the question. {why}", why=misfit.sentence) from None
    return given.value if given.text is None else given.text


def _read_cell(question: dict[str, Any], gold: object) -> object:
    """CSV has no numbers and no lists, only texts of them."""
    if not isinstance(gold, str):
        return gold
    if question["type"] == "number":
        return _read_number(gold)
    if question["type"] in ("multi", "rank", "box"):
        try:
            return read_json(gold)
        except orjson.JSONDecodeError:
            return gold
    return gold


def _read_number(words: str) -> int | float:
    try:
        return int(words) if words.strip().lstrip("+-").isdecimal() else float(words)
    except ValueError:
        raise Invalid("Expected a number; got {words!r:.60}.", words=words) from None


def _means_same(one: _Ready, other: _Ready) -> bool:
    return (orjson.loads(one.content), one.gold) == (orjson.loads(other.content), other.gold)


def _write(call: Call, ready: list[_Ready], report: Report) -> int:
    added = _ask(
        "select tasks_add(%s, %s, %s::varchar[], %s::jsonb[], %s::jsonb[])",
        [call.pk, call.answers_max],
        ready,
    )
    known = [one for one in ready if one.key not in added]
    same = known and _ask(
        "select tasks_same(%s, %s::varchar[], %s::jsonb[], %s::jsonb[])", [call.pk], known
    )
    for one in known:
        if one.key not in same:
            report.refuse(one.line, _taken(one.key))
    report.added += len(added)
    report.same += len(same)
    return len(added)


def _ask(query: str, arguments: list[int], tasks: list[_Ready]) -> set[str]:
    columns = [
        [one.key for one in tasks],
        [one.content.decode() for one in tasks],
        [one.gold.decode() for one in tasks],
    ]
    with connection.cursor() as cursor:
        cursor.execute(query, [*arguments, *columns])
        return {key for (key,) in cursor.fetchall()}


def _taken(key: str) -> str:
    return Sentence(
        "The key {key!r} is taken by a task with other content or gold; choose another key.",
        key=key,
    )
