"""Files into tasks: pictures at once, tables after a look at their columns."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dure.calls.media.storing import add_media, address_of
from dure.calls.models import Call
from dure.calls.tasks.importing import Report
from dure.calls.tasks.uploading import find_upload, keep_upload, place_of_upload
from dure.doors.desk.permits import Desk, at_desk
from dure.doors.desk.wizard import frame, put_tasks
from dure.doors.files.sheets import Sheet, guess_mapping, map_rows, open_sheet, read_sheet
from dure.doors.files.task_rows import BadLine
from dure.doors.wording.refusals import spell_refusal
from dure.errors import Invalid, Refusal
from dure.people.roles import Right

FILES_MAX = 500
TABLE_BYTES_MAX = 200 * 2**20
TABLES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json", ".xlsx")
SHOWN_ROWS = 5
LOOKED_AT_ROWS = 200
FIELDS = ("key", "text", "image", "audio", "video", "left", "right", "items", "gold")


@require_POST
@at_desk(to_see=Right.EDIT)
def upload(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    """Pictures, sounds and films become tasks at once; a table is looked at first."""
    call = desk.call(call_id)
    files = request.FILES.getlist("files")
    if not files or len(files) > FILES_MAX:
        raise Invalid("Choose 1 to {most} files, or pack them into one ZIP.", most=FILES_MAX)
    with tempfile.TemporaryDirectory(prefix="dure-upload-") as folder:
        tables, others = _sorted(files, Path(folder))
        media = add_media(organisation=desk.organisation, files=others, by=desk.by)
        addresses = {one.name: address_of(one.media) for one in media.added}
        if tables:
            name, table = tables[0]
            kept = keep_upload(call=call, source=table, name=name, media=addresses, by=desk.by)
            return redirect("desk-mapping", desk.organisation.slug, call.pk, kept.pk)
    kinds = {one.name: one.media.kind for one in media.added}
    report = put_tasks(call, desk, _tasks_of_media(addresses, kinds))
    context = {**frame(desk, call, step=1), "report": report, "files_refused": media.refused}
    return render(request, "desk/imported.html", context)


@at_desk(to_see=Right.EDIT)
def mapping(request: HttpRequest, desk: Desk, call_id: int, upload_id: int) -> HttpResponse:
    """The first rows of a table and what each column is; then the rows become tasks."""
    call = desk.call(call_id)
    kept = find_upload(call=call, upload_id=upload_id)
    advice = ""
    sheet = open_sheet(place_of_upload(kept), name=kept.name)
    chosen = _read_mapping(request, sheet)
    if request.method == "POST":
        try:
            return _import(request, desk, call, sheet, chosen, media=kept.media)
        except Refusal as refusal:
            advice = spell_refusal(refusal)
    rows, flaws = _look_at(sheet)
    if request.method != "POST":
        chosen = guess_mapping(sheet.columns, rows)
    context = {
        **frame(desk, call, step=1),
        "upload": kept,
        "columns": [{"name": name, "field": chosen.get(name, "")} for name in sheet.columns],
        "fields": [{"value": name, "name": words} for name, words in _field_names().items()],
        "rows": [[row.get(name, "") for name in sheet.columns] for row in rows[:SHOWN_ROWS]],
        "flaws": flaws,
        "advice": advice,
    }
    return render(request, "desk/mapping.html", context, status=422 if advice else 200)


def _import(
    request: HttpRequest,
    desk: Desk,
    call: Call,
    sheet: Sheet,
    chosen: dict[str, str],
    *,
    media: dict[str, str],
) -> HttpResponse:
    if not set(chosen.values()) - {"key", "gold"}:
        raise Invalid("Say which column holds what people look at: a text, a picture, a pair.")
    rows = map_rows(_with_media(read_sheet(sheet), media), chosen)
    report: Report = put_tasks(call, desk, _with_gold_as_values(rows, call))
    context = {**frame(desk, call, step=1), "report": report, "files_refused": []}
    return render(request, "desk/imported.html", context)


def _read_mapping(request: HttpRequest, sheet: Sheet) -> dict[str, str]:
    """{column: field}; of two columns for one field the first is taken."""
    chosen: dict[str, str] = {}
    for place, column in enumerate(sheet.columns):
        field = request.POST.get(f"column-{place}", "")
        if field in FIELDS and field not in chosen.values():
            chosen[column] = field
    return chosen


def _look_at(sheet: Sheet) -> tuple[list[dict[str, Any]], list[BadLine]]:
    rows, flaws = [], []
    for one in islice(read_sheet(sheet), LOOKED_AT_ROWS):
        if isinstance(one, BadLine):
            flaws.append(one)
        else:
            rows.append(one[1])
    return rows, flaws


def _with_media(
    rows: Iterable[tuple[int, dict[str, Any]] | BadLine], media: dict[str, str]
) -> Iterator[tuple[int, dict[str, Any]] | BadLine]:
    """A cell that names a file of the same ZIP is that file's address."""
    for row in rows:
        if isinstance(row, BadLine) or not media:
            yield row
        else:
            line, cells = row
            yield (
                line,
                {
                    name: media.get(cell, cell) if isinstance(cell, str) else cell
                    for name, cell in cells.items()
                },
            )


def _with_gold_as_values(
    rows: Iterable[tuple[int, dict[str, Any]] | BadLine], call: Call
) -> Iterator[tuple[int, object] | BadLine]:
    """People write an answer as they read it; results name it by its value."""
    values = {
        words: option["value"]
        for option in call.question.get("options") or []
        for words in (
            option["label"].values() if isinstance(option["label"], dict) else [option["label"]]
        )
    }
    for row in rows:
        if not isinstance(row, BadLine) and isinstance(row[1].get("gold"), str):
            row[1]["gold"] = values.get(row[1]["gold"].strip(), row[1]["gold"])
        yield row


def _tasks_of_media(
    addresses: dict[str, str], kinds: dict[str, str]
) -> Iterator[tuple[int, object]]:
    for place, (name, address) in enumerate(sorted(addresses.items()), start=1):
        yield place, {"key": name, "content": {kinds[name]: address}}


def _sorted(
    files: list[UploadedFile[Any]], folder: Path
) -> tuple[list[tuple[str, Path]], list[tuple[str, BinaryIO]]]:
    """Tables, on disk under any name, and what may be media; a ZIP may hold both."""
    tables: list[tuple[str, Path]] = []
    others: list[tuple[str, BinaryIO]] = []
    for place, one in enumerate(files):
        name = one.name or "file"
        stream = cast(BinaryIO, one.file)
        if name.lower().endswith(".zip"):
            tables += _tables_of_zip(stream, folder / f"zip-{place}")
            stream.seek(0)
            others.append((name, stream))
        elif name.lower().endswith(TABLES):
            tables.append((name, _put(stream, folder / f"table-{place}")))
        else:
            others.append((name, stream))
    return tables, others


def _tables_of_zip(stream: BinaryIO, folder: Path) -> list[tuple[str, Path]]:
    try:
        with zipfile.ZipFile(stream) as packed:
            members = [
                one
                for one in packed.infolist()
                if one.filename.lower().endswith(TABLES)
                and not one.filename.startswith("__MACOSX/")
                and one.file_size <= TABLE_BYTES_MAX
            ]
            if not members:
                return []
            folder.mkdir()
            with packed.open(members[0]) as table:
                return [(Path(members[0].filename).name, _put(table, folder / "table"))]
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError):
        # The store of media tells what is wrong with it.
        return []


def _put(source: IO[bytes], place: Path) -> Path:
    """At most so many bytes: what a ZIP says of a member's size need not be true."""
    left = TABLE_BYTES_MAX
    with place.open("wb") as file:
        while left > 0 and (block := source.read(min(left, 2**20))):
            file.write(block)
            left -= len(block)
        if source.read(1):
            raise Invalid(
                "A table has at most {most} MB here; send a larger one over the API.",
                most=TABLE_BYTES_MAX // 2**20,
            )
    return place


def _field_names() -> dict[str, str]:
    return {
        "key": _("its number or name"),
        "text": _("text"),
        "image": _("picture"),
        "audio": _("sound"),
        "video": _("film"),
        "left": _("left of a pair"),
        "right": _("right of a pair"),
        "items": _("what is put in order"),
        "gold": _("the right answer"),
    }
