"""A call's board: what is coming in, what is clear by now, who takes part, when it will be done."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dure.calls import life, rehearsing
from dure.calls.models import Call, State
from dure.calls.shares.inquiries import count_unanswered
from dure.calls.tasks.boards import read_board
from dure.calls.tasks.exports import ROWS_AT_ONCE_MAX
from dure.calls.tasks.questions import can_be_sure
from dure.clock import now
from dure.doors.desk import charts
from dure.doors.desk.jobs import rehearse_later
from dure.doors.desk.permits import Desk, at_desk
from dure.doors.desk.verdicts.boards import draw_together
from dure.doors.wording.methods import spell_method
from dure.doors.wording.saying import read_text, spell_seconds, spell_share
from dure.errors import Invalid
from dure.people.roles import Right

STEPS = {
    "open": life.open_call,
    "pause": life.pause_call,
    "close": life.close_call,
    "reveal": life.reveal_call,
}


@require_safe
@at_desk(to_see=Right.READ)
def board(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    call = desk.call(call_id)
    if call.state == State.DRAFT and desk.may_edit:
        return redirect("desk-question", desk.organisation.slug, call.pk)
    return render(request, "desk/board.html", _context(desk, call))


@require_safe
@at_desk(to_see=Right.READ)
def board_part(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    """The part that changes, put in place of the old one whenever there is news."""
    return render(request, "desk/_board.html", _context(desk, desk.call(call_id)))


@require_POST
@at_desk(to_see=Right.EDIT)
def lead(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    """Open, pause, close or reveal."""
    step = STEPS.get(request.POST.get("step", ""))
    if step is None:
        raise Invalid("A call is opened, paused, closed or revealed; use the buttons of its board.")
    step(call=desk.call(call_id), by=desk.by)
    return redirect("desk-board", desk.organisation.slug, call_id)


@require_POST
@at_desk(to_see=Right.EDIT)
def rehearse(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    """Switch a demo's simulated crowd on or off."""
    call = desk.call(call_id)
    if "stop" in request.POST:
        rehearsing.stop_rehearsal(call=call, by=desk.by)
        messages.success(request, _("The simulated crowd goes home."))
    else:
        rehearsing.start_rehearsal(call=call, by=desk.by)
        rehearse_later(call_id=call.pk)
    return redirect("desk-board", desk.organisation.slug, call_id)


def head_of(desk: Desk, call: Call, *, part: str) -> dict[str, Any]:
    """What every page of a call that has opened shows at its top."""
    return {
        "desk": desk,
        "tab": "calls",
        "part": part,
        "call": call,
        "can_be_sure": can_be_sure(call.question),
        "title": read_text(call.title, own=call.language),
        "n_unanswered": count_unanswered([call.pk]).get(call.pk, 0),
    }


def _context(desk: Desk, call: Call) -> dict[str, Any]:
    board = read_board(call)
    at = now()
    forecast = board.forecast
    may_rehearse = rehearsing.may_rehearse(call)
    return {
        **head_of(desk, call, part="board"),
        "board": board,
        "method": spell_method(board.method),
        "minutes": charts.draw_minutes(board.minutes, at=at),
        "days": charts.draw_days(board.hours, at=at),
        "confidence": charts.draw_confidence(board.hours, board.minutes),
        "shares": charts.draw_shares(board.summary, call),
        "spread": charts.draw_spread(board.summary),
        "widths": charts.spell_widths(board.summary, call),
        "certainties": charts.draw_certainties(board.summary),
        **draw_together(board.summary, call),
        "sure": spell_share(board.summary["confidence"]) if "confidence" in board.summary else "",
        "done_in": spell_seconds(forecast.hours * 3600) if forecast.hours is not None else "",
        "rows_at_once": ROWS_AT_ONCE_MAX,
        "may_rehearse": may_rehearse,
        # A board renews itself often; of a real call there is nothing to look up.
        "rehearsal": may_rehearse and rehearsing.find_rehearsal(call),
        "has_rehearsed": may_rehearse and rehearsing.has_rehearsed(call),
    }
