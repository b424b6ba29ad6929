"""Background work: one fit queued for a call, done by a real worker, picked up after a death."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections
from procrastinate.contrib.django import app

from dure import postgres
from dure.calls.models import Call
from dure.calls.tasks import jobs
from dure.calls.tasks.models import Lease, VerdictRun
from tests.calls.tasks.test_leases import lend
from tests.calls.tasks.test_pay import move_time
from tests.calls.tasks.test_verdicts import crowd_answers
from tests.factories import make_call

pytestmark = pytest.mark.usefixtures("live_db")


def queued() -> list[tuple[str, str]]:
    """Jobs without those of the clock, which come of themselves in the minute when they are due."""
    of_the_clock = [name for name, _ in app.periodic_registry.periodic_tasks]
    with connection.cursor() as cursor:
        cursor.execute(
            "select task_name, status::text from procrastinate_jobs"
            " where task_name <> all(%s) order by id",
            [of_the_clock],
        )
        return list(cursor.fetchall())


@pytest.fixture
def late_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, a job of pay that is put off does not come due here."""
    monkeypatch.setattr(jobs, "PAY_AFTER_SECONDS", 3600)


def answered_call() -> Call:
    call = make_call(n_tasks=1, answers_min=1, answers_max=1, answers_target=None)
    crowd_answers(call, ["yes"])
    return call


def work(what: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run something with the connection that a worker has."""

    async def whole() -> None:
        with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
            async with app.open_async():
                await what()
        await sync_to_async(connections.close_all)()

    asyncio.run(whole())


async def work_until_idle() -> None:
    await app.run_worker_async(wait=False, install_signal_handlers=False, concurrency=1)


def test_changed_call_is_queued_once_however_often_it_is_looked_at() -> None:
    answered_call()

    stirred = [jobs.stir(), jobs.stir()]

    assert stirred == [1, 1]
    assert queued() == [("refit_call", "todo")]


@pytest.mark.usefixtures("late_pay")
def test_worker_fits_the_call_and_leaves_its_pay_for_when_no_answer_can_be_undone() -> None:
    call = answered_call()
    jobs.stir()

    work(work_until_idle)

    assert VerdictRun.objects.get().call == call
    assert queued() == [("refit_call", "succeeded"), ("pay_call", "todo")]
    assert jobs.stir() == 0


@pytest.mark.usefixtures("late_pay")
def test_answer_too_young_to_be_paid_is_left_to_a_later_job() -> None:
    call = make_call(
        n_tasks=1, promise={"kind": "per_answer", "amount_minor": 5, "currency": "KRW"}
    )
    crowd_answers(call, ["yes"])
    # It stays as young as it is.
    move_time(seconds=-3600)
    jobs.defer_once("pay_call", call_id=call.pk)

    work(work_until_idle)

    assert queued() == [("pay_call", "succeeded"), ("pay_call", "todo")]


def test_call_that_pays_nothing_is_not_looked_at_again() -> None:
    call = answered_call()
    jobs.defer_once("pay_call", call_id=call.pk)

    work(work_until_idle)

    assert queued() == [("pay_call", "succeeded")]


@pytest.mark.parametrize("is_queued_again", [False, True])
def test_job_of_a_worker_that_died_is_done_by_another(is_queued_again: bool) -> None:
    answered_call()
    jobs.stir()
    leave_as_a_dead_worker_does()
    if is_queued_again:
        jobs.stir()

    async def another_worker() -> None:
        await jobs.retry_jobs_of_dead_workers()
        await work_until_idle()

    work(another_worker)

    assert VerdictRun.objects.count() == 1
    assert [row for row in queued() if row[0] == "refit_call"] == [("refit_call", "succeeded")]


def test_servers_hand_on_the_jobs_of_the_dead_one_at_a_time() -> None:
    answered_call()
    jobs.stir()
    leave_as_a_dead_worker_does()
    with postgres.connect("app") as other:
        other.execute("select pg_advisory_lock(%s)", [jobs.RESCUE_LOCK])
        work(jobs.retry_jobs_of_dead_workers)
        while_another_does = queued()

    work(jobs.retry_jobs_of_dead_workers)

    assert while_another_does == [("refit_call", "doing")]
    assert queued() == [("refit_call", "todo")]


def leave_as_a_dead_worker_does() -> None:
    """What a kill -9 in the middle of a job leaves behind."""
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers (last_heartbeat)"
                       " values (now() - interval '1 hour') returning id")  # fmt: skip
        (worker,) = cursor.fetchone()
        cursor.execute("update procrastinate_jobs set status = 'doing', worker_id = %s", [worker])


def test_worker_ends_leases_that_ran_out() -> None:
    call = make_call(n_tasks=2)
    lend([call], people=1, until="-1 second")

    async def stir_until_they_ended() -> None:
        stirring = asyncio.create_task(jobs.stir_forever())
        async with asyncio.timeout(60):
            while await sync_to_async(states_of_leases)() != {"ended"}:  # noqa: ASYNC110  in rows
                await asyncio.sleep(0.05)
        stirring.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await stirring

    # That it comes to its end is the claim.
    work(stir_until_they_ended)


def states_of_leases() -> set[str]:
    return set(Lease.objects.values_list("status", flat=True))
