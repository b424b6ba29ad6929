"""The front page, an organisation's page, a call's page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dure.calls import finding
from dure.calls.shares.overdue import overdue_of
from dure.calls.tasks.results import progress_of
from dure.calls.topics import TOPICS
from dure.clock import now
from dure.doors.square.showing import TYPES_BY_MINUTES, show_call, show_money, show_results
from dure.doors.wording.funding import read_sums
from dure.errors import Unknown
from dure.people.models import Organisation

CALLS_PER_PAGE = 50
LANGUAGES = {"ko": "한국어", "en": "English"}
ASKED = ("q", "topic", "language", "minutes", "promise")


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Open calls, newest first; those that fit, if somebody looks for something."""
    asked = {name: request.GET.get(name, "").replace("\0", "")[:80] for name in ASKED}
    wish = read_wish(asked)
    page = list(finding.find_open_calls(wish, before_id=_read_id(request))[: CALLS_PER_PAGE + 1])
    shown = page[:CALLS_PER_PAGE]
    kept = {name: value for name, value in asked.items() if value}
    context = {
        "calls": [show_call(call) for call in shown],
        "next": urlencode({**kept, "after": shown[-1].pk}) if len(page) > CALLS_PER_PAGE else "",
        "asked": asked,
        "is_filtered": wish != finding.Wish(),
        "topics": TOPICS,
        "languages": LANGUAGES,
        "minutes": {minutes: _spell_minutes(minutes) for minutes in TYPES_BY_MINUTES},
        "promises": {"paid": _("paid"), "thanks": _("for thanks")},
    }
    return render(request, "square/front.html", context)


@require_safe
def organisation(request: HttpRequest, slug: str) -> HttpResponse:
    found = Organisation.objects.filter(slug=slug).first()
    if found is None:
        raise Http404
    calls = finding.public_calls(found)
    before_id = _read_id(request)
    if before_id is not None:
        calls = calls.filter(pk__lt=before_id)
    page = list(calls[: CALLS_PER_PAGE + 1])
    here = page[:CALLS_PER_PAGE]
    late = overdue_of(here, today=now().date())
    shown = [show_call(call, overdue=late.get(call.pk)) for call in here]
    context = {
        "organisation": found,
        "open": [call for call in shown if call.state == "open"],
        "others": [call for call in shown if call.state != "open"],
        "next": page[CALLS_PER_PAGE - 1].pk if len(page) > CALLS_PER_PAGE else None,
    }
    return render(request, "square/organisation.html", context)


@require_safe
def about(request: HttpRequest, slug: str) -> HttpResponse:
    """What a call is for; its result, as soon as everybody may see it."""
    try:
        call = finding.find_public_call(slug)
    except Unknown:
        raise Http404 from None
    sums = read_sums(call.pk, promise=call.promise)
    context: dict[str, Any] = {
        "call": show_call(call),
        "money": show_money(call, sums) if sums is not None else None,
        # No finer than what the phone tells while answers are sealed.
        "progress": progress_of(call_id=call.pk),
        "results": show_results(call) if finding.is_revealed(call) else None,
    }
    return render(request, "square/about.html", context)


def read_wish(asked: dict[str, str]) -> finding.Wish:
    """What was asked for; what makes no sense is as if it was not there."""
    minutes = asked["minutes"]
    promise = asked["promise"]
    return finding.Wish(
        words=" ".join(asked["q"].split()),
        topic=asked["topic"] if asked["topic"] in TOPICS else "",
        language=asked["language"] if asked["language"] in LANGUAGES else "",
        types=TYPES_BY_MINUTES.get(minutes, ()),
        is_paid={"paid": True, "thanks": False}.get(promise),
    )


def _spell_minutes(minutes: str) -> str:
    return {
        "1": _("a minute"),
        "3": _("up to 3 minutes"),
        "10": _("up to 10 minutes"),
    }[minutes]


def _read_id(request: HttpRequest) -> int | None:
    text = request.GET.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
