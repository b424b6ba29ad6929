from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from dure.calls.life import close_call
from dure.calls.models import CallChange
from dure.calls.paying_out import record_fee
from dure.calls.shares.gains import fill_pot, record_gain
from dure.calls.shares.moving import contributor_owner
from dure.calls.shares.paying_in import pay_in
from dure.calls.shares.statements import standings_of, statement_of, sums_of
from dure.calls.tasks.merging import merge_persons
from dure.calls.tasks.pay import count_paid, pay_answers
from dure.ledger.journal import Leg, post
from dure.ledger.models import Purpose
from dure.ledger.money import Money
from dure.people.models import Contributor, Person
from tests.calls.tasks.test_pay import UNDO_SECONDS, move_time
from tests.calls.test_settling import POOL, SHARE, YEAR, answered_call, settle
from tests.factories import make_call

pytestmark = pytest.mark.usefixtures("live_db")
PER_ANSWER = {"kind": "per_answer", "amount_minor": 50, "currency": "KRW"}


def won(n: int) -> Money:
    return Money(n, "KRW")


def test_a_person_reads_what_all_their_browsers_earned_and_were_paid() -> None:
    call = answered_call(promise={"kind": "several", "parts": [PER_ANSWER, POOL]}, people="rrg")
    move_time(seconds=UNDO_SECONDS)
    pay_answers(call_id=call.pk)
    close_call(call=call, by="account:1")
    settle(call, is_last=True)
    first, second = Contributor.objects.filter(call_id=call.pk).order_by("id")[:2]
    owner = contributor_owner(call_id=call.pk, contributor_id=first.id)
    post(key="out", reason="paid-out", entries=[
        Leg(owner, Purpose.OWED_TO, won(-1_000)), Leg(f"call:{call.pk}", Purpose.HELD, won(1_000)),
    ])  # fmt: skip
    alone = statement_of(person=Person.objects.get(pk=first.person_id))

    [mine] = alone.calls
    assert mine.by_answers == won(40 * 50)
    assert mine.paid == won(1_000)
    assert mine.balance == mine.by_answers + mine.by_shares - mine.paid
    [line] = mine.shares
    assert line.base + line.value == mine.by_shares
    assert (line.counted, line.checked, line.has_enough_checked) == (40, 40, True)
    assert alone.owed == [mine.balance]
    assert count_paid(contributor_ids=[first.id]) == {call.pk: 40}
    merge_persons(person_id=second.person_id, into_id=first.person_id)
    both = statement_of(person=Person.objects.get(pk=second.person_id))
    assert both.calls[0].contributor_ids == [first.id, second.id]
    assert both.calls[0].paid == won(1_000)


def test_what_a_call_promised_earned_shared_and_paid_is_there_for_all_to_see() -> None:
    call = answered_call(promise=SHARE, people="rr")
    pay_in(call=call, money=won(50_000), note="", by="account:1", request_key="a")
    record_gain(call=call, money=won(1_000_000), period=YEAR, note="", by="account:1",
                request_key="a")  # fmt: skip
    made = settle(call)

    sums = sums_of(call, today=date(2026, 12, 1))

    assert sums is not None
    shared = made.base_minor + made.value_minor
    assert (sums.gained, sums.shared, sums.paid_out) == (won(1_000_000), won(shared), won(0))
    assert (sums.paid_in, sums.held, sums.owed_not_paid_in) == (
        won(50_000), won(50_000), won(150_000),
    )  # fmt: skip
    assert sums.waiting == won(200_000 - shared)
    assert not sums.is_overdue
    assert sums_of(make_call()) is None
    [standing] = standings_of(call.organisation)
    assert (standing.owed_to_people, standing.owed_not_paid_in) == (won(200_000), won(150_000))
    assert (standing.paid_in_ahead, standing.held) == (won(0), won(50_000))


@pytest.mark.parametrize(
    ("won", "paid_in", "held", "owed"), [(0, 0, 0, 1_000), (1_000, 600, 600, 400)]
)
def test_fee_is_nothing_that_was_paid_in_for_people(
    won: int, paid_in: int, held: int, owed: int
) -> None:
    call = make_call(promise={**POOL, "amount_minor": 1_000})
    money = Money(1_000, "KRW")
    fill_pot(call, money, key="earned", reason="pool-owed")
    if won:
        pay_in(call=call, money=money, note="", by="account:1", request_key="a")
    fee = Money(400 if won else 1_000, "KRW")
    record_fee(
        organisation=call.organisation, call_id=call.pk, fee=fee, by="account:1", request_key="f"
    )

    sums = sums_of(call)

    assert sums is not None
    told = (sums.paid_in, sums.held, sums.owed_not_paid_in)
    assert [one.amount_minor for one in told] == [paid_in, held, owed]


def test_a_report_or_a_settlement_that_is_late_is_overdue() -> None:
    gains = make_call(promise=SHARE)
    pool = answered_call(promise=POOL, people="rr", n_tasks=3)
    close_call(call=pool, by="account:1")
    pool.refresh_from_db()
    today = timezone.now().date()
    closed = CallChange.objects.get(call=pool, step="close").at.date()

    for days, is_overdue in ((0, False), (31, False), (140, True)):
        sums = sums_of(gains, today=today + timedelta(days=days))
        assert sums is not None
        assert bool(sums.overdue_reports) == is_overdue
    for days, is_overdue in ((30, False), (31, True)):
        sums = sums_of(pool, today=closed + timedelta(days=days))
        assert sums is not None
        assert sums.is_settlement_overdue == is_overdue
