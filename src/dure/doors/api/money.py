"""/calls/{id}/promise, /pay-ins, /gains and /money: what is promised, paid in and gained."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django.http import HttpRequest
from ninja import Query, Router, Status

from dure.calls.bettering import promise_more as promise_more_in
from dure.calls.models import Call
from dure.calls.queries import find_call
from dure.calls.shares import gains, paying_in
from dure.calls.shares.statements import sums_of
from dure.calls.tasks.queries import count_work
from dure.doors.api.cursors import read_page
from dure.doors.api.documents import problems
from dure.doors.api.money_schemas import (
    CorrectionIn,
    GainId,
    GainIn,
    GainOut,
    GainsOut,
    MoneyOut,
    PageQuery,
    PayInIn,
    PayInOut,
    PayInsOut,
    PromiseIn,
    RequestKey,
    show_gain,
    show_pay_in,
    show_sums,
)
from dure.doors.api.schemas import CallId, CallOut, show_call
from dure.doors.api.signing import name_of, organisation_of
from dure.doors.wording.links import root_of
from dure.errors import Invalid
from dure.ledger.money import Money

router = Router(tags=["money"])


@router.post(
    "/{call_id}/promise",
    response={200: CallOut, **problems(404, 409, 413, 422)},
    summary="Promise more",
)
def promise_more(request: HttpRequest, call_id: CallId, body: PromiseIn) -> Any:
    """Those who take part rely on a promise, so nothing in it may become worse: 409.

    The same promise again changes nothing. A draft's promise is changed with the draft.
    """
    call = _find(request, call_id)
    bettered = promise_more_in(call=call, promise=body.promise, by=name_of(request))
    work = count_work([call.pk])[call.pk]
    return show_call(bettered, work=work, address=root_of(request))


@router.get(
    "/{call_id}/money", response={200: MoneyOut, **problems(404, 422)}, summary="Read the sums"
)
def read_money(request: HttpRequest, call_id: CallId) -> Any:
    call = _find(request, call_id)
    return show_sums(call.promise, sums_of(call))


@router.post(
    "/{call_id}/pay-ins",
    response={201: PayInOut, **problems(404, 409, 413, 422)},
    summary="Record money that was paid in",
)
def record_pay_in(
    request: HttpRequest, call_id: CallId, body: PayInIn, idempotency_key: RequestKey = None
) -> Any:
    """It settles what is owed for the call; what is over is there for what will be earned."""
    made = paying_in.pay_in(
        call=_find(request, call_id),
        money=Money(body.amount_minor, body.currency),
        note=body.note,
        by=name_of(request),
        request_key=_key(idempotency_key),
    )
    return Status(201, show_pay_in(made))


@router.get(
    "/{call_id}/pay-ins",
    response={200: PayInsOut, **problems(404, 422)},
    summary="List what was paid in",
)
def list_pay_ins(request: HttpRequest, call_id: CallId, page: Query[PageQuery]) -> Any:
    """The newest first."""
    rows = paying_in.pay_ins_of(_find(request, call_id))
    shown, after = read_page(rows, cursor=page.cursor, limit=page.limit)
    return {"pay_ins": [show_pay_in(one) for one in shown], "next": after}


@router.post(
    "/{call_id}/gains",
    response={201: GainOut, **problems(404, 409, 413, 422)},
    by_alias=True,
    summary="Record what a call earned",
)
def record(
    request: HttpRequest, call_id: CallId, body: GainIn, idempotency_key: RequestKey = None
) -> Any:
    """What was promised of it is owed to the crowd from now on.

    Send an Idempotency-Key: without one each request is another gain, even if it says the same.
    """
    made = gains.record_gain(
        call=_find(request, call_id),
        money=Money(body.amount_minor, body.currency),
        period=gains.Period(_read_day(body.period.first), _read_day(body.period.last)),
        note=body.note,
        evidence=body.evidence,
        by=name_of(request),
        request_key=_key(idempotency_key),
    )
    return Status(201, show_gain(made))


@router.get(
    "/{call_id}/gains",
    response={200: GainsOut, **problems(404, 422)},
    by_alias=True,
    summary="List the gains",
)
def list_gains(request: HttpRequest, call_id: CallId, page: Query[PageQuery]) -> Any:
    """As they were recorded, corrections among them."""
    rows = gains.gains_of(_find(request, call_id))
    shown, after = read_page(rows, cursor=page.cursor, limit=page.limit, goes_up=True)
    return {"gains": [show_gain(one) for one in shown], "next": after}


@router.post(
    "/{call_id}/gains/{gain_id}/correct",
    response={201: GainOut, **problems(404, 409, 413, 422)},
    by_alias=True,
    summary="Say what a gain really was",
)
def correct(
    request: HttpRequest,
    call_id: CallId,
    gain_id: GainId,
    body: CorrectionIn,
    idempotency_key: RequestKey = None,
) -> Any:
    """The difference is recorded as a gain of its own; a correction itself can't be corrected."""
    made = gains.correct_gain(
        call=_find(request, call_id),
        gain_id=gain_id,
        amount_minor=body.amount_minor,
        note=body.note,
        by=name_of(request),
        request_key=_key(idempotency_key),
    )
    return Status(201, show_gain(made))


def _find(request: HttpRequest, call_id: int) -> Call:
    return find_call(organisation=organisation_of(request), call_id=call_id)


def _key(given: str | None) -> str:
    """What was sent, or a new one: money moves that say the same may both be meant."""
    return given or str(uuid4())


def _read_day(day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise Invalid("There is no day {day!r:.20}; write it as in 2027-12-31.", day=day) from None
