"""What I earned: a person's statement over all their calls, and their questions about it."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dure.calls.finding import find_public_call
from dure.calls.models import Call
from dure.calls.shares.inquiries import TooManyInquiries, ask_why, erase_inquiry
from dure.calls.shares.statements import contributors_of
from dure.calls.tasks.merging import find_person
from dure.clock import now
from dure.doors.phone import installing
from dure.doors.phone.keys import read_key
from dure.doors.phone.statements import read_statement, show_statement, write_rows
from dure.doors.wording.saying import spell_day
from dure.errors import Refusal, Unknown
from dure.people.models import Person

ID_DIGITS_MAX = 18


@require_safe
@never_cache
def earned(request: HttpRequest, slug: str) -> HttpResponse:
    """What this browser's person earned, this call first."""
    person, call, mine = _who(request, slug)
    if person is None or call is None or not mine:
        return redirect("join", slug)
    return _show(request, person, first=call)


@require_safe
@never_cache
def earned_in_all(request: HttpRequest) -> HttpResponse:
    """The same for whoever holds a key, without a call to go back to."""
    return _show(request, find_person(read_key(request)))


@require_safe
@never_cache
def earned_as_table(request: HttpRequest) -> HttpResponse:
    """The statement to take home, as CSV."""
    person = find_person(read_key(request))
    if person is None:
        return redirect("earned-in-all")
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(write_rows(read_statement(person)))
    # Spreadsheets take a file for UTF-8 by its first sign.
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="earned.csv"'
    return response


@require_POST
@never_cache
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Why did I get what I got? The same form sent twice is one question."""
    person, call, mine = _who(request, slug)
    if person is None or call is None or not mine:
        return redirect("join", slug)
    typed, key = request.POST.get("text", ""), request.POST.get("key", "")
    try:
        ask_why(call=call, contributor_id=mine[0], text=typed, request_key=key)
    except TooManyInquiries as refusal:
        advice = _("Twenty questions about one call are the most. Please wait for the answers.")
        return _show(request, person, first=call, status=refusal.status, typed=typed, advice=advice)
    except Refusal as refusal:
        advice = _("Please write a question of 1 to 1,000 letters.")
        return _show(request, person, first=call, status=refusal.status, typed=typed, advice=advice)
    return _see_other(slug)


@require_POST
@never_cache
def erase(request: HttpRequest, slug: str) -> HttpResponse:
    """Take one's own words back."""
    _person, call, mine = _who(request, slug)
    if call is None or not mine:
        return redirect("join", slug)
    text = request.POST.get("inquiry", "")
    if text.isascii() and text.isdigit() and len(text) <= ID_DIGITS_MAX:
        erase_inquiry(call_id=call.pk, contributor_ids=mine, inquiry_id=int(text))
    return _see_other(slug)


def _who(request: HttpRequest, slug: str) -> tuple[Person | None, Call | None, list[int]]:
    """Who asks, about which call, and who they are in it; nobody in one they took no part in."""
    person = find_person(read_key(request))
    try:
        call = find_public_call(slug)
    except Unknown:
        return person, None, []
    if person is None:
        return None, call, []
    return person, call, contributors_of(person).get(call.pk, [])


def _show(
    request: HttpRequest,
    person: Person | None,
    *,
    first: Call | None = None,
    status: int = 200,
    **more: object,
) -> HttpResponse:
    shown = show_statement(read_statement(person, first=first)) if person is not None else None
    context: dict[str, Any] = {
        "statement": shown,
        "slug": first.slug if first is not None else "",
        "keep_slug": shown.calls[0].slug if shown is not None and shown.calls else "",
        "is_kept": person is not None and person.account_id is not None,
        "today": spell_day(now()),
        "version": installing.version_of_files(),
        **more,
    }
    return render(request, "phone/earned.html", context, status=status)


def _see_other(slug: str) -> HttpResponse:
    return HttpResponse(status=303, headers={"Location": reverse("earned", args=[slug])})
