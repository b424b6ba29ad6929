"""Contributors who earned something, and said how they are paid."""

from __future__ import annotations

from dure.calls.models import Call
from dure.ledger.journal import Leg, post
from dure.ledger.models import Entry, Purpose
from dure.ledger.money import Money
from dure.people.models import Contributor, Person
from dure.people.payees import set_payee

ACCOUNT = {
    "kind": "kr_bank", "holder": "김두레", "country": "KR", "bank": "004",
    "account": "123456789012",
}  # fmt: skip


def earn(
    call: Call,
    amount_minor: int,
    *,
    person: Person | None = None,
    currency: str = "KRW",
    says_how: bool = False,
) -> Contributor:
    """Earned in a call; below zero, it was taken back."""
    who = person or Person.objects.create()
    made, _ = Contributor.objects.get_or_create(
        call_id=call.pk, person=who, defaults={"pseudonym": f"p{who.pk}"}
    )
    made = Contributor.objects.get(call_id=call.pk, person=who)
    n = Entry.objects.count()
    legs = [
        Leg(f"contributor:{call.pk}:{made.id}", Purpose.OWED_TO, Money(amount_minor, currency)),
        Leg(f"call:{call.pk}", Purpose.OWED_BY, Money(-amount_minor, currency)),
    ]
    post(key=f"earn {n}", reason="settled", entries=legs)
    if says_how:
        set_payee(person_id=who.pk, **ACCOUNT)
    return made
