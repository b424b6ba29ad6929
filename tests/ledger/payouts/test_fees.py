"""Fees are a cost of the organisation, posted once."""

from __future__ import annotations

from typing import Any

import pytest

from dure.errors import Invalid
from dure.ledger.audit import audit
from dure.ledger.journal import KeyReused
from dure.ledger.models import Purpose, Transaction
from dure.ledger.money import Money
from dure.ledger.payouts.fees import FEE_MINOR_MAX, record_fee
from tests.ledger.payouts.owing import CALL, CALL_2, MAKER, ORG, pay_in, stands


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


@pytest.mark.django_db
def test_fee_beyond_all_bounds_is_refused_and_nothing_posted() -> None:
    given = {"owner": ORG, "holder": CALL, "by": MAKER}

    record_fee(**given, fee=Money(FEE_MINOR_MAX, "KRW"), request_key="f")
    with pytest.raises(Invalid):
        record_fee(**given, fee=Money(FEE_MINOR_MAX + 1, "KRW"), request_key="g")

    assert stands(ORG, Purpose.FEE) == -FEE_MINOR_MAX


@pytest.mark.django_db
@pytest.mark.parametrize("changed", [{"fee": Money(501, "KRW")}, {"holder": CALL_2}])
def test_request_that_is_reused_for_another_fee_is_refused(changed: dict[str, Any]) -> None:
    given = {"owner": ORG, "holder": CALL, "by": MAKER, "fee": Money(500, "KRW")}
    record_fee(**given, request_key="f")

    with pytest.raises(KeyReused):
        record_fee(**given | changed, request_key="f")

    assert stands(ORG, Purpose.FEE) == -500
