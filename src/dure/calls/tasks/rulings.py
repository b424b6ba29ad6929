"""Ruling a task: an organiser says what is true and why, and from then on it is gold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from django.db import connection, transaction

from dure.calls.models import Call, State
from dure.calls.queries import hold_answers, hold_call
from dure.calls.tasks.importing import read_task
from dure.calls.tasks.models import Ruling, Task
from dure.errors import Invalid, Unknown, WrongState
from dure.people import audit

REASON_LETTERS_MAX = 500


class NoSuchTask(Unknown):
    """There is no such task in this call; look at the list again."""

    code = "unknown-task"


def rule_task(*, call: Call, task_id: int, value: object, reason: str, by: str) -> Ruling:
    """Say what is true of a task; ruling it again leaves the earlier ruling on record.

    The next fit takes it for gold, and the task is decided whatever the crowd said. The ruling that
    stands, given again by the same person with the same reason, stays the one.
    """
    words = " ".join(reason.split())
    if not 0 < len(words) <= REASON_LETTERS_MAX or "\0" in words:
        raise Invalid("A ruling needs a reason of 1 to {most} letters.", most=REASON_LETTERS_MAX)
    with transaction.atomic():
        held = hold_call(call.pk)
        # A fit reads the rulings of before its mark: none may be under way while it sets one.
        hold_answers(call.pk)
        if held.state == State.DRAFT:
            raise WrongState("A draft has no answers to rule on; give the task its gold instead.")
        task = Task.objects.filter(call=held, id=task_id).first()
        if task is None:
            raise NoSuchTask
        if value is None or value == "":
            raise Invalid("A ruling says what is true; choose or write an answer.")
        gold = read_task(held, content=orjson.dumps(task.content), gold=value)
        standing = Ruling.objects.filter(call_id=held.pk, task_id=task_id).order_by("-id").first()
        if standing and (standing.value, standing.reason, standing.by) == (gold, words, by):
            return standing
        with connection.cursor() as cursor:
            cursor.execute(
                "select tasks_rule(%s, %s, %s::jsonb, %s, %s)",
                [held.pk, task_id, orjson.dumps(gold).decode(), words, by],
            )
            ruling = Ruling.objects.get(call_id=held.pk, id=cursor.fetchone()[0])
        audit.record(
            organisation=held.organisation,
            by=by,
            action="rule task",
            thing=f"call:{held.pk}",
            task=task.key,
            value=gold,
            reason=words,
        )
    return ruling


def rulings_of(call_id: int, *, as_of: datetime) -> dict[str, Any]:
    """What was ruled of each task by then, by its key."""
    with connection.cursor() as cursor:
        cursor.execute("select task, value from tasks_rulings(%s, %s)", [call_id, as_of])
        return {task: orjson.loads(value) for task, value in cursor.fetchall()}
