"""A call's money: what is promised, came in, was gained and shared out, and what is to be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dure.calls.models import Call, State
from dure.calls.promises import currency_of, find_part
from dure.calls.shares.listing import list_gains
from dure.calls.shares.models import Settlement
from dure.calls.shares.paying_in import free_minor, pay_ins_of
from dure.calls.shares.promising import versions_of
from dure.calls.shares.settlements import settlements_of
from dure.calls.shares.statements import PublicSums, sums_of
from dure.doors.desk.board import head_of
from dure.doors.desk.naming import name_things
from dure.doors.desk.permits import Desk, at_desk
from dure.doors.wording.saying import spell_promise
from dure.ledger.money import Money
from dure.people.roles import Right

# Of each list on the page; all of it is in the ledger.
SHOWN_MAX = 50


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    money: Money
    about: str = ""


@require_safe
@at_desk(to_see=Right.READ)
def money(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    call = desk.call(call_id)
    sums = sums_of(call) if call.state != State.DRAFT else None
    gains = list_gains(call, most=SHOWN_MAX)
    pay_ins = list(pay_ins_of(call)[:SHOWN_MAX])
    versions = list(versions_of(call))
    settlements = [show_settlement(one) for one in settlements_of(call)[:SHOWN_MAX]]
    context = {
        **head_of(desk, call, part="money"),
        "sums": sums,
        "figures": _figures(sums) if sums else [],
        "promise": spell_promise(call.promise),
        "versions": [(one, spell_promise(one.promise)) for one in reversed(versions)],
        "shares_gains": find_part(call.promise, "revenue_share") is not None,
        "can_settle": _can_settle(sums),
        "free": _free(call),
        "gains": gains,
        "pay_ins": [(one, Money(abs(one.amount_minor), one.currency)) for one in pay_ins],
        "settlements": settlements,
        "waiting": next((one for one in settlements if one["state"] == "proposed"), None),
        "names": name_things([*(one.by for one in pay_ins), *(one.by for one in versions)]),
    }
    return render(request, "desk/money.html", context)


def show_settlement(settlement: Settlement) -> dict[str, Any]:
    """A settlement's line: what it shares and how far it has come."""
    state = state_of(settlement)
    return {
        "settlement": settlement,
        "state": state,
        "state_name": name_state(state),
        "total": Money(settlement.base_minor + settlement.value_minor, settlement.currency),
        "is_taking_back": settlement.kind == Settlement.Kind.TAKE_BACK,
    }


def state_of(settlement: Settlement) -> str:
    if settlement.withdrawn_at is not None:
        return "withdrawn"
    if settlement.approved_at is None:
        return "proposed"
    return "posted" if settlement.posted_at is not None else "approved"


def name_state(state: str) -> str:
    return {
        "withdrawn": _("called off"),
        "proposed": _("waits for a yes"),
        "approved": _("being written down"),
        "posted": _("done"),
    }[state]


def _figures(sums: PublicSums) -> list[Figure]:
    """Those that say something about this promise, in the order in which money moves."""
    figures = []
    if sums.pool is not None:
        figures.append(Figure(_("Promised as a fixed sum"), sums.pool))
    if find_part(sums.promise, "revenue_share") is not None or sums.gained.amount_minor:
        figures.append(Figure(_("It earned you"), sums.gained))
    figures += [
        Figure(_("Paid in"), sums.paid_in),
        Figure(_("Shared out"), sums.shared, _("People have earned it.")),
        Figure(_("Not shared out yet"), sums.waiting),
        Figure(_("Paid out to people"), sums.paid_out),
        Figure(
            _("Still to be paid in"), sums.owed_not_paid_in, _("You owe it to those who helped.")
        ),
    ]
    return figures


def _can_settle(sums: PublicSums | None) -> bool:
    return sums is not None and any(
        find_part(sums.promise, kind) is not None for kind in ("pool", "revenue_share")
    )


def _free(call: Call) -> Money | None:
    """What was paid in ahead and is not needed any more."""
    currency = currency_of(call.promise)
    if currency is None:
        return None
    free = free_minor(call, currency=currency)
    return Money(free, currency) if free > 0 else None
