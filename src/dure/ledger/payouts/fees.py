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

# As what is paid in: a few without bounds, and no sum of the ledger could be read any more.
FEE_MINOR_MAX = 10**12


def record_fee(
    *, owner: str, holder: str, fee: Money, by: str, request_key: str
) -> tuple[Transaction, bool]:
    """A fee that left a holder's custody is a cost of the owner, never of those who are owed.

    Gives the transaction, and whether it is new.
    """
    if fee.amount_minor <= 0:
        raise Invalid("A fee is more than nothing.")
    if fee.amount_minor > FEE_MINOR_MAX:
        raise Invalid("A fee is at most {most} minor units.", most=FEE_MINOR_MAX)
    digest = hashlib.sha256(f"{owner}|{request_key}".encode()).hexdigest()[:32]
    key = f"fee:{digest}"
    with transaction.atomic():
        hold_payouts(owner)
        is_new = not Transaction.objects.filter(key=key).exists()
        if is_new:
            custody = Custody.read(owner=owner, currency=fee.currency, holders=[holder])
            custody.take(holder, fee.amount_minor, key=key, by=by)
        # Of a repeat it sees that it says the same.
        posted = post(
            key=key,
            reason="fee",
            entries=[Leg(holder, Purpose.HELD, fee), Leg(owner, Purpose.FEE, -fee)],
            facts={"owner": owner, "by": by},
        )
    return posted, is_new
