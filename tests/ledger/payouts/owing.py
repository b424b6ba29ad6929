"""People who are owed money, and batches that pay it; names are opaque to the ledger."""

from __future__ import annotations

from dure.ledger.journal import Leg, post
from dure.ledger.models import Entry, Purpose
from dure.ledger.money import Money
from dure.ledger.payouts.batches import Line, Source, make_batch, release_batch
from dure.ledger.payouts.models import Payout, PayoutBatch
from dure.ledger.queries import balances

ORG = "organisation:1"
CALL, CALL_2 = "call:7", "call:8"
MAKER, RELEASER = "account:1", "account:2"
AT = {"kind": "kr_bank", "holder": "Kim", "country": "KR", "bank": "004", "account": "12345678",
      "lines": ""}  # fmt: skip


def owe(who: str, amount_minor: int, *, call: str = CALL, currency: str = "KRW") -> None:
    """Somebody earned it in a call that has nothing paid in."""
    n = Entry.objects.count()
    legs = [
        Leg(who, Purpose.OWED_TO, Money(amount_minor, currency)),
        Leg(call, Purpose.OWED_BY, Money(-amount_minor, currency)),
    ]
    post(key=f"owe {n}", reason="settled", entries=legs)


def pay_in(amount_minor: int, *, call: str = CALL, debt_minor: int = 0) -> None:
    n = Entry.objects.count()
    legs = [Leg(call, Purpose.HELD, Money(-amount_minor, "KRW"))]
    if debt_minor:
        legs.append(Leg(call, Purpose.OWED_BY, Money(debt_minor, "KRW")))
    if rest := amount_minor - debt_minor:
        legs.append(Leg(call, Purpose.DEPOSIT, Money(rest, "KRW")))
    post(key=f"in {n}", reason="paid-in", entries=legs)


def line(payee: str, *amounts: int, country: str = "KR", calls: tuple[str, ...] = (CALL, CALL_2)
         ) -> Line:  # fmt: skip
    """From an account in each call, as many as there are amounts."""
    sources = tuple(
        Source(owner=f"contributor:{call[5:]}:{payee[7:]}", holder=call, amount_minor=amount)
        for call, amount in zip(calls, amounts, strict=False)
    )
    return Line(payee=payee, destination={**AT, "country": country}, sources=sources)


def a_batch(*lines: Line, key: str = "k", currency: str = "KRW") -> PayoutBatch:
    return make_batch(owner=ORG, currency=currency, lines=lines, by=MAKER, request_key=key)


def a_released_batch(*lines: Line, key: str = "k") -> PayoutBatch:
    return release_batch(owner=ORG, batch_id=a_batch(*lines, key=key).pk, by=RELEASER)


def reference_of(payee: str) -> str:
    return Payout.objects.filter(payee=payee).latest("pk").reference


def stands(owner: str, purpose: Purpose) -> int:
    return sum(one.amount_minor for one in balances(owner=owner, purpose=purpose))
