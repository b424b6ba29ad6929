"""The desk's jobs: a file is made or its failure told; a rehearsal goes on only while it may."""

from __future__ import annotations

import codecs
import io
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob

from dure.calls import rehearsing
from dure.calls.models import Call, Export, Media, Upload
from dure.calls.tasks import exports, importing, uploading
from dure.calls.tasks.models import Answer, Task
from dure.clock import now
from dure.doors.desk import jobs, uploads
from tests.calls.media import corpus
from tests.doors.desk.office import make_office
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


def test_export_comes_as_a_file_of_its_name() -> None:
    office = make_office()
    made = exports.ask_for_export(call=office.call, what="answers", form="csv", by="x")
    jobs.write_export(attempt(0), export_id=made.pk)

    where = reverse("desk-export-file", args=["harbour", office.call.pk, made.pk])
    reply = office.client("owner").get(where)

    content = reply.getvalue()
    assert content.strip() == codecs.BOM_UTF8 + b"id,task,worker,answer,phase,late,at"
    assert reply["Content-Type"] == "text/csv; charset=utf-8"
    assert reply["Content-Length"] == str(len(content))
    name = f"answers-{office.call.slug}.csv"
    assert reply["Content-Disposition"] == f'attachment; filename="{name}"'


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


def send_table(n_rows: int, *, call: Call | None = None) -> Upload:
    """A table that is mapped and waits for its job."""
    call = call or make_call(n_tasks=0)
    with NamedTemporaryFile(suffix=".csv") as file:
        file.write(b"text\n" + b"".join(b"bird %d\n" % n for n in range(n_rows)))
        file.flush()
        kept = uploading.keep_upload(
            call=call, table=uploading.Kept("birds.csv", Path(file.name)), by="x"
        )
    uploading.map_upload(upload=kept, mapping={"text": "text"})
    later = partial(jobs.import_upload_later, upload_id=kept.pk)
    uploading.queue_upload(upload=kept, defer=later)
    return kept


def work() -> None:
    """A real worker, until nothing waits any more."""
    connector = app.connector
    assert isinstance(connector, DjangoConnector)
    with app.replace_connector(connector.get_worker_connector()) as worker:
        worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


def test_table_comes_in_by_a_worker_and_tells_how_far_it_is() -> None:
    kept = send_table(2_500)

    work()

    kept.refresh_from_db()
    assert (kept.state, kept.n_read) == ("done", 2_500)
    assert kept.report == {"added": 2_500, "same": 0, "refused_total": 0, "refused": []}
    assert Task.objects.filter(call=kept.call).count() == 2_500


def test_import_that_was_killed_in_the_middle_adds_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "BATCH_ROWS_MAX", 1_000)
    kept = send_table(2_500)
    real = uploads.read_rows

    def die(upload: Upload) -> Any:
        for number, row in enumerate(real(upload), start=1):
            if number == 2_200:
                raise KeyboardInterrupt
            yield row

    monkeypatch.setattr(uploads, "read_rows", die)
    with pytest.raises(KeyboardInterrupt):
        jobs.import_upload(attempt(0), upload_id=kept.pk)
    kept.refresh_from_db()
    seen = (kept.state, kept.n_read, Task.objects.count())
    monkeypatch.setattr(uploads, "read_rows", real)
    for _ in range(2):
        jobs.import_upload(attempt(1), upload_id=kept.pk)

    kept.refresh_from_db()
    assert seen == ("running", 2_000, 2_000)
    assert kept.state == "done"
    assert (kept.report["added"], kept.report["same"]) == (500, 2_000)
    assert Task.objects.count() == 2_500


def test_pictures_whose_import_was_killed_are_stored_once(monkeypatch: pytest.MonkeyPatch) -> None:
    call = make_call(n_tasks=0)
    pictures = {f"{n}.png": corpus.picture("PNG", size=(n, 9)) for n in range(1, 30)}
    files = [("all.zip", io.BytesIO(corpus.packed({**pictures, "a.svg": b"<svg/>"})))]
    kept = uploading.keep_upload(call=call, table=None, files=files, by="x")
    uploading.queue_upload(upload=kept, defer=lambda: None)
    real = uploading.add_media

    def die(*, tell: Any, **options: Any) -> Any:
        def tell_and_die(n_files: int) -> None:
            tell(n_files)
            if n_files == 15:
                raise KeyboardInterrupt

        return real(tell=tell_and_die, **options)

    monkeypatch.setattr(uploading, "add_media", die)
    with pytest.raises(KeyboardInterrupt):
        jobs.import_upload(attempt(0), upload_id=kept.pk)
    kept.refresh_from_db()
    seen = (kept.state, kept.n_read, Task.objects.count())
    monkeypatch.setattr(uploading, "add_media", real)
    for _ in range(2):
        jobs.import_upload(attempt(1), upload_id=kept.pk)

    kept.refresh_from_db()
    assert seen == ("running", 10, 0)
    assert (kept.state, kept.report["added"]) == ("done", 29)
    assert [name for name, _ in kept.left_out] == ["a.svg"]
    assert Media.objects.count() == Task.objects.count() == 29
    assert not list(uploading.place_of_upload(kept).parent.glob(f"{kept.token}*"))


def test_import_that_can_not_be_done_says_why() -> None:
    closed = send_table(3, call=make_call(n_tasks=0, state="closed"))

    jobs.import_upload(attempt(0), upload_id=closed.pk)

    closed.refresh_from_db()
    assert closed.state == "failed"
    assert closed.reason == (
        "This call is closed and takes no more tasks; make a new call for them."
    )


def test_import_that_fails_each_time_is_told_as_failed_the_last_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = send_table(3)

    def no_disk(_: Upload) -> Any:
        raise OSError("the disk is away")

    monkeypatch.setattr(uploads, "read_rows", no_disk)
    states = []
    for number in range(jobs.ATTEMPTS_MAX):
        with pytest.raises(OSError, match="away"):
            jobs.import_upload(attempt(number), upload_id=kept.pk)
        kept.refresh_from_db()
        states.append(kept.state)

    assert states == ["running", "running", "failed"]
    assert kept.reason == "It could not be read (the disk is away)."


def test_upload_whose_days_are_over_is_no_work_for_its_job() -> None:
    kept = send_table(3)
    Upload.objects.update(at=now() - timedelta(days=3))

    jobs.drop_old_files(0)
    jobs.import_upload(attempt(0), upload_id=kept.pk)

    assert not Upload.objects.exists()
    assert not Task.objects.exists()


def test_rehearsal_ends_when_nothing_is_left_to_answer() -> None:
    call = make_call(organisation=make_organisation("demo"), n_tasks=0)
    rehearsing.start_rehearsal(call=call, by="x")

    jobs.take_turn(call_id=call.pk)

    assert rehearsing.find_rehearsal(call) is None
    assert rehearsing.has_rehearsed(call)


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
