"""What the crowd concludes: a fit of a call's answers, kept with all it takes to make it again."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from django.db import connection, transaction
from django.db.models import Count

from dure.calls.models import Call
from dure.calls.tasks.contents import SIDES, name_items, name_sides, picture_of
from dure.calls.tasks.fitting.kinds import fit
from dure.calls.tasks.fitting.parts import SEED, Counted, Fit, Ranked
from dure.calls.tasks.learned import put_habits
from dure.calls.tasks.models import Refit, Task, TaskProgress, TaskState, VerdictRun
from dure.calls.tasks.questions import TYPES_OF_ITEMS
from dure.calls.tasks.rulings import rulings_of
from dure.calls.tasks.summaries import summarise

ROWS_AT_ONCE = 10_000
VALUES_KEPT_MAX = 1_000
STIRRED_CALLS_MAX = 100
# Keeps two fits of one call apart; the call's number is added.
FIT_LOCK = 4_973_000_000_000_000


class Mark(NamedTuple):
    """How far a call's answers were settled when they were looked at."""

    up_to: int
    events: int
    as_of: datetime


def decide_tasks(*, call_id: int) -> VerdictRun | None:
    """Fit a call's answers and set its tasks' states; None if another fit of it is under way."""
    with _one_fit_at_a_time(call_id) as is_mine:
        if not is_mine:
            return None
        started = time.monotonic()
        call = Call.objects.get(pk=call_id)
        mark = mark_seen(call_id)
        counted = read_counted(call, up_to=mark.up_to, as_of=mark.as_of)
        result = fit(question=call.question, counted=counted)
        run = _store(call, mark, result, counted)
        summary = summarise(call.question, result, counted)
        _note(call_id, mark, summary, seconds=time.monotonic() - started)
        return run


def _note(call_id: int, mark: Mark, summary: dict[str, Any], *, seconds: float) -> None:
    """The board's counts go on to the mark in the transaction that says so: each answer once."""
    with transaction.atomic():
        before = Refit.objects.filter(call_id=call_id).values_list("noted_up_to", flat=True).first()
        states = dict(
            TaskProgress.objects.filter(call_id=call_id)
            .values_list("state")
            .annotate(n=Count("task_id"))
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "select tasks_note_answers(%s, %s, %s)", [call_id, before or 0, mark.up_to]
            )
            standing = [states.get(TaskState.DECIDED, 0), states.get(TaskState.DISPUTED, 0)]
            cursor.execute(
                "select tasks_note_standing(%s, %s, %s, %s, %s)",
                [call_id, mark.as_of, *standing, summary.get("confidence")],
            )
            cursor.execute("select tasks_answers_left(%s)", [call_id])
            left = cursor.fetchone()[0]
            cursor.execute("select tasks_tell_boards(%s)", [call_id])
        facts = {**summary, "states": states, "answers_left": left}
        Refit.objects.update_or_create(
            call_id=call_id,
            defaults={
                "events": mark.events,
                "at": mark.as_of,
                "seconds": seconds,
                "noted_up_to": mark.up_to,
                "summary": facts,
            },
        )


def make_again(run: VerdictRun) -> Fit:
    """The same fit from the stored answers alone; its digest should be the run's."""
    counted = read_counted(run.call, up_to=run.seen_up_to, as_of=run.as_of)
    return fit(question=run.call.question, counted=counted)


def read_counted(call: Call, *, up_to: int, as_of: datetime) -> Counted:
    columns = Counted(tasks=[], workers=[], values=[], gold={})
    has_predictions = call.question.get("predict", False)
    # What many rows say is held once: a large call's texts would take most of the memory.
    names: dict[str, str] = {}
    said: dict[str, Any] = {}
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        _read_to_the_end()
        cursor.execute(
            "select task, worker, value, prediction from tasks_counted_answers(%s, %s, %s)",
            [call.pk, up_to, as_of],
        )
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            for task, worker, value, prediction in rows:
                columns.tasks.append(names.setdefault(task, task))
                columns.workers.append(names.setdefault(worker, worker))
                columns.values.append(_read_value(value, said))
                if has_predictions:
                    columns.predictions.append(prediction and orjson.loads(prediction))
    gold = Task.objects.filter(call_id=call.pk, gold__isnull=False, added_at__lte=as_of)
    columns.gold.update(gold.values_list("key", "gold"))
    columns.gold.update(rulings_of(call.pk, as_of=as_of))
    if call.question["type"] in TYPES_OF_ITEMS:
        _name_items(call, columns)
    return columns


def _read_to_the_end() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select tasks_read_to_the_end()")


def _read_value(text: str, said: dict[str, Any]) -> Any:
    """Django hands jsonb over as text; of what is short and often said there is one object."""
    if text in said:
        return said[text]
    value = orjson.loads(text)
    if isinstance(value, str) and len(said) < VALUES_KEPT_MAX:
        said[text] = value
    return value


def _name_items(call: Call, columns: Counted) -> None:
    """Say what is compared or ranked in each answered task, as answers call it."""
    keys = set(columns.tasks)
    if options := call.question.get("options"):
        same = tuple(option["value"] for option in options)
        columns.items.update((key, same) for key in keys)
        return
    is_pair = call.question["type"] == "pair"
    name = name_sides if is_pair else name_items
    # No task's content changes once the call is open.
    for key, content in Task.objects.filter(call=call).values_list("key", "content").iterator():
        if key not in keys:
            continue
        columns.items[key] = tuple(name(content, own=call.language))
        parts = map(content.get, SIDES) if is_pair else content["items"]
        for item, part in zip(columns.items[key], parts, strict=True):
            if picture_of(part):
                columns.pictures.add(item)
            elif isinstance(part, dict):
                columns.names[item] = part


def stirred_calls() -> list[int]:
    """Calls whose answers changed since they were last looked at."""
    with connection.cursor() as cursor:
        cursor.execute("select tasks_stirred_calls(%s)", [STIRRED_CALLS_MAX])
        return [call_id for (call_id,) in cursor.fetchall()]


def _store(call: Call, mark: Mark, result: Fit, counted: Counted) -> VerdictRun:
    """The run, its verdicts, its workers and the tasks' states become true together."""
    with transaction.atomic():
        _put_verdicts(call.pk, result)
        _put_ranking(call.pk, result.ranking)
        with connection.cursor() as cursor:
            cursor.execute("select tasks_drop_verdicts(%s, %s)", [call.pk, mark.up_to])
            cursor.execute("select tasks_next_run()")
            run_id = cursor.fetchone()[0]
        put_habits(call_id=call.pk, run_id=run_id, as_of=mark.as_of, learned=result.learned)
        # Last of the long ones: answers to tasks whose state changes wait from here on.
        _settle_states(call.pk)
        counts = dict(
            TaskProgress.objects.filter(call_id=call.pk)
            .values_list("state")
            .annotate(n=Count("task_id"))
        )
        return VerdictRun.objects.create(
            pk=run_id,
            call=call,
            as_of=mark.as_of,
            method=result.method,
            version=result.version,
            seed=SEED,
            classes=list(result.classes),
            seen_up_to=mark.up_to,
            events=mark.events,
            answers_seen=len(counted.tasks),
            digest=result.digest(),
            outcome=result.outcome,
            learned=result.learned.shared,
            tasks_open=counts.get(TaskState.OPEN, 0),
            tasks_decided=counts.get(TaskState.DECIDED, 0),
            tasks_disputed=counts.get(TaskState.DISPUTED, 0),
        )


def _put_verdicts(call_id: int, result: Fit) -> None:
    n_classes = len(result.classes)
    with connection.cursor() as cursor:
        for start in range(0, len(result.tasks), ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            cells = slice(start * n_classes, (start + ROWS_AT_ONCE) * n_classes)
            cursor.execute(
                "select tasks_put_verdicts(%s, %s, %s::text[], %s::float8[], %s::float8[],"
                " %s::float8[], %s::float8[], %s::float8[], %s::text[]::jsonb[], %s::int[])",
                [call_id, result.tasks[rows], list(result.labels[rows]),
                 list(result.probabilities[rows]),
                 list(result.posteriors[cells]) if n_classes else None,
                 list(result.estimates[rows]), list(result.lows[rows]),
                 list(result.highs[rows]), [_as_json(one) for one in result.values[rows]],
                 result.answers[rows]],
            )  # fmt: skip


def _put_ranking(call_id: int, ranking: Sequence[Ranked]) -> None:
    with connection.cursor() as cursor:
        for start in range(0, len(ranking), ROWS_AT_ONCE):
            rows = [astuple(one) for one in ranking[start : start + ROWS_AT_ONCE]]
            columns = [list(column) for column in zip(*rows, strict=True)]
            cursor.execute(
                "select tasks_put_ranking(%s, %s, %s::text[], %s::float8[], %s::float8[],"
                " %s::float8[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],"
                " %s::bigint[])",
                [call_id, start + 1, *columns],
            )
        cursor.execute("select tasks_drop_ranking(%s, %s)", [call_id, len(ranking) + 1])


def _as_json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _settle_states(call_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select tasks_settle_states(%s)", [call_id])


def mark_seen(call_id: int) -> Mark:
    """How far the answers are settled now: everything numbered up to here came, or never will."""
    # A transaction of its own, which ends at once: answers wait while it holds the call.
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("select up_to, events, as_of from tasks_mark_seen(%s)", [call_id])
        return Mark(*cursor.fetchone())


@contextmanager
def _one_fit_at_a_time(call_id: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [FIT_LOCK + call_id])
        is_mine: bool = cursor.fetchone()[0]
    try:
        yield is_mine
    finally:
        if is_mine:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s)", [FIT_LOCK + call_id])
