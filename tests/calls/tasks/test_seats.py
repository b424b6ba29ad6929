"""Whoever gets no task is told whether to ask again: others' seats come free when leases end."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from dure import postgres
from dure.calls.models import Call
from dure.calls.tasks.merging import find_person, merge_persons
from tests.calls.tasks.test_turns import gives, join, take, tasks_of, wants
from tests.factories import make_call

pytestmark = pytest.mark.usefixtures("live_db")
NOTHING_YET = {"tasks": [], "more": True}
NOTHING = {"tasks": [], "more": False}


def make_one_task(*, answers_max: int = 1) -> tuple[Call, int]:
    call = make_call(n_tasks=1, answers_min=1, answers_max=answers_max)
    return call, call.tasks.get().id


def give(call: Call, key: str, task: int, value: Any = "yes") -> None:
    (reply,) = take(call, gives(call, key, (str(uuid4()), task, value)))
    assert reply["accepted"] or reply["late"]


def change(statement: str) -> None:
    with postgres.connect("owner") as owner:
        owner.execute(statement)


def test_task_that_others_hold_may_come_free() -> None:
    call, task = make_one_task()
    anna, ben = join(call), join(call)
    take(call, wants(anna))

    assert take(call, wants(ben)) == [NOTHING_YET]

    change("update tasks_lease set until = now() - interval '1 second'")
    (reply,) = take(call, wants(ben))
    assert tasks_of(reply) == [task]


def test_task_that_was_answered_as_often_as_it_may_be_does_not() -> None:
    call, task = make_one_task()
    anna, ben = join(call), join(call)
    take(call, wants(anna))
    give(call, anna, task)

    assert take(call, wants(ben)) == [NOTHING]


def test_task_that_was_decided_meanwhile_does_not() -> None:
    call, _ = make_one_task(answers_max=2)
    anna, ben, cleo = join(call), join(call), join(call)
    take(call, wants(anna), wants(ben))
    change("update tasks_taskprogress set state = 'decided'")

    assert take(call, wants(cleo)) == [NOTHING]


@pytest.mark.parametrize("value", ["yes", None])
def test_whoever_answered_or_skipped_a_task_does_not_wait_for_it(value: str | None) -> None:
    call, task = make_one_task(answers_max=2)
    anna, ben, cleo = join(call), join(call), join(call)
    take(call, wants(anna), wants(ben))
    give(call, anna, task, value)
    take(call, wants(cleo))

    assert take(call, wants(anna)) == [NOTHING]


def test_whoever_answered_a_task_too_late_does_not_wait_for_it() -> None:
    call, task = make_one_task()
    anna, ben = join(call), join(call)
    take(call, wants(anna))
    change("update tasks_lease set until = now() - interval '1 second'")
    take(call, wants(ben))
    give(call, anna, task)

    assert take(call, wants(anna)) == [NOTHING]


def test_whoever_lost_a_task_unanswered_waits_for_it() -> None:
    call, task = make_one_task()
    anna, ben = join(call), join(call)
    take(call, wants(anna))
    change("update tasks_lease set until = now() - interval '1 second'")
    (reply,) = take(call, wants(ben))

    assert tasks_of(reply) == [task]
    assert take(call, wants(anna)) == [NOTHING_YET]


def test_whoever_answered_a_task_in_another_browser_does_not_wait_for_it() -> None:
    call, task = make_one_task(answers_max=2)
    phone, laptop, ben = join(call), join(call), join(call)
    take(call, wants(phone), wants(ben))
    give(call, phone, task)
    merge_persons(person_id=find_person(key=phone).pk, into_id=find_person(key=laptop).pk)

    assert take(call, wants(laptop)) == [NOTHING]
    assert take(call, wants(join(call))) == [NOTHING_YET]


def test_one_who_waits_beside_one_who_is_done_is_told_otherwise() -> None:
    call, task = make_one_task(answers_max=2)
    anna, ben, cleo = join(call), join(call), join(call)
    take(call, wants(anna), wants(ben))
    give(call, anna, task)

    assert take(call, wants(anna), wants(cleo)) == [NOTHING, NOTHING_YET]
