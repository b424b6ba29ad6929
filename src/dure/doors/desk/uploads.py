"""Files into tasks: pictures at once, tables after a look at their columns."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dure.calls.models import Call, Upload
from dure.calls.tasks.uploading import (
    GOING,
    bring_in,
    find_upload,
    is_large,
    keep_upload,
    map_upload,
    place_of_upload,
    queue_upload,
)
from dure.doors.desk.beginnings import examples_of
from dure.doors.desk.jobs import import_upload_later
from dure.doors.desk.parcels import open_parcel
from dure.doors.desk.permits import Desk, at_desk
from dure.doors.desk.pictured import join_media
from dure.doors.desk.wizard import frame
from dure.doors.files.sheets import Sheet, guess_mapping, map_rows, open_sheet, read_sheet
from dure.doors.files.task_rows import BadLine
from dure.doors.wording.refusals import spell_refusal
from dure.errors import Invalid, Refusal
from dure.people.roles import Right

FILES_MAX = 500
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
        sent = [(one.name or "file", cast(BinaryIO, one.file)) for one in files]
        parcel = open_parcel(sent, Path(folder))
        kept = keep_upload(
            call=call,
            table=parcel.table,
            files=parcel.files,
            left_out=parcel.left_out,
            by=desk.by,
        )
    if kept.has_table:
        return redirect("desk-mapping", desk.organisation.slug, call.pk, kept.pk)
    return _bring_in(request, desk, call, kept)


@at_desk(to_see=Right.EDIT)
def mapping(request: HttpRequest, desk: Desk, call_id: int, upload_id: int) -> HttpResponse:
    """What each column of a table is; then how far its rows are tasks, and what became of them."""
    call = desk.call(call_id)
    kept = find_upload(call=call, upload_id=upload_id)
    is_new = kept.state == Upload.State.KEPT or "again" in request.GET
    may_map = kept.has_table and kept.state not in GOING and place_of_upload(kept).is_file()
    if not may_map or not (is_new or request.method == "POST"):
        return _show(request, desk, call, kept)
    advice = ""
    sheet = open_sheet(place_of_upload(kept), name=kept.name)
    chosen = _read_mapping(request, sheet)
    if request.method == "POST":
        try:
            if not set(chosen.values()) - {"key", "gold"}:
                raise Invalid(
                    "Say which column holds what people look at: a text, a picture, a pair."
                )
            map_upload(upload=kept, mapping=chosen)
            return _bring_in(request, desk, call, kept)
        except Refusal as refusal:
            advice = spell_refusal(refusal)
    rows, flaws = _look_at(sheet)
    if request.method != "POST":
        chosen = kept.mapping or guess_mapping(sheet.columns, rows)
    context = {
        **frame(desk, call, step=1),
        "upload": kept,
        "left_out": _spell_left_out(kept),
        "columns": [{"name": name, "field": chosen.get(name, "")} for name in sheet.columns],
        "fields": [{"value": name, "name": words} for name, words in _field_names().items()],
        "rows": [[row.get(name, "") for name in sheet.columns] for row in rows[:SHOWN_ROWS]],
        "flaws": flaws,
        "advice": advice,
    }
    return render(request, "desk/mapping.html", context, status=422 if advice else 200)


def read_rows(kept: Upload) -> Iterator[tuple[int, object] | BadLine]:
    """The rows of a table that was mapped, as tasks."""
    sheet = open_sheet(place_of_upload(kept), name=kept.name)
    rows = join_media(read_sheet(sheet), media=kept.media, mapping=kept.mapping)
    return _with_gold_as_values(map_rows(rows, kept.mapping), kept.call)


def _bring_in(request: HttpRequest, desk: Desk, call: Call, kept: Upload) -> HttpResponse:
    """At once if that is quick; else in the background, with a page that tells how far it is."""
    if not is_large(kept):
        bring_in(upload=kept, read=read_rows, examples_of=examples_of)
        return _show(request, desk, call, kept)
    queue_upload(upload=kept, defer=partial(import_upload_later, upload_id=kept.pk))
    return redirect("desk-mapping", desk.organisation.slug, call.pk, kept.pk)


def _show(request: HttpRequest, desk: Desk, call: Call, kept: Upload) -> HttpResponse:
    """What became of it; for the page that asks again by itself, that part alone."""
    context = {
        "upload": kept,
        "report": kept.report,
        "left_out": _spell_left_out(kept),
        "reason": _(kept.reason) if kept.reason else "",
        "is_going": kept.state in GOING,
    }
    if request.headers.get("HX-Request"):
        return render(request, "desk/_import.html", {**context, "desk": desk, "call": call})
    return render(request, "desk/imported.html", {**frame(desk, call, step=1), **context})


def _spell_left_out(kept: Upload) -> list[dict[str, str]]:
    return [{"name": name, "reason": _(reason)} for name, reason in kept.left_out]


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
