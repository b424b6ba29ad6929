"""How money moves between a call's accounts, as the legs of ledger transactions.

A call has an account for what it owes and was not paid in, one for what was paid in ahead, and one
for what is held; its pot is what its crowd as a whole is owed until it is shared out.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Sum

from dure.ledger.journal import Leg, take_turn
from dure.ledger.models import Entry, Purpose
from dure.ledger.money import Money
from dure.ledger.queries import balances


def call_owner(call_id: int) -> str:
    return f"call:{call_id}"


def pot_owner(call_id: int) -> str:
    return f"pot:{call_id}"


def contributor_owner(*, call_id: int, contributor_id: int) -> str:
    return f"contributor:{call_id}:{contributor_id}"


def organisation_owner(*, organisation_id: int) -> str:
    return f"organisation:{organisation_id}"


def balance_of(owner: str, *, purpose: Purpose, currency: str) -> int:
    """In minor units; 0 where there is no account."""
    found = balances(owner=owner, purpose=purpose)
    return next((money.amount_minor for money in found if money.currency == currency), 0)


def fees_of(owner: str, *, currency: str) -> int:
    """What fees took from what is held: it is the organisation's cost, and nobody's claim is less.

    What was paid in ahead makes good for them before any of it is free.
    """
    taken = Entry.objects.filter(
        account__owner=owner,
        account__purpose=Purpose.HELD,
        account__currency=currency,
        transaction__reason="fee",
    )
    return taken.aggregate(total=Sum("amount_minor"))["total"] or 0


def any_below_zero(owners: Sequence[str]) -> bool:
    """Whether one of these owners would owe something instead of being owed."""
    standing = (
        Entry.objects.filter(account__owner__in=owners, account__purpose=Purpose.OWED_TO)
        .values("account_id")
        .annotate(balance=Sum("amount_minor"))
    )
    return standing.filter(balance__lt=0).exists()


def earn_legs(*, call_id: int, earned: Money) -> list[Leg]:
    """The call's side of what was earned: out of what is paid in ahead, and the rest is owed.

    What is below zero was taken back: it is owed no more, and what is over is paid in ahead again.
    """
    take_turn()
    owner, currency = call_owner(call_id), earned.currency
    if earned.amount_minor >= 0:
        there = balance_of(owner, purpose=Purpose.DEPOSIT, currency=currency)
        ahead = -min(earned.amount_minor, there)
    else:
        owed = -balance_of(owner, purpose=Purpose.OWED_BY, currency=currency)
        ahead = max(0, -earned.amount_minor - owed)
    return _legs(
        owner,
        currency,
        {Purpose.DEPOSIT: ahead, Purpose.OWED_BY: -earned.amount_minor - ahead},
    )


def pay_in_legs(*, call_id: int, paid: Money) -> list[Leg]:
    """Money that came in settles what is owed first; what is over is paid in ahead."""
    take_turn()
    owner, currency = call_owner(call_id), paid.currency
    owed = -balance_of(owner, purpose=Purpose.OWED_BY, currency=currency)
    settles = min(paid.amount_minor, owed)
    return _legs(
        owner,
        currency,
        {
            Purpose.HELD: -paid.amount_minor,
            Purpose.OWED_BY: settles,
            Purpose.DEPOSIT: paid.amount_minor - settles,
        },
    )


def pay_back_legs(*, call_id: int, paid: Money) -> list[Leg]:
    """What was paid in ahead and is not needed goes back out."""
    return _legs(
        call_owner(call_id),
        paid.currency,
        {Purpose.HELD: paid.amount_minor, Purpose.DEPOSIT: -paid.amount_minor},
    )


def _legs(owner: str, currency: str, amounts: dict[Purpose, int]) -> list[Leg]:
    return [Leg(owner, purpose, Money(n, currency)) for purpose, n in amounts.items() if n]
