"""The desk's jobs: a file is made or its failure told; a rehearsal goes on only while it may."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from dure.calls import rehearsing
from dure.calls.models import Export
from dure.calls.tasks import exports
from dure.calls.tasks.models import Answer
from dure.clock import now
from dure.doors.desk import jobs
from tests.factories import make_call, make_organisation

pytestmark = pytest.mark.usefixtures("live_db")


def attempt(number: int) -> Any:
    return SimpleNamespace(job=SimpleNamespace(attempts=number))


def test_export_is_written_by_its_job() -> None:
    call = make_call(n_tasks=1)
    made = exports.ask_for_export(call=call, what="answers", form="csv", by="x")

    jobs.write_export(attempt(0), export_id=made.pk)

    made.refresh_from_db()
    assert made.state == "done"


def test_export_that_fails_each_time_is_told_as_failed_the_last_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    call = make_call(n_tasks=1)
    made = exports.ask_for_export(call=call, what="answers", form="csv", by="x")

    def no_room(**_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(exports, "make_export", no_room)
    states = []
    for number in range(jobs.ATTEMPTS_MAX):
        with pytest.raises(OSError, match="No space"):
            jobs.write_export(attempt(number), export_id=made.pk)
        made.refresh_from_db()
        states.append(made.state)

    assert states == ["waiting", "waiting", "failed"]
    assert made.reason == "It could not be written (No space left on device)."


def test_files_whose_days_are_over_go_by_themselves() -> None:
    call = make_call(n_tasks=1)
    made = exports.ask_for_export(call=call, what="answers", form="csv", by="x")
    jobs.write_export(attempt(0), export_id=made.pk)
    Export.objects.update(at=now() - timedelta(days=8))

    jobs.drop_old_files(0)

    assert not exports.place_of(made).exists()
    assert not Export.objects.exists()


def test_exports_that_failed_go_after_their_days_too() -> None:
    call = make_call(n_tasks=1)
    made = exports.ask_for_export(call=call, what="answers", form="csv", by="x")
    half = exports.place_of(made).with_suffix(".part")
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_bytes(b"half of i")
    exports.fail_export(export_id=made.pk, reason="There was no room.")

    jobs.drop_old_files(0)
    n_before = Export.objects.count()
    Export.objects.update(at=now() - timedelta(days=8))
    jobs.drop_old_files(0)

    assert n_before == 1
    assert not Export.objects.exists()
    assert not half.exists()


def test_rehearsal_goes_on_until_it_is_switched_off() -> None:
    call = make_call(organisation=make_organisation("demo"), n_tasks=50)
    rehearsing.start_rehearsal(call=call, by="x")

    jobs.take_turn(call_id=call.pk)
    n_given = Answer.objects.count()
    waiting = ProcrastinateJob.objects.filter(task_name="take_turn", status="todo").count()
    rehearsing.stop_rehearsal(call=call, by="x")
    jobs.take_turn(call_id=call.pk)

    assert n_given > 0
    assert waiting == 1
    assert Answer.objects.count() == n_given
