"""A call's tasks one by one with what is concluded and known of each: a stream of one moment."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from dure.calls.copying import one_moment
from dure.calls.models import Call
from dure.calls.tasks.models import Task, TaskProgress, Verdict
from dure.calls.tasks.tables import Row

ROWS_AT_ONCE = 500
_OF_VERDICT = ("label", "probability", "estimate", "low", "high", "value", "answers")


@dataclass(frozen=True, slots=True)
class Known:
    """A task's row, and what was ruled of it last and why; None and empty where nothing was."""

    row: Row
    ruled: Any
    reason: str


def read_known(*, call: Call) -> Generator[Known]:
    """Every task in the order they were added; so many at a time are in memory."""
    with one_moment() as connection, connection.cursor("known") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute("select * from tasks_known_rows(%s)", [call.pk])
        for found in cursor:
            yield _known(found, call=call)


def _known(found: dict[str, Any], *, call: Call) -> Known:
    task = Task(
        call=call,
        id=found["id"],
        key=found["key"],
        content=found["content"],
        gold=found["gold"],
    )
    of_task = {"call_id": call.pk, "task_id": task.id}
    progress = TaskProgress(
        **of_task, **{name: found[name] for name in ("state", "capacity", "counted")}
    )
    verdict = Verdict(**of_task, **{name: found[name] for name in _OF_VERDICT})
    return Known(Row(task, progress, verdict), found["ruled"], found["reason"] or "")
