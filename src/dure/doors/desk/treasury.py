"""An organisation's money over all its calls: what it owes and holds, what is late, what waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dure.calls.models import Call
from dure.calls.queries import calls_of
from dure.calls.shares.limits import limits_of, set_limit
from dure.calls.shares.listing import proposals_of
from dure.calls.shares.overdue import Overdue, overdue_of
from dure.calls.shares.statements import Standing, standings_of
from dure.calls.texts import Words
from dure.clock import now
from dure.doors.desk.amounts import read_minor, spell_minor
from dure.doors.desk.money import show_settlement
from dure.doors.desk.naming import name_things
from dure.doors.desk.permits import Desk, at_desk
from dure.doors.desk.promised import CURRENCIES
from dure.doors.wording.saying import read_text
from dure.ledger.money import IN_USE, Money
from dure.people.models import Organisation
from dure.people.roles import Right


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that is owed and held in one currency, and the calls that it comes from."""

    currency: str
    owed_to_people: Money
    owed_not_paid_in: Money
    paid_in_ahead: Money
    held: Money
    lines: list[tuple[Standing, Words]]


@require_safe
@at_desk(to_see=Right.READ)
def treasury(request: HttpRequest, desk: Desk) -> HttpResponse:
    return _show(request, desk)


@require_POST
@at_desk(to_see=Right.MANAGE)
def limit(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Above which amount two members decide."""
    currency, amount = request.POST.get("currency", ""), request.POST.get("amount", "")
    limit_minor = read_minor(amount, currency=currency) if currency in IN_USE else None
    if limit_minor is None:
        advice = _("Please write an amount, for example 50.")
        return _show(request, desk, advice=advice, typed=(currency, amount))
    wanted = Money(limit_minor, currency)
    set_limit(organisation=desk.organisation, limit=wanted, by=desk.by)
    messages.success(request, _("Saved."))
    return redirect("desk-money", desk.organisation.slug)


def _show(
    request: HttpRequest, desk: Desk, *, advice: str = "", typed: tuple[str, str] = ("", "")
) -> HttpResponse:
    organisation = desk.organisation
    holdings = _sum_up(standings_of(organisation))
    proposals = list(proposals_of(organisation))
    currencies = {
        *(one.currency for one in holdings),
        *(one.currency for one in proposals),
    } or {CURRENCIES[0]}
    context = {
        "desk": desk,
        "tab": "money",
        "holdings": holdings,
        "overdue": _list_overdue(organisation),
        "proposals": [(show_settlement(one), _title(one.call)) for one in proposals],
        "names": name_things([one.proposed_by for one in proposals]),
        "limits": [_show_limit(one, advice, typed) for one in limits_of(organisation, currencies)],
    }
    return render(request, "desk/treasury.html", context, status=422 if advice else 200)


def _list_overdue(organisation: Organisation) -> list[tuple[Call, Words, Overdue]]:
    calls = list(calls_of(organisation))
    late = overdue_of(calls, today=now().date())
    return [(call, _title(call), late[call.pk]) for call in calls if call.pk in late]


def _sum_up(standings: list[Standing]) -> list[Holdings]:
    lines: dict[str, list[Standing]] = defaultdict(list)
    for one in standings:
        lines[one.held.currency].append(one)
    return [
        Holdings(
            currency=currency,
            owed_to_people=_total((one.owed_to_people for one in found), currency=currency),
            owed_not_paid_in=_total((one.owed_not_paid_in for one in found), currency=currency),
            paid_in_ahead=_total((one.paid_in_ahead for one in found), currency=currency),
            held=_total((one.held for one in found), currency=currency),
            lines=[(one, _title(one.call)) for one in found],
        )
        for currency, found in sorted(lines.items())
    ]


def _total(amounts: Iterable[Money], *, currency: str) -> Money:
    return sum(amounts, Money(0, currency))


def _show_limit(one: Money, advice: str, typed: tuple[str, str]) -> dict[str, Any]:
    is_typed = bool(advice) and typed[0] == one.currency
    return {
        "limit": one,
        "amount": typed[1] if is_typed else spell_minor(one.amount_minor, currency=one.currency),
        "advice": advice if is_typed else "",
    }


def _title(call: Call) -> Words:
    return read_text(call.title, own=call.language)
