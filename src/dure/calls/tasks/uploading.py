"""What somebody sent for a call's tasks: kept, mapped, brought in at once or in the background."""

from __future__ import annotations

import secrets
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from dure import postgres
from dure.calls.drafting import add_own_tasks
from dure.calls.media.storing import (
    AddedFile,
    RefusedFile,
    add_media,
    address_of,
    clean_name,
    clean_path,
    kind_of,
)
from dure.calls.models import Call, State, Upload
from dure.calls.tasks.importing import Flawed, Report
from dure.clock import now
from dure.errors import Invalid, Unknown

KEPT_DAYS = 2
KEPT_BYTES_MAX = 2 * 2**30
NAME_LETTERS_MAX = 200
# Up to here whoever sent it waits; more is brought in in the background.
TABLE_BYTES_AT_ONCE_MAX = 2 * 2**20
FILES_AT_ONCE_MAX = 20
FILES_BYTES_AT_ONCE_MAX = 5 * 2**20
# How often those who wait hear how far it is.
ROWS_NOTED = 1_000
FILES_NOTED = 10
GOING = (Upload.State.WAITING, Upload.State.RUNNING)
Rows = Iterable[tuple[int, object] | Flawed]
Read = Callable[[Upload], Rows]
# Finds a template's examples in a draft, as the rows that they came from.
Examples = Callable[[Call], list[dict[str, Any]]]


class NoSuchUpload(Unknown):
    """This file is not here any more; send it again."""

    code = "unknown-upload"


def no_examples(_: Call) -> list[dict[str, Any]]:
    return []


class Kept(NamedTuple):
    """A file on disk and what its sender called it."""

    name: str
    place: Path


def keep_upload(
    *,
    call: Call,
    table: Kept | None,
    by: str,
    files: Sequence[tuple[str, BinaryIO]] = (),
    left_out: Sequence[tuple[str, str]] = (),
) -> Upload:
    """Keep a table and what lies beside it, or files alone; nothing is read yet."""
    drop_old_uploads()
    first = table.name if table else next((name for name, _ in files), "")
    made = Upload(
        call=call,
        token=secrets.token_urlsafe(18),
        name=clean_path(first)[-NAME_LETTERS_MAX:],
        bytes=table.place.stat().st_size if table else 0,
        has_table=table is not None,
        files=[clean_name(name) for name, _ in files],
        left_out=[list(one) for one in left_out],
        at=now(),
        by=by,
    )
    place_of_upload(made).parent.mkdir(parents=True, exist_ok=True)
    try:
        if table:
            shutil.copyfile(table.place, place_of_upload(made))
        _keep_files([file for _, file in files], _folder_of(made))
        made.save()
    except BaseException:
        _drop_files(made)
        raise
    return made


def find_upload(*, call: Call, upload_id: int) -> Upload:
    found = Upload.objects.filter(call=call, pk=upload_id).first()
    is_gone = found is not None and not place_of_upload(found).is_file()
    if found is None or (found.state == Upload.State.KEPT and is_gone):
        raise NoSuchUpload
    return found


def is_large(upload: Upload) -> bool:
    """Whether bringing it in takes longer than anybody should wait for a page."""
    places = [_folder_of(upload) / str(number) for number in range(len(upload.files))]
    return (
        upload.bytes > TABLE_BYTES_AT_ONCE_MAX
        or sum(place.stat().st_size for place in places) > FILES_BYTES_AT_ONCE_MAX
        or sum(_count_files(place) for place in places) > FILES_AT_ONCE_MAX
    )


def map_upload(*, upload: Upload, mapping: dict[str, str]) -> None:
    """What its columns are."""
    upload.mapping = mapping
    _mine(upload).exclude(state__in=GOING).update(mapping=mapping)


def queue_upload(*, upload: Upload, defer: Callable[[], None]) -> None:
    """For a job, which `defer` asks for; asked again while it waits or runs, nothing changes."""
    with transaction.atomic():
        # Held, so that a double click asks for one job.
        held = Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)
        if held.state in GOING:
            return
        _mine(upload).update(state=Upload.State.WAITING, n_read=0, report={}, reason="")
        defer()


def import_upload(*, upload_id: int, read: Read, examples_of: Examples = no_examples) -> None:
    """Bring in what waits for it; again after a death, from the beginning, adding nothing twice."""
    upload = Upload.objects.filter(pk=upload_id, state__in=GOING).first()
    if upload is not None:
        _mine(upload).update(state=Upload.State.RUNNING, n_read=0)
        bring_in(upload=upload, read=read, examples_of=examples_of)


def bring_in(*, upload: Upload, read: Read, examples_of: Examples = no_examples) -> None:
    """Files become media, and rows tasks; `read` gives the rows of the upload's table.

    They come in the place of a template's examples, which `examples_of` finds in a draft.
    """
    if upload.files:
        _store_files(upload)
    rows = read(upload) if upload.has_table else _tasks_of(upload.media)
    call = Call.objects.select_related("organisation").get(pk=upload.call_id)
    examples = examples_of(call) if call.state == State.DRAFT else []
    report = add_own_tasks(call=call, rows=_counting(rows, upload), by=upload.by, examples=examples)
    upload.state, upload.report, upload.reason = Upload.State.DONE, _tell(report), ""
    _mine(upload).update(state=upload.state, report=upload.report, n_read=upload.n_read, reason="")


def fail_upload(*, upload_id: int, reason: str) -> None:
    """Say so: an upload that can't be brought in never looks like one that is still going on."""
    Upload.objects.filter(pk=upload_id, state__in=GOING).update(
        state=Upload.State.FAILED, reason=reason[:300]
    )


def place_of_upload(upload: Upload) -> Path:
    return postgres.files_folder() / "uploads" / upload.token


def drop_old_uploads() -> None:
    old = list(Upload.objects.filter(at__lt=now() - timedelta(days=KEPT_DAYS))[:100])
    for upload in old:
        _drop_files(upload)
    Upload.objects.filter(pk__in=[upload.pk for upload in old]).delete()


def _store_files(upload: Upload) -> None:
    """Once they are media their files go; after a death before that all are looked at again."""
    folder = _folder_of(upload)

    def note(n_files: int) -> None:
        if n_files % FILES_NOTED == 0:
            _mine(upload).update(n_read=n_files)

    with ExitStack() as opened:
        files = [
            (name, opened.enter_context((folder / str(number)).open("rb")))
            for number, name in enumerate(upload.files)
        ]
        found = add_media(
            organisation=upload.call.organisation, files=files, by=upload.by, tell=note
        )
    upload.media, twice = _name_files(found.added)
    # The tables in a ZIP are no media, but they are known already.
    known = {name for name, _ in upload.left_out} | ({upload.name} if upload.has_table else set())
    refused = [one for one in (*found.refused, *twice) if one.name not in known]
    upload.left_out = [*upload.left_out, *map(list, refused)]
    upload.files = []
    _mine(upload).update(media=upload.media, left_out=upload.left_out, files=upload.files, n_read=0)
    shutil.rmtree(folder, ignore_errors=True)


def _name_files(added: list[AddedFile]) -> tuple[dict[str, str], list[RefusedFile]]:
    """Addresses by path; where two ZIPs have the same path, the ZIP's name is its first folder."""
    counts = Counter(one.path for one in added)
    media: dict[str, str] = {}
    twice = []
    for one in added:
        is_shared = counts[one.path] > 1 and one.archive
        name = f"{Path(one.archive).stem}/{one.path}" if is_shared else one.path
        if media.setdefault(name, address_of(one.media)) != address_of(one.media):
            reason = "Another file of this name came before it; rename it and send it again."
            twice.append(RefusedFile(name, reason))
    return media, twice


def _tasks_of(media: dict[str, str]) -> Iterator[tuple[int, object]]:
    for place, (name, address) in enumerate(sorted(media.items()), start=1):
        yield place, {"key": name, "content": {kind_of(address): address}}


def _counting(rows: Rows, upload: Upload) -> Rows:
    """The rows, counted as they go by for those who wait."""
    upload.n_read = 0
    for row in rows:
        upload.n_read += 1
        if upload.n_read % ROWS_NOTED == 0:
            _mine(upload).update(n_read=upload.n_read)
        yield row


def _tell(report: Report) -> dict[str, Any]:
    return {
        "added": report.added,
        "same": report.same,
        "refused_total": report.refused_total,
        "refused": [one._asdict() for one in report.refused],
    }


def _mine(upload: Upload) -> QuerySet[Upload]:
    return Upload.objects.filter(pk=upload.pk)


def _folder_of(upload: Upload) -> Path:
    return place_of_upload(upload).with_name(f"{upload.token}.files")


def _keep_files(files: list[BinaryIO], folder: Path) -> None:
    if sum(file.seek(0, 2) for file in files) > KEPT_BYTES_MAX:
        raise Invalid("Send at most {most} MB at once.", most=KEPT_BYTES_MAX // 2**20)
    folder.mkdir()
    for number, file in enumerate(files):
        file.seek(0)
        with (folder / str(number)).open("wb") as kept:
            shutil.copyfileobj(file, kept)


def _count_files(place: Path) -> int:
    with suppress(zipfile.BadZipFile, OSError), zipfile.ZipFile(place) as archive:
        return len(archive.infolist())
    return 1


def _drop_files(upload: Upload) -> None:
    place_of_upload(upload).unlink(missing_ok=True)
    shutil.rmtree(_folder_of(upload), ignore_errors=True)
