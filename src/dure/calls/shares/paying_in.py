"""Money that an organisation pays in for a call, ahead or for what it owes, or gets back."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from dure.calls.models import Call, State
from dure.calls.promises import currency_of
from dure.calls.queries import hold_call
from dure.calls.shares.models import PayIn
from dure.calls.shares.moving import (
    balance_of,
    call_owner,
    fees_of,
    pay_back_legs,
    pay_in_legs,
)
from dure.calls.shares.requests import check_request_key, record_once
from dure.errors import Invalid, WrongState
from dure.ledger.journal import post, take_turn
from dure.ledger.models import Purpose
from dure.ledger.money import Money, check_currency
from dure.people import audit

NOTE_LETTERS_MAX = 300
AMOUNT_MINOR_MAX = 1_000_000_000_000
PAY_INS_MAX = 10_000


class StillPromised(WrongState):
    """{amount} minor units are paid in ahead and not promised to anybody; no more can go back."""

    code = "still-promised"


def pay_in(*, call: Call, money: Money, note: str, by: str, request_key: str) -> PayIn:
    """Record that money came in; the same request sent again is the same money."""
    _check(money, note=note, request_key=request_key)
    with transaction.atomic():
        held = hold_call(call.pk)
        if held.state == State.DRAFT:
            raise WrongState("A draft takes no money yet; open the call first.")
        _check_fit(held, money)
        return _move(held, money, note=note, by=by, request_key=request_key)


def pay_back(*, call: Call, money: Money, note: str, by: str, request_key: str) -> PayIn:
    """Record that money which was paid in ahead went back to the organisation."""
    _check(money, note=note, request_key=request_key)
    with transaction.atomic():
        held = hold_call(call.pk)
        take_turn()
        if not PayIn.objects.filter(call=held, request_key=request_key).exists():
            free = max(0, free_minor(held, currency=money.currency))
            if money.amount_minor > free:
                raise StillPromised(amount=free)
        return _move(held, -money, note=note, by=by, request_key=request_key)


def pay_ins_of(call: Call) -> QuerySet[PayIn]:
    return PayIn.objects.filter(call=call).order_by("-pk")


def free_minor(call: Call, *, currency: str) -> int:
    """What is paid in ahead, not gone as fees and will not be earned: nothing before the closing.

    With its closing a pool is owed, and taken out of what was paid in ahead.
    """
    if call.state != State.CLOSED:
        return 0
    owner = call_owner(call.pk)
    ahead = balance_of(owner, purpose=Purpose.DEPOSIT, currency=currency)
    return ahead - fees_of(owner, currency=currency)


def _check(money: Money, *, note: str, request_key: str) -> None:
    if not 0 < money.amount_minor <= AMOUNT_MINOR_MAX:
        raise Invalid(
            "Money that comes in is above 0 and at most {most} minor units; got {given}.",
            most=AMOUNT_MINOR_MAX,
            given=money.amount_minor,
        )
    if len(note) > NOTE_LETTERS_MAX:
        raise Invalid("A note has at most {most} letters; got {n}.",
                      most=NOTE_LETTERS_MAX, n=len(note))  # fmt: skip
    if "\0" in note:
        raise Invalid("What was sent has a sign that can't be stored (NUL); leave it out.")
    check_request_key(request_key)


def _check_fit(call: Call, money: Money) -> None:
    """In another currency it would pay for nothing that was promised."""
    wanted = currency_of(call.promise)
    if wanted is None:
        check_currency(money.currency)
    elif money.currency != wanted:
        raise Invalid("This call's money is in {wanted}; got {given}.",
                      wanted=wanted, given=money.currency)  # fmt: skip


def _move(call: Call, money: Money, *, note: str, by: str, request_key: str) -> PayIn:
    wanted = {"amount_minor": money.amount_minor, "currency": money.currency, "note": note}
    made, is_new = record_once(PayIn, call=call, request_key=request_key, wanted=wanted, by=by)
    if not is_new:
        return made
    if PayIn.objects.filter(call=call).count() > PAY_INS_MAX:
        raise WrongState("{most} payments for one call are the most.", most=PAY_INS_MAX)
    legs = (
        pay_in_legs(call_id=call.pk, paid=money)
        if money.amount_minor > 0
        else pay_back_legs(call_id=call.pk, paid=-money)
    )
    post(
        key=f"payin:{made.pk}",
        reason="paid-in" if money.amount_minor > 0 else "paid-back",
        entries=legs,
        facts={"call": call.pk, "pay_in": made.pk},
    )
    audit.record(
        organisation=call.organisation,
        by=by,
        action="pay in" if money.amount_minor > 0 else "pay back",
        thing=f"call:{call.pk}",
        money=Money(abs(money.amount_minor), money.currency).as_facts(),
        note=note or None,
    )
    return made
