"""The front page."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dure.calls.models import Call
from dure.calls.queries import open_calls
from dure.calls.texts import Words, pick_words

CALLS_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class CallLine:
    slug: str
    title: Words
    brief: Words
    organisation: str
    promise: str


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Open calls, newest first."""
    after = request.GET.get("after", "")
    before_id = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
    found = list(open_calls(before_id=before_id)[: CALLS_PER_PAGE + 1])
    shown = found[:CALLS_PER_PAGE]
    context = {
        "calls": [_line(call) for call in shown],
        "next": shown[-1].pk if len(found) > CALLS_PER_PAGE else None,
    }
    return render(request, "square/front.html", context)


def _line(call: Call) -> CallLine:
    language = get_language() or call.language
    is_paid = call.promise.get("kind", "nothing") != "nothing"
    return CallLine(
        slug=call.slug,
        title=pick_words(call.title, language=language, own=call.language),
        brief=pick_words(call.brief, language=language, own=call.language),
        organisation=call.organisation.name,
        promise=_("Answers are paid.") if is_paid else _("Volunteers help here."),
    )
