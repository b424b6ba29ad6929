"""What the bank keeps for itself."""

from __future__ import annotations

import hashlib

from django.db import transaction

from dure.errors import Invalid
from dure.ledger.journal import Leg, post
from dure.ledger.models import Purpose, Transaction
from dure.ledger.money import Money
from dure.ledger.payouts.holding import hold_payouts
from dure.ledger.payouts.posting import Custody


def record_fee(
    *, owner: str, holder: str, fee: Money, by: str, request_key: str
) -> tuple[Transaction, bool]:
    """A fee that left a holder's custody is a cost of the owner, never of those who are owed.

    Gives the transaction, and whether it is new.
    """
    if fee.amount_minor <= 0:
        raise Invalid("A fee is more than nothing.")
    digest = hashlib.sha256(f"{owner}|{request_key}".encode()).hexdigest()[:32]
    with transaction.atomic():
        hold_payouts(owner)
        earlier = Transaction.objects.filter(key=f"fee:{digest}").first()
        if earlier is not None:
            return earlier, False
        custody = Custody.read(owner=owner, currency=fee.currency, holders=[holder])
        custody.take(holder, fee.amount_minor, key=f"fee:{digest}", by=by)
        posted = post(
            key=f"fee:{digest}",
            reason="fee",
            entries=[Leg(holder, Purpose.HELD, fee), Leg(owner, Purpose.FEE, -fee)],
            facts={"owner": owner, "by": by},
        )
    return posted, True
