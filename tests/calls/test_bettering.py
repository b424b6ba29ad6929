from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dure import clock
from dure.calls.bettering import promise_more
from dure.calls.life import close_call
from dure.calls.models import Call
from dure.calls.shares.moving import pot_owner
from dure.calls.tasks.models import Tally
from dure.calls.tasks.pay import earnings, has_unpaid, pay_answers
from dure.ledger.models import Purpose
from dure.ledger.money import Money
from dure.ledger.queries import balances
from dure.people.models import Contributor
from tests.calls.tasks.test_jobs import queued
from tests.calls.tasks.test_pay import take_part
from tests.factories import make_call

EACH: dict[str, Any] = {"kind": "per_answer", "amount_minor": 50, "currency": "KRW"}
POOL = {"kind": "pool", "amount_minor": 1_000, "currency": "KRW"}
BOTH = {"kind": "several", "parts": [EACH, POOL]}


def pot(call: Call) -> list[Money]:
    return balances(owner=pot_owner(call.pk), purpose=Purpose.OWED_TO)


@pytest.mark.django_db
@pytest.mark.parametrize(("counted", "owed"), [(3, [Money(1_000, "KRW")]), (0, [])])
def test_a_pool_for_a_call_that_has_closed_is_owed_to_those_who_answered(
    counted: int, owed: list[Money]
) -> None:
    call = make_call(promise=EACH)
    Tally.objects.create(call_id=call.pk, slot=1, counted=counted)
    close_call(call=call, by="account:1")

    promise_more(call=call, promise=BOTH, by="account:1")
    promise_more(call=call, promise=BOTH, by="account:1")

    assert pot(call) == owed


@pytest.mark.usefixtures("live_db")
def test_answers_given_before_money_was_promised_are_paid_without_waiting_for_another() -> None:
    call = make_call(promise={"kind": "nothing"}, n_tasks=2)
    take_part(call, b"a", ["yes", "no"])

    promise_more(call=call, promise=EACH, by="account:1")
    promise_more(call=call, promise=EACH, by="account:1")

    assert queued() == [("pay_call", "todo")]
    assert has_unpaid(call_id=call.pk)
    pay_answers(call_id=call.pk, at=clock.now() + timedelta(minutes=1))
    one = Contributor.objects.get(call_id=call.pk)
    assert earnings(call_id=call.pk, contributor_id=one.id) == [Money(100, "KRW")]
