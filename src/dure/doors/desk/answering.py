"""Contributors' questions about what they got, and what an organiser answers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dure.calls.shares.inquiries import inquiries_of, reply_to
from dure.calls.shares.listing import name_contributors
from dure.calls.shares.settlements import settlements_of
from dure.doors.desk.board import head_of
from dure.doors.desk.naming import name_things
from dure.doors.desk.permits import Desk, at_desk
from dure.doors.desk.reading import read_id
from dure.doors.wording.refusals import spell_refusal
from dure.errors import Invalid
from dure.people.roles import Right

SHOWN_MAX = 100
SETTLEMENTS_MAX = 200


@require_safe
@at_desk(to_see=Right.READ)
def questions(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    return _show(request, desk, call_id)


@require_POST
@at_desk(to_see=Right.MONEY)
def answer(request: HttpRequest, desk: Desk, call_id: int, inquiry_id: int) -> HttpResponse:
    """In words, perhaps with the settlement that mends what was wrong."""
    try:
        reply_to(
            call=desk.call(call_id),
            inquiry_id=inquiry_id,
            text=request.POST.get("text", ""),
            by=desk.by,
            settlement_number=read_id(request.POST.get("settlement")),
        )
    except Invalid as refusal:
        return _show(request, desk, call_id, answering=inquiry_id, advice=spell_refusal(refusal))
    messages.success(request, _("Answered. Whoever asked reads it on their own page."))
    return redirect("desk-inquiries", desk.organisation.slug, call_id)


def _show(
    request: HttpRequest, desk: Desk, call_id: int, *, answering: int = 0, advice: str = ""
) -> HttpResponse:
    call = desk.call(call_id)
    inquiries = list(inquiries_of(call)[:SHOWN_MAX])
    names = name_contributors(
        call_id=call.pk, contributor_ids=[one.contributor_id for one in inquiries]
    )
    settlements = settlements_of(call).filter(approved_at__isnull=False)[:SETTLEMENTS_MAX]
    context = {
        **head_of(desk, call, part="money"),
        "inquiries": [(one, names.get(one.contributor_id, "")) for one in inquiries],
        "settlements": list(settlements),
        "names": name_things([reply.by for one in inquiries for reply in one.replies.all()]),
        "answering": answering,
        "text": request.POST.get("text", ""),
        "advice": advice,
    }
    return render(request, "desk/inquiries.html", context, status=422 if advice else 200)
