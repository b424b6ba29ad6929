"""Results to take home: small files at once, large ones made in the background."""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Iterator
from typing import Any, cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from dure.calls.copying import Form
from dure.calls.models import Export
from dure.calls.tasks.exporting import type_of
from dure.calls.tasks.exports import (
    FORMS,
    ROWS_AT_ONCE_MAX,
    NoSuchExport,
    ask_for_export,
    check_export,
    count_rows,
    exports_of,
    find_export,
    note_export,
    place_of,
    stream_export,
)
from dure.doors.desk.board import head_of
from dure.doors.desk.jobs import write_export_later
from dure.doors.desk.permits import Desk, at_desk
from dure.doors.desk.result_tables import write_table
from dure.doors.files.streaming import CONTENT_TYPES, Format, stream, stream_file, stream_rows
from dure.people.roles import Right

SHOWN_MAX = 20


@at_desk(to_see=Right.READ)
def exports(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    """What can be taken home; what takes a while is made in the background."""
    call = desk.call(call_id)
    if request.method == "POST":
        what, form = request.POST.get("what", ""), request.POST.get("form", "")
        check_export(call=call, what=what, form=form)
        if count_rows(call, what) <= ROWS_AT_ONCE_MAX:
            address = f"{request.path}/now?what={what}&form={form}"
            return HttpResponse(status=303, headers={"Location": address})
        with transaction.atomic():
            made = ask_for_export(call=call, what=what, form=form, by=desk.by)
            write_export_later(export_id=made.pk)
        return redirect("desk-exports", desk.organisation.slug, call.pk)
    context = {
        **head_of(desk, call, part="exports"),
        "exports": [show_export(one) for one in exports_of(call)[:SHOWN_MAX]],
        "has_predictions": call.question.get("predict", False),
        "forms": FORMS,
        "rows": {what: count_rows(call, what) for what in ("verdicts", "answers")},
        "rows_at_once": ROWS_AT_ONCE_MAX,
    }
    return render(request, "desk/exports.html", context)


@require_safe
@at_desk(to_see=Right.READ)
def table(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponseBase:
    """The results in words, for people; at once, however many there are."""
    call = desk.call(call_id)
    blocks = write_table(
        call, language=get_language() or call.language, site=request.build_absolute_uri("/")
    )
    name = f"results-{call.slug}.csv"
    response = stream_rows(request, blocks, content_type=CONTENT_TYPES["csv"], filename=name)
    if request.method == "GET":
        note_export(call=call, what="table", form="csv", by=desk.by)
    return response


@require_safe
@at_desk(to_see=Right.READ)
def at_once(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponseBase:
    """The same as over the API, as a download."""
    call = desk.call(call_id)
    what, form = request.GET.get("what", ""), cast(Format, request.GET.get("form", ""))
    check_export(call=call, what=what, form=form)
    make = for_a_spreadsheet(stream_export(call, what))
    response = stream(request, make, form=form, name=f"{what}-{call.slug}")
    if request.method == "GET":
        note_export(call=call, what=what, form=form, by=desk.by)
    response["Content-Disposition"] = f'attachment; filename="{what}-{call.slug}.{form}"'
    return response


@require_safe
@at_desk(to_see=Right.READ)
def state(request: HttpRequest, desk: Desk, call_id: int, export_id: int) -> HttpResponse:
    """How far an export is, as the part of the page that asks again by itself."""
    call = desk.call(call_id)
    export = find_export(call=call, export_id=export_id)
    context = {"desk": desk, "call": call, "one": show_export(export)}
    return render(request, "desk/_export.html", context)


@require_safe
@at_desk(to_see=Right.READ)
def file(
    request: HttpRequest,
    desk: Desk,
    call_id: int,
    export_id: int,
) -> HttpResponseBase:
    export = find_export(call=desk.call(call_id), export_id=export_id)
    if export.state != Export.State.DONE:
        raise NoSuchExport
    try:
        content = place_of(export).open("rb")
    except FileNotFoundError:
        raise NoSuchExport from None
    response = stream_file(request, content)
    response["Content-Type"] = CONTENT_TYPES[cast(Format, export.form)]
    name = f"{export.what}-{export.call.slug}.{export.form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Length"] = str(os.fstat(content.fileno()).st_size)
    response["Cache-Control"] = "no-store"
    return response


def write_form(make: Callable[[Form], Iterator[bytes]], form: Any) -> Iterator[bytes]:
    """Rows into the form's bytes; for the job that writes them to disk."""
    if form == "parquet":
        # DuckDB takes 20 MB, and few ask for Parquet.
        from dure.doors.files.parquet import stream_parquet  # noqa: PLC0415  slow import

        return stream_parquet(make("table"), type_of=type_of)
    return for_a_spreadsheet(make)(form)


def for_a_spreadsheet(make: Callable[[Form], Iterator[bytes]]) -> Callable[[Form], Iterator[bytes]]:
    """CSV with the mark without which Excel reads UTF-8 as the code page of its country."""

    def made(form: Form) -> Iterator[bytes]:
        blocks = make(form)
        if form == "csv":
            yield codecs.BOM_UTF8 + next(blocks, b"")
        yield from blocks

    return made


def show_export(export: Export) -> dict[str, Any]:
    expected = max(1, export.rows_expected)
    return {
        "export": export,
        "percent": min(99, 100 * export.rows_made // expected),
        "is_going": export.state in (Export.State.WAITING, Export.State.RUNNING),
    }
