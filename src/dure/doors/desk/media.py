"""An organisation's pictures, sounds and films."""

from __future__ import annotations

from typing import BinaryIO, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dure.calls.media.storing import Report, add_media, address_of
from dure.calls.models import Media
from dure.doors.desk.permits import Desk, at_desk
from dure.doors.desk.reading import read_id
from dure.errors import Invalid
from dure.people.roles import Right

SHOWN = 60
FILES_MAX = 500


@at_desk(to_see=Right.READ, to_do=Right.EDIT)
def media(request: HttpRequest, desk: Desk) -> HttpResponse:
    report = _store(request, desk) if request.method == "POST" else None
    found = Media.objects.filter(organisation=desk.organisation).order_by("-pk")
    before = read_id(request.GET.get("before"))
    if before is not None:
        found = found.filter(pk__lt=before)
    page = list(found[: SHOWN + 1])
    shown = page[:SHOWN]
    context = {
        "desk": desk,
        "tab": "media",
        "media": [{"media": one, "address": address_of(one)} for one in shown],
        "report": report,
        "n_added": sum(not one.same for one in report.added) if report else 0,
        "n_same": sum(one.same for one in report.added) if report else 0,
        "next": shown[-1].pk if len(page) > SHOWN else None,
    }
    return render(request, "desk/media.html", context)


def _store(request: HttpRequest, desk: Desk) -> Report:
    files = request.FILES.getlist("files")
    if not files or len(files) > FILES_MAX:
        raise Invalid("Choose 1 to {most} files, or pack them into one ZIP.", most=FILES_MAX)
    return add_media(
        organisation=desk.organisation,
        files=[(one.name or "", cast(BinaryIO, one.file)) for one in files],
        by=desk.by,
    )
