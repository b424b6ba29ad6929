"""Work in the background: look at changed calls again, pay for answers, end leases that ran out."""

from __future__ import annotations

import asyncio
import logging
from itertools import count
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from django.db import close_old_connections, connection, transaction
from django.db.utils import OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from dure.calls.tasks.leases import end_old_leases, forget_frontiers
from dure.postgres import find_loss

log = logging.getLogger(__name__)

STIR_SECONDS = 1.0
FRONTIER_SECONDS = 60
# An answer is paid for once it can't be undone any more.
PAY_AFTER_SECONDS = 12
STALLED_SECONDS = 30
RETRY = RetryStrategy(max_attempts=6, exponential_wait=3)
# Any number will do that no other lock has.
RESCUE_LOCK = 4_978_000_000_000_000


@app.task(name="refit_call", retry=RETRY)
def refit_call(*, call_id: int) -> None:
    from dure.calls.tasks.verdicts import decide_tasks  # noqa: PLC0415  slow import

    # First, so that a death between the two leaves the call stirred, and both are done again.
    defer_once("pay_call", call_id=call_id, after_seconds=PAY_AFTER_SECONDS)
    decide_tasks(call_id=call_id)


@app.task(name="pay_call", retry=RETRY)
def pay_call(*, call_id: int) -> None:
    from dure.calls.tasks.pay import has_unpaid, pay_answers  # noqa: PLC0415  slow import

    pay_answers(call_id=call_id)
    # Answers came while this job waited, and may still be undone: they are for the next one.
    if has_unpaid(call_id=call_id):
        defer_once("pay_call", call_id=call_id, after_seconds=PAY_AFTER_SECONDS)


def defer_once(name: str, *, call_id: int, after_seconds: int = 0) -> None:
    """Queue a job for a call unless one is waiting already."""
    deferrer = app.configure_task(
        name,
        queueing_lock=f"{name} {call_id}",
        schedule_in={"seconds": after_seconds} if after_seconds else None,
    )
    try:
        # A savepoint, for the caller's transaction goes on.
        with transaction.atomic():
            deferrer.defer(call_id=call_id)
    except AlreadyEnqueued:
        log.debug("%s of call %s is queued already", name, call_id)


def stir() -> int:
    """Queue a fit of each call whose answers changed; gives how many there were."""
    from dure.calls.tasks.verdicts import stirred_calls  # noqa: PLC0415  slow import

    calls = stirred_calls()
    for call_id in calls:
        defer_once("refit_call", call_id=call_id)
    return len(calls)


async def stir_forever() -> None:
    """Look for old leases and changed calls each second; a database that is away is waited for."""
    is_away = False
    for second in count():
        try:
            await sync_to_async(_stir_on_fresh_connection)()
            if second % FRONTIER_SECONDS == 0:
                await sync_to_async(forget_frontiers)()
            await retry_jobs_of_dead_workers()
            if is_away:
                log.warning("the database is back, and work goes on")
            is_away = False
        except OperationalError as error:
            if not find_loss(error):
                log.exception("calls could not be looked at, trying again")
            elif not is_away:
                log.warning(
                    "the database is away, and work waits: %s", " ".join(f"{error}".split())
                )
                is_away = True
        await asyncio.sleep(STIR_SECONDS)


def _stir_on_fresh_connection() -> None:
    close_old_connections()
    end_old_leases()
    stir()


async def retry_jobs_of_dead_workers() -> None:
    """A worker that was killed leaves its job marked as being done: hand it to another."""
    await sync_to_async(_rescue_alone)()


def _rescue_alone() -> None:
    # Of two servers that have both seen a dead worker's job, the slower one would take the job
    # away from whoever is doing it by then. So one looks at a time, and looks anew.
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_xact_lock(%s)", [RESCUE_LOCK])
            is_mine = cursor.fetchone()[0]
        if is_mine:
            async_to_sync(_rescue)()


async def _rescue() -> None:
    manager = OneOfEach(app.job_manager.connector)
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        await manager.retry_job(job)


class OneOfEach(JobManager):
    """Drops a job that should be tried again while the same is waiting to be done already."""

    async def retry_job(self, job: Job, *arguments: Any, **options: Any) -> None:
        try:
            await super().retry_job(job, *arguments, **options)
        except UniqueViolation:
            await self.finish_job(job, status=Status.ABORTED, delete_job=True)
