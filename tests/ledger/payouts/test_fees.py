"""Fees are a cost of the organisation, posted once."""

from __future__ import annotations

import pytest

from dure.errors import Invalid
from dure.ledger.audit import audit
from dure.ledger.models import Purpose, Transaction
from dure.ledger.money import Money
from dure.ledger.payouts.fees import record_fee
from tests.ledger.payouts.owing import CALL, MAKER, ORG, pay_in, stands


@pytest.mark.django_db
def test_fee_leaves_custody_and_is_a_cost_once() -> None:
    pay_in(300)
    given = {"owner": ORG, "holder": CALL, "by": MAKER}

    for _ in range(2):
        record_fee(**given, fee=Money(500, "KRW"), request_key="f")

    assert stands(CALL, Purpose.HELD) == 0
    assert stands(ORG, Purpose.FEE) == -500
    # 200 were not there, so they came in just before.
    assert list(Transaction.objects.order_by("pk").values_list("reason", flat=True)) == [
        "paid-in", "paid-in", "fee"
    ]  # fmt: skip
    assert audit().is_sound
    with pytest.raises(Invalid):
        record_fee(**given, fee=Money(0, "KRW"), request_key="g")
