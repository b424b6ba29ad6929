"""Every task with what is concluded and known of it, of one moment, and a few at a time."""

from __future__ import annotations

import pytest
from django.db import connection

from dure.calls.tasks import exporting_known
from dure.calls.tasks.exporting_known import read_known
from dure.calls.tasks.models import Task
from dure.calls.tasks.rulings import rule_task
from dure.calls.tasks.verdicts import decide_tasks
from tests.calls.tasks.test_verdicts import crowd_answers
from tests.factories import make_call
from tests.serving import wait_until

READING = """
select 1 from pg_stat_activity
where datname = current_database() and query ~ 'known' and pid <> pg_backend_pid()
"""

pytestmark = pytest.mark.usefixtures("live_db")


def test_last_ruling_and_its_reason_stand_beside_the_verdict() -> None:
    call = make_call(n_tasks=2)
    crowd_answers(call, ["yes", "no"], ["yes", "no"])
    decide_tasks(call_id=call.pk)
    task = Task.objects.get(call=call, key="t2")
    for value, reason in (("no", "So it looked."), ("yes", "I went there.")):
        rule_task(call=call, task_id=task.id, value=value, reason=reason, by="x")

    first, second = read_known(call=call)

    assert (first.row.task.key, first.ruled, first.reason) == ("t1", None, "")
    assert (second.row.task.key, second.ruled, second.reason) == ("t2", "yes", "I went there.")
    assert [one.row.verdict.label for one in (first, second) if one.row.verdict] == ["yes", "no"]
    assert [one.row.progress.counted for one in (first, second)] == [2, 2]


def test_what_changes_meanwhile_is_not_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting_known, "ROWS_AT_ONCE", 1)
    call = make_call(n_tasks=3)

    every = read_known(call=call)
    first = next(every)
    Task.objects.filter(call=call).update(content={"text": "Another"})

    assert [one.row.task.content["text"] for one in (first, *every)] == [
        "Task 1", "Task 2", "Task 3"
    ]  # fmt: skip


def test_reader_who_leaves_in_the_middle_leaves_no_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exporting_known, "ROWS_AT_ONCE", 1)
    every = read_known(call=make_call(n_tasks=3))
    next(every)
    assert is_reading()

    every.close()

    wait_until(lambda: not is_reading())


def is_reading() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(READING)
        return cursor.fetchone() is not None
