"""The desk's work in the background: files in and out, and the demo's simulated crowd."""

from __future__ import annotations

import logging
import random

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

log = logging.getLogger(__name__)

ATTEMPTS_MAX = 3
RETRY = RetryStrategy(max_attempts=ATTEMPTS_MAX, exponential_wait=3)
TURN_SECONDS = 2


@app.task(name="write_export", retry=RETRY, pass_context=True)
def write_export(context: JobContext, *, export_id: int) -> None:
    from dure.calls.tasks.exports import fail_export, make_export  # noqa: PLC0415  app ready
    from dure.doors.desk.exports import write_form  # noqa: PLC0415  app ready
    from dure.errors import Refusal  # noqa: PLC0415  app ready

    try:
        make_export(export_id=export_id, write=write_form)
    except Refusal as refusal:
        fail_export(export_id=export_id, reason=refusal.sentence)
    except Exception as error:
        # Whoever waits is told, and the log has the rest; the last of several tries says so.
        if context.job.attempts + 1 >= ATTEMPTS_MAX:
            fail_export(export_id=export_id, reason=f"It could not be written ({error}).")
        raise


@app.task(name="import_upload", retry=RETRY, pass_context=True)
def import_upload(context: JobContext, *, upload_id: int) -> None:
    from dure.calls.tasks import uploading  # noqa: PLC0415  app ready
    from dure.doors.desk.beginnings import examples_of  # noqa: PLC0415  app ready
    from dure.doors.desk.uploads import read_rows  # noqa: PLC0415  app ready
    from dure.errors import Refusal  # noqa: PLC0415  app ready

    try:
        uploading.import_upload(upload_id=upload_id, read=read_rows, examples_of=examples_of)
    except Refusal as refusal:
        uploading.fail_upload(upload_id=upload_id, reason=refusal.sentence)
    except Exception as error:
        if context.job.attempts + 1 >= ATTEMPTS_MAX:
            uploading.fail_upload(upload_id=upload_id, reason=f"It could not be read ({error}).")
        raise


@app.task(name="take_turn", queueing_lock=None)
def take_turn(*, call_id: int) -> None:
    """One simulated contributor; the next one comes while the rehearsal goes on."""
    from dure.calls import rehearsing  # noqa: PLC0415  app ready
    from dure.calls.models import Call  # noqa: PLC0415  app ready

    call = Call.objects.select_related("organisation").get(pk=call_id)
    if rehearsing.find_rehearsal(call) is None or not rehearsing.may_rehearse(call):
        rehearsing.end_rehearsal(call_id)
        return
    chance = random.Random()
    turns = [
        rehearsing.take_turn(call_id=call_id, chance=chance)
        for _ in range(rehearsing.ANSWERS_AT_ONCE)
    ]
    if any(not turn.is_done for turn in turns):
        rehearse_later(call_id=call_id, after_seconds=TURN_SECONDS)
    else:
        rehearsing.end_rehearsal(call_id)


@app.task(name="mark_payouts_paid", retry=RETRY)
def mark_payouts_paid(*, organisation_id: int, batch_id: int, by: str) -> None:
    """What was marked before a death stays marked; the next try goes on from there."""
    from dure.calls.paying_out import mark_paid  # noqa: PLC0415  app ready
    from dure.people.models import Organisation  # noqa: PLC0415  app ready

    organisation = Organisation.objects.get(pk=organisation_id)
    mark_paid(organisation=organisation, batch_id=batch_id, by=by)


@app.periodic(cron="23 * * * *")
@app.task(name="drop_old_files", queueing_lock="drop_old_files")
def drop_old_files(timestamp: int) -> None:  # noqa: ARG001  each periodic task gets it
    """Files that were kept for their days: exports that are over, what was sent for tasks."""
    from dure.calls.tasks.exports import drop_old_exports  # noqa: PLC0415  app ready
    from dure.calls.tasks.uploading import drop_old_uploads  # noqa: PLC0415  app ready

    drop_old_exports()
    drop_old_uploads()


def write_export_later(*, export_id: int) -> None:
    app.configure_task("write_export", lock=f"export {export_id}").defer(export_id=export_id)


def import_upload_later(*, upload_id: int) -> None:
    app.configure_task("import_upload", lock=f"upload {upload_id}").defer(upload_id=upload_id)


def mark_payouts_paid_later(*, organisation_id: int, batch_id: int, by: str) -> None:
    app.configure_task("mark_payouts_paid", lock=f"payouts {batch_id}").defer(
        organisation_id=organisation_id, batch_id=batch_id, by=by
    )


def rehearse_later(*, call_id: int, after_seconds: int = 0) -> None:
    from dure.calls.tasks.jobs import defer_once  # noqa: PLC0415  app ready

    defer_once("take_turn", call_id=call_id, after_seconds=after_seconds)
