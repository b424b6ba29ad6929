"""/calls/{id}/settlements and /shares: propose who gets what, approve it, read who got what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from dure.calls.copying import Form
from dure.calls.models import Call
from dure.calls.queries import find_call
from dure.calls.shares.exporting import largest_shares, stream_shares, stream_shares_so_far
from dure.calls.shares.limits import limit_of
from dure.calls.shares.models import Settlement
from dure.calls.shares.settlements import (
    NeedsSecond,
    approve_settlement,
    find_settlement,
    settlements_of,
    withdraw_settlement,
)
from dure.doors.api.cursors import read_page
from dure.doors.api.documents import files, problems
from dure.doors.api.money_schemas import (
    Number,
    PageQuery,
    PreviewOut,
    SettlementIn,
    SettlementsOut,
    SharesOut,
    show_settlement,
)
from dure.doors.api.schemas import CallId, ExportQuery
from dure.doors.api.signing import name_of, organisation_of
from dure.doors.files.streaming import stream

router = Router(tags=["settlements"])

EXAMPLE = "worker,counted,checked,base_minor,value_minor,sum_minor\nw3b1,60,41,12300,3200,15500\n"


@router.post(
    "/{call_id}/settlements",
    response={201: PreviewOut, **problems(404, 409, 413, 422)},
    summary="Propose a settlement",
)
def propose(request: HttpRequest, call_id: CallId, body: SettlementIn) -> Any:
    """Who would get what by now, to be looked at; nothing is owed before it is approved.

    An earlier proposal that waits is withdrawn, unless this one says the same.
    """
    # With numpy: only a process that settles holds it.
    from dure.calls.settling import propose_settlement  # noqa: PLC0415  slow import

    call = _find(request, call_id)
    made = propose_settlement(call=call, by=name_of(request), note=body.note, is_last=body.is_last)
    return Status(201, _preview(call, made))


@router.get(
    "/{call_id}/settlements",
    response={200: SettlementsOut, **problems(404, 422)},
    summary="List the settlements",
)
def list_settlements(request: HttpRequest, call_id: CallId, page: Query[PageQuery]) -> Any:
    """The newest first."""
    call = _find(request, call_id)
    rows = settlements_of(call).select_related("corrects")
    shown, after = read_page(rows, cursor=page.cursor, limit=page.limit, by="number")
    limits = {
        currency: limit_of(call.organisation, currency).amount_minor
        for currency in {one.currency for one in shown}
    }
    return {
        "settlements": [show_settlement(one, limit_minor=limits[one.currency]) for one in shown],
        "next": after,
    }


@router.get(
    "/{call_id}/settlements/{number}",
    response={200: PreviewOut, **problems(404, 422)},
    summary="Read a settlement",
)
def read_settlement(request: HttpRequest, call_id: CallId, number: Number) -> Any:
    call = _find(request, call_id)
    return _preview(call, find_settlement(call=call, number=number))


@router.post(
    "/{call_id}/settlements/{number}/approve",
    response={200: PreviewOut, **problems(404, 409, 422)},
    summary="Approve a settlement",
)
def approve(request: HttpRequest, call_id: CallId, number: Number) -> Any:
    """From now on it is owed to everyone in it. Approving twice changes nothing.

    Above the organisation's limit a second member has to agree, and a token is none: 409
    needs-second.
    """
    call = _find(request, call_id)
    settlement = find_settlement(call=call, number=number)
    limit = limit_of(call.organisation, settlement.currency)
    total = abs(settlement.base_minor + settlement.value_minor)
    if settlement.approved_at is None and total > limit.amount_minor:
        raise NeedsSecond(
            "So much needs the yes of a second member, and a token is none; approve it at the desk."
        )
    return _preview(call, approve_settlement(settlement=settlement, by=name_of(request)))


@router.post(
    "/{call_id}/settlements/{number}/withdraw",
    response={200: PreviewOut, **problems(404, 409, 422)},
    summary="Withdraw a proposed settlement",
)
def withdraw(request: HttpRequest, call_id: CallId, number: Number) -> Any:
    """Withdrawing twice changes nothing; what was approved is taken back at the desk."""
    call = _find(request, call_id)
    settlement = find_settlement(call=call, number=number)
    return _preview(call, withdraw_settlement(settlement=settlement, by=name_of(request)))


@router.get(
    "/{call_id}/settlements/{number}/shares",
    response={200: SharesOut, **problems(404, 422)},
    summary="Read a settlement's shares",
    openapi_extra=files(EXAMPLE),
)
def read_shares(
    request: HttpRequest, call_id: CallId, number: Number, options: Query[ExportQuery]
) -> Any:
    """Amounts are minor units of the settlement's currency."""
    call = _find(request, call_id)
    settlement = find_settlement(call=call, number=number)

    def make(form: Form) -> Iterator[bytes]:
        return stream_shares(settlement=settlement, form=form)

    return stream(request, make, form=options.format, name=f"shares-{call.slug}-{number}")


@router.get(
    "/{call_id}/shares",
    response={200: SharesOut, **problems(404, 422)},
    summary="Read what everybody got so far",
    openapi_extra=files(EXAMPLE),
)
def read_shares_so_far(request: HttpRequest, call_id: CallId, options: Query[ExportQuery]) -> Any:
    """The sums of all settlements that are in the ledger; counted and checked as in the last."""
    call = _find(request, call_id)

    def make(form: Form) -> Iterator[bytes]:
        return stream_shares_so_far(call=call, form=form)

    return stream(request, make, form=options.format, name=f"shares-{call.slug}")


def _find(request: HttpRequest, call_id: int) -> Call:
    return find_call(organisation=organisation_of(request), call_id=call_id)


def _preview(call: Call, settlement: Settlement) -> dict[str, Any]:
    limit = limit_of(call.organisation, settlement.currency)
    return {
        **show_settlement(settlement, limit_minor=limit.amount_minor),
        "largest": largest_shares(settlement),
    }
