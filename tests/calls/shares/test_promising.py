from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from dure.calls.life import close_call, open_call
from dure.calls.models import Call
from dure.calls.shares.gains import Period, record_gain
from dure.calls.shares.models import PromiseVersion
from dure.calls.shares.moving import pot_owner
from dure.calls.shares.promising import (
    NothingToCheck,
    Report,
    WorsePromise,
    add_months,
    better_promise,
    reports_of,
    versions_of,
)
from dure.calls.tasks.models import Tally
from dure.errors import WrongState
from dure.ledger.models import Purpose, Transaction
from dure.ledger.money import Money
from dure.ledger.queries import balances
from tests.factories import WHICH_NAME, make_call

pytestmark = pytest.mark.django_db
POOL = {"kind": "pool", "amount_minor": 1_000, "currency": "KRW"}
SHARE = {
    "kind": "revenue_share", "percent": 10, "currency": "KRW", "cap_minor": None,
    "until": "2027-02-15", "report_months": 1, "base_percent": 50,
}  # fmt: skip


def pot(call: Call) -> list[Money]:
    return balances(owner=pot_owner(call.pk), purpose=Purpose.OWED_TO)


def test_a_promise_is_fixed_when_its_call_opens() -> None:
    call = make_call(state="draft", promise=POOL)

    opened = open_call(call=call, by="account:1")

    [version] = versions_of(opened)
    assert opened.promise == version.promise == {**POOL, "base_percent": 50}
    assert (version.number, version.by) == (1, "account:1")


def test_value_is_promised_only_where_it_can_be_checked() -> None:
    call = make_call(state="draft", promise={**POOL, "base_percent": 50}, question=WHICH_NAME)

    with pytest.raises(NothingToCheck):
        open_call(call=call, by="account:1")

    assert not PromiseVersion.objects.exists()


def test_a_better_promise_is_a_version_of_its_own_and_a_worse_one_refused() -> None:
    call = make_call(promise=POOL)
    more: dict[str, Any] = {**POOL, "amount_minor": 2_000}

    bettered = better_promise(call=call, promise=more, by="account:1", can_check=True)
    same = better_promise(call=call, promise=more, by="account:2", can_check=True)
    with pytest.raises(WorsePromise) as refusal:
        better_promise(call=call, promise=POOL, by="account:1", can_check=True)

    assert refusal.value.sentence == (
        "People rely on this promise, so it can only get better; amount_minor would be worse."
    )
    assert bettered.promise == same.promise == {**more, "base_percent": 50}
    assert [one.number for one in versions_of(call)] == [1, 2]
    with pytest.raises(WrongState):
        better_promise(call=make_call(state="draft"), promise=POOL, by="account:1", can_check=True)


def test_a_pool_is_owed_once_its_call_has_closed_and_what_is_added_to_it_too() -> None:
    call = make_call(promise=POOL)
    Tally.objects.create(call_id=call.pk, slot=1, counted=3)

    closed = close_call(call=call, by="account:1")
    close_call(call=call, by="account:1")
    assert pot(call) == [Money(1_000, "KRW")]
    better_promise(
        call=closed, promise={**POOL, "amount_minor": 1_500}, by="account:1", can_check=True
    )

    assert pot(call) == [Money(1_500, "KRW")]


def test_nobody_is_owed_the_pool_of_a_call_that_nobody_answered() -> None:
    call = make_call(promise=POOL)

    close_call(call=call, by="account:1")

    assert pot(call) == []


def test_a_larger_part_of_the_gains_is_owed_for_past_gains_too() -> None:
    call = make_call(promise=SHARE)
    record_gain(call=call, money=Money(1_005, "KRW"), note="", by="account:1", request_key="a",
                period=Period(date(2026, 1, 1), date(2026, 1, 31)))  # fmt: skip

    better_promise(call=call, promise={**SHARE, "percent": 20}, by="account:1", can_check=True)

    assert pot(call) == [Money(201, "KRW")]
    assert [one.reason for one in Transaction.objects.order_by("pk")] == [
        "gain-recorded", "promise-bettered",
    ]  # fmt: skip


def test_gains_are_reported_from_when_they_were_promised_up_to_the_last() -> None:
    call = make_call(state="draft", promise=SHARE)
    each = {"kind": "per_answer", "amount_minor": 5, "currency": "KRW"}
    promises = [
        (each, datetime(2026, 1, 1, tzinfo=UTC)),
        ({"kind": "several", "parts": [each, SHARE]}, datetime(2026, 11, 30, tzinfo=UTC)),
        (SHARE, datetime(2026, 12, 24, tzinfo=UTC)),
    ]
    for number, (promise, at) in enumerate(promises, start=1):
        PromiseVersion.objects.create(call=call, number=number, promise=promise, at=at, by="x")
    Call.objects.filter(pk=call.pk).update(state="open")
    record_gain(call=call, money=Money(0, "KRW"), note="", by="account:1", request_key="a",
                period=Period(date(2026, 1, 1), date(2026, 1, 31)))  # fmt: skip

    reports = reports_of(call, today=date(2027, 2, 1))

    assert reports == [
        Report(date(2026, 12, 30), date(2027, 1, 29), is_done=False),
        Report(date(2027, 1, 30), date(2027, 3, 1), is_done=False),
        Report(date(2027, 2, 15), date(2027, 3, 17), is_done=False),
    ]
    assert [one.is_overdue(today=date(2027, 2, 1)) for one in reports] == [True, False, False]
    assert reports_of(make_call(promise=POOL), today=date(2027, 2, 1)) == []


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
    ],
)
def test_months_end_where_they_end(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later
