from __future__ import annotations

from typing import Any

import pytest

from dure.calls.life import close_call
from dure.calls.models import Call
from dure.calls.paying_out import record_fee
from dure.calls.shares.gains import fill_pot
from dure.calls.shares.moving import call_owner
from dure.calls.shares.paying_in import StillPromised, free_minor, pay_back, pay_in, pay_ins_of
from dure.errors import Invalid, WrongState
from dure.ledger.audit import audit
from dure.ledger.journal import KeyReused
from dure.ledger.models import Purpose
from dure.ledger.money import Money
from dure.ledger.queries import balances
from dure.people.models import AuditEntry
from tests.factories import make_call

pytestmark = pytest.mark.django_db
POOL = {"kind": "pool", "amount_minor": 1_000, "currency": "KRW"}


def standing(call: Call) -> dict[str, int]:
    return {
        purpose.value: money.amount_minor
        for purpose in Purpose
        for money in balances(owner=call_owner(call.pk), purpose=purpose)
    }


def put_in(call: Call, won: int, key: str) -> None:
    pay_in(call=call, money=Money(won, "KRW"), note="", by="account:1", request_key=key)


def take_fee(call: Call, won: int) -> None:
    record_fee(organisation=call.organisation, call_id=call.pk, fee=Money(won, "KRW"),
               by="account:1", request_key=f"fee {won}")  # fmt: skip


def test_money_that_came_in_is_held_and_paid_ahead_until_it_is_earned() -> None:
    call = make_call(promise=POOL)
    put_in(call, 700, "a")
    put_in(call, 700, "a")

    fill_pot(call, Money(1_000, "KRW"), key="earned", reason="pool-owed")
    assert standing(call) == {"held": -700, "deposit": 0, "owed_by": -300}
    put_in(call, 500, "b")

    assert standing(call) == {"held": -1_200, "deposit": 200, "owed_by": 0}
    assert [one.amount_minor for one in pay_ins_of(call)] == [500, 700]
    assert AuditEntry.objects.filter(action="pay in").count() == 2
    assert audit().is_sound


def test_what_is_taken_back_settles_what_is_owed_before_it_is_paid_ahead() -> None:
    call = make_call(promise=POOL)
    put_in(call, 100, "a")
    fill_pot(call, Money(150, "KRW"), key="earned", reason="pool-owed")

    fill_pot(call, Money(-80, "KRW"), key="less", reason="gain-recorded")

    assert standing(call) == {"held": -100, "deposit": 30, "owed_by": 0}


def test_only_what_nobody_can_earn_any_more_goes_back() -> None:
    call = make_call(promise=POOL)
    put_in(call, 700, "a")
    money = Money(700, "KRW")

    with pytest.raises(StillPromised):
        pay_back(call=call, money=money, note="", by="account:1", request_key="b")
    closed = close_call(call=call, by="account:1")
    for _ in range(2):
        pay_back(call=closed, money=money, note="", by="account:1", request_key="c")

    assert standing(call) == {"held": 0, "deposit": 0}
    assert free_minor(closed, currency="KRW") == 0
    with pytest.raises(StillPromised) as refusal:
        pay_back(call=closed, money=Money(1, "KRW"), note="", by="account:1", request_key="d")
    assert refusal.value.sentence == (
        "0 minor units are paid in ahead and not promised to anybody; no more can go back."
    )


def test_what_fees_took_does_not_go_back_a_second_time() -> None:
    call = make_call(promise=POOL)
    put_in(call, 700, "a")
    closed = close_call(call=call, by="account:1")
    take_fee(call, 500)

    assert free_minor(closed, currency="KRW") == 200
    with pytest.raises(StillPromised):
        pay_back(call=closed, money=Money(201, "KRW"), note="", by="account:1", request_key="b")
    pay_back(call=closed, money=Money(200, "KRW"), note="", by="account:1", request_key="c")
    take_fee(call, 40)

    assert standing(call)["held"] == 0
    assert free_minor(closed, currency="KRW") == 0


def test_a_request_sent_again_with_other_content_is_refused() -> None:
    call = make_call(promise=POOL)
    put_in(call, 700, "a")

    with pytest.raises(KeyReused):
        put_in(call, 701, "a")

    assert standing(call) == {"held": -700, "deposit": 700}


def test_money_is_above_zero_and_comes_in_for_an_opened_call() -> None:
    with pytest.raises(WrongState):
        put_in(make_call(state="draft"), 700, "a")
    with pytest.raises(Invalid) as refusal:
        put_in(make_call(), 0, "a")

    assert refusal.value.sentence == (
        "Money that comes in is above 0 and at most 1000000000000 minor units; got 0."
    )


def test_a_note_that_cant_be_stored_is_refused() -> None:
    with pytest.raises(Invalid, match="NUL"):
        pay_in(call=make_call(), money=Money(1, "KRW"), note="a\0", by="account:1",
               request_key="a")  # fmt: skip


@pytest.mark.parametrize(
    ("promise", "currency"), [(POOL, "EUR"), (POOL, "DEM"), ({"kind": "nothing"}, "XAU")]
)
def test_money_in_a_currency_that_pays_for_nothing_is_refused(
    promise: dict[str, Any], currency: str
) -> None:
    call = make_call(promise=promise)

    with pytest.raises(Invalid):
        pay_in(call=call, money=Money(1, currency), note="", by="account:1", request_key="a")

    assert not pay_ins_of(call).exists()
    pay_in(call=call, money=Money(1, "KRW"), note="", by="account:1", request_key="a")
