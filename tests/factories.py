"""Things that tests are about, made with as little as they need."""

from __future__ import annotations

from itertools import count
from typing import Any

from dure.calls.models import Call
from dure.calls.shares.promising import fix_promise
from dure.calls.tasks.models import Task, TaskProgress
from dure.calls.tasks.questions import can_check, check_question
from dure.clock import now
from dure.people.models import Organisation

YES_NO = {"type": "choice", "text": "Is it a bird?", "options": ["yes", "no"]}
HOW_MANY = {"type": "number", "text": "How many?", "min": 0, "max": 1000}
WHICH_NAME = {"type": "text", "text": "What should it be called?"}

_numbers = count(1)


def make_organisation(slug: str | None = None) -> Organisation:
    slug = slug or f"org-{next(_numbers)}"
    return Organisation.objects.create(slug=slug, name=slug.title(), created_at=now())


def make_call(
    *,
    n_tasks: int = 3,
    question: dict[str, Any] | None = None,
    organisation: Organisation | None = None,
    **fields: Any,
) -> Call:
    """An open call of kind tasks, its tasks keyed t1, t2, …"""
    call = Call.objects.create(
        organisation=organisation or make_organisation(),
        kind="tasks",
        question=check_question(question or YES_NO),
        **{"slug": f"call-{next(_numbers)}", "title": "A call", "state": "open", **fields},
    )
    if call.promise and call.state != "draft":
        # As opening it would.
        fix_promise(call=call, by="test", can_check=can_check(call.question))
    for number in range(1, n_tasks + 1):
        task = Task.objects.create(call=call, key=f"t{number}", content={"text": f"Task {number}"})
        task.refresh_from_db()
        TaskProgress.objects.create(call_id=call.pk, task_id=task.id, capacity=call.answers_max)
    return call
