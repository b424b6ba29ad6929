from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from dure import postgres
from dure.calls.life import close_call
from dure.calls.models import Call
from dure.calls.settling import (
    NotLast,
    make_again,
    propose_settlement,
    verify_settlements,
)
from dure.calls.shares.basis import NothingPromised
from dure.calls.shares.gains import Period, correct_gain, record_gain
from dure.calls.shares.limits import set_limit
from dure.calls.shares.models import Settlement, SettlementShare
from dure.calls.shares.moving import contributor_owner, pot_owner
from dure.calls.shares.overdue import is_settlement_overdue
from dure.calls.shares.posting import PaidOutAlready, post_settlement
from dure.calls.shares.settlements import (
    ByNobody,
    NeedsSecond,
    NothingToShare,
    Stale,
    approve_settlement,
    propose_taking_back,
    withdraw_settlement,
)
from dure.calls.tasks.models import Task
from dure.clock import now
from dure.ledger.audit import audit
from dure.ledger.journal import Leg, post
from dure.ledger.models import Purpose, Transaction
from dure.ledger.money import Money
from dure.ledger.queries import balances
from dure.people.models import Contributor
from tests.calls.tasks.test_pay import take_part
from tests.factories import make_call

pytestmark = pytest.mark.usefixtures("live_db")
POOL = {"kind": "pool", "amount_minor": 100_001, "currency": "KRW", "base_percent": 40}
SHARE = {
    "kind": "revenue_share", "percent": 20, "currency": "KRW", "cap_minor": None,
    "until": "2200-12-31", "report_months": 3, "base_percent": 50,
}  # fmt: skip
YEAR = Period(date(2026, 1, 1), date(2026, 6, 30))


def answered_call(*, promise: dict[str, Any], people: str, n_tasks: int = 40) -> Call:
    """Each letter of people is a contributor: r is right nine times in ten, g guesses."""
    call = make_call(n_tasks=n_tasks, promise=promise, answers_min=1, answers_max=len(people))
    chance = random.Random(7)
    truths = [chance.choice(["yes", "no"]) for _ in range(n_tasks)]
    for truth in ("yes", "no"):
        known = [f"t{number}" for number, one in enumerate(truths, start=1) if one == truth]
        Task.objects.filter(call=call, key__in=known).update(gold=truth)
    for person, kind in enumerate(people):
        right = 0.9 if kind == "r" else 0.5
        values: list[str | None] = [
            truth if chance.random() < right else "yes" if truth == "no" else "no"
            for truth in truths
        ]
        for start in range(0, n_tasks, 50):
            take_part(call, f"{person}".encode(), values[start : start + 50])
    return call


def settle(call: Call, **how: Any) -> Settlement:
    made = propose_settlement(call=call, by="account:1", **how)
    approved = approve_settlement(settlement=made, by="account:2")
    post_settlement(approved.pk)
    return Settlement.objects.get(pk=made.pk)


def earned(call: Call) -> list[int]:
    ids = Contributor.objects.filter(call_id=call.pk).order_by("id").values_list("id", flat=True)
    return [
        sum(
            money.amount_minor
            for money in balances(
                owner=contributor_owner(call_id=call.pk, contributor_id=n), purpose=Purpose.OWED_TO
            )
        )
        for n in ids
    ]


def faults() -> list[str]:
    return [one.fault for one in verify_settlements()]


def test_a_pool_is_shared_to_the_last_won_and_guessing_earns_the_base_alone() -> None:
    call = answered_call(promise=POOL, people="rrrg")
    close_call(call=call, by="account:1")

    made = settle(call, is_last=True)

    shares = list(SettlementShare.objects.filter(settlement=made).order_by("contributor_id"))
    assert [one.counted for one in shares] == [40] * 4
    assert [one.base_minor for one in shares] == [10_000] * 4
    assert shares[3].value_minor == 0
    assert all(one.value_minor > 3_000 for one in shares[:3])
    assert sum(earned(call)) == POOL["amount_minor"]
    assert balances(owner=pot_owner(call.pk), purpose=Purpose.OWED_TO) == [Money(0, "KRW")]
    assert balances(owner=f"call:{call.pk}", purpose=Purpose.OWED_BY) == [Money(-100_001, "KRW")]
    assert faults() == [""]
    assert audit().is_sound


def test_what_is_uncertain_waits_for_a_later_settlement() -> None:
    call = answered_call(promise=SHARE, people="rrg")
    record_gain(call=call, money=Money(1_000_000, "KRW"), period=YEAR, note="", by="account:1",
                request_key="a")  # fmt: skip

    first = settle(call)

    assert first.pot_minor == 200_000
    assert first.base_minor == 100_000
    assert 0 < first.value_minor < 100_000
    [left] = balances(owner=pot_owner(call.pk), purpose=Purpose.OWED_TO)
    assert left.amount_minor == 100_000 - first.value_minor
    with pytest.raises(NothingToShare):
        propose_settlement(call=call, by="account:1")
    with pytest.raises(NotLast):
        propose_settlement(call=call, by="account:1", is_last=True)


def test_two_settlements_pay_what_one_would_have_paid() -> None:
    at_once = answered_call(promise=SHARE, people="rrg")
    in_parts = answered_call(promise=SHARE, people="rrg")
    for call, gains in ((at_once, [900_000]), (in_parts, [300_000, 600_000])):
        for number, gain in enumerate(gains):
            record_gain(call=call, money=Money(gain, "KRW"), period=YEAR, note="", by="account:1",
                        request_key=str(number))  # fmt: skip
            settle(call)

    assert earned(in_parts) == earned(at_once)
    assert faults() == ["", "", ""]


def test_a_gain_that_shrinks_is_made_up_for_before_more_is_paid() -> None:
    call = answered_call(promise=SHARE, people="rr")
    gain = record_gain(call=call, money=Money(1_000_000, "KRW"), period=YEAR, note="",
                       by="account:1", request_key="a")  # fmt: skip
    settle(call)
    before = earned(call)
    correct_gain(call=call, gain_id=gain.pk, amount_minor=100_000, note="A typing error",
                 by="account:1", request_key="b")  # fmt: skip

    with pytest.raises(NothingToShare):
        propose_settlement(call=call, by="account:1")

    assert earned(call) == before
    [pot] = balances(owner=pot_owner(call.pk), purpose=Purpose.OWED_TO)
    assert pot.amount_minor == 20_000 - sum(before)
    assert audit().is_sound


def test_above_the_limit_a_second_member_says_yes() -> None:
    call = answered_call(promise={**POOL, "amount_minor": 5_000_000}, people="rr")
    close_call(call=call, by="account:1")
    made = propose_settlement(call=call, by="account:1")

    with pytest.raises(NeedsSecond):
        approve_settlement(settlement=made, by="account:1")
    approved = approve_settlement(settlement=made, by="account:2")
    again = approve_settlement(settlement=made, by="account:3")

    assert approved.approved_by == again.approved_by == "account:2"


def test_a_sum_is_not_cut_into_small_ones_to_be_decided_alone() -> None:
    call = answered_call(promise=SHARE, people="rr")
    for number in range(2):
        record_gain(call=call, money=Money(100_000, "KRW"), period=YEAR, note="", by="account:1",
                    request_key=str(number))  # fmt: skip
        made = propose_settlement(call=call, by="account:1")
        if number == 0:
            small = Money(made.base_minor + made.value_minor, "KRW")
            set_limit(organisation=call.organisation, limit=small, by="account:1")
            approve_settlement(settlement=made, by="account:1")
            continue
        with pytest.raises(NeedsSecond):
            approve_settlement(settlement=made, by="account:1")
    approve_settlement(settlement=made, by="account:2")


def test_above_the_limit_a_programs_proposal_is_nobodys() -> None:
    call = answered_call(promise={**POOL, "amount_minor": 5_000_000}, people="rr")
    close_call(call=call, by="account:1")
    made = propose_settlement(call=call, by="token:1")

    with pytest.raises(ByNobody):
        approve_settlement(settlement=made, by="account:1")
    with pytest.raises(NeedsSecond):
        approve_settlement(settlement=made, by="token:2")

    assert Settlement.objects.get(pk=made.pk).approved_at is None


def test_a_proposal_sent_twice_is_one_and_a_new_one_takes_its_place() -> None:
    call = answered_call(promise=POOL, people="rr")
    close_call(call=call, by="account:1")

    first = propose_settlement(call=call, by="account:1")
    twice = propose_settlement(call=call, by="account:1")
    other = propose_settlement(call=call, by="account:1", is_last=True)

    assert first.pk == twice.pk
    assert Settlement.objects.get(pk=first.pk).withdrawn_by == "account:1"
    with pytest.raises(Stale):
        approve_settlement(settlement=first, by="account:2")
    assert withdraw_settlement(settlement=other, by="account:2").withdrawn_by == "account:2"


def test_what_changed_since_a_proposal_makes_it_stale() -> None:
    call = answered_call(promise=SHARE, people="rr")
    for number in range(2):
        made = record_gain(call=call, money=Money(1_000, "KRW"), period=YEAR, note="",
                           by="account:1", request_key=str(number))  # fmt: skip
        if number == 0:
            proposed = propose_settlement(call=call, by="account:1")

    with pytest.raises(Stale):
        approve_settlement(settlement=proposed, by="account:2")

    assert made.amount_minor == 1_000


def test_a_settlement_is_taken_back_by_its_opposite() -> None:
    call = answered_call(promise=POOL, people="rrg")
    close_call(call=call, by="account:1")
    settle(call, is_last=True)
    back = propose_taking_back(settlement=Settlement.objects.get(call=call), note="Wrong gold",
                               by="account:1")  # fmt: skip

    approve_settlement(settlement=back, by="account:2")

    assert earned(call) == [0, 0, 0]
    again = settle(call, is_last=True)
    assert again.base_minor + again.value_minor == POOL["amount_minor"]
    assert faults() == ["", "", ""]


def test_a_pool_is_late_though_gains_were_shared_or_its_sharing_was_taken_back() -> None:
    call = answered_call(promise={"kind": "several", "parts": [POOL, SHARE]}, people="rr")
    record_gain(call=call, money=Money(50_000, "KRW"), period=YEAR, note="Sold", by="account:1",
                request_key="a")  # fmt: skip
    settle(call)
    call = close_call(call=call, by="account:1")
    later = now().date() + timedelta(days=31)

    assert is_settlement_overdue(call, today=later)
    made = settle(call)
    assert not is_settlement_overdue(call, today=later)
    back = propose_taking_back(settlement=made, note="Wrong gold", by="account:1")
    approve_settlement(settlement=back, by="account:2")
    assert is_settlement_overdue(call, today=later)


def test_what_was_paid_out_is_not_taken_back() -> None:
    call = answered_call(promise=POOL, people="rr")
    close_call(call=call, by="account:1")
    made = settle(call, is_last=True)
    first = Contributor.objects.filter(call_id=call.pk).order_by("id")[0]
    owner = contributor_owner(call_id=call.pk, contributor_id=first.id)
    post(key="out", reason="paid-out", entries=[
        Leg(owner, Purpose.OWED_TO, Money(-10, "KRW")),
        Leg(f"call:{call.pk}", Purpose.HELD, Money(10, "KRW")),
    ])  # fmt: skip
    back = propose_taking_back(settlement=made, note="Wrong gold", by="account:1")

    with pytest.raises(PaidOutAlready):
        approve_settlement(settlement=back, by="account:2")

    assert Settlement.objects.get(pk=back.pk).approved_at is None
    assert not Transaction.objects.filter(reason="settlement-taken-back").exists()


def test_a_run_that_was_cut_off_goes_on_where_it_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dure.calls.shares.posting.SHARES_PER_BATCH", 2)
    call = answered_call(promise=POOL, people="rrrgg")
    close_call(call=call, by="account:1")
    made = propose_settlement(call=call, by="account:1", is_last=True)
    approve_settlement(settlement=made, by="account:2")
    monkeypatch.setattr("dure.calls.shares.posting.BATCHES_MAX", 1)
    post_settlement(made.pk)
    monkeypatch.setattr("dure.calls.shares.posting.BATCHES_MAX", 100)

    post_settlement(made.pk)
    post_settlement(made.pk)

    assert sum(earned(call)) == POOL["amount_minor"]
    assert Transaction.objects.filter(reason="settled").count() == 3
    assert faults() == [""]


def test_a_settlement_made_again_comes_out_the_same_after_more_answers() -> None:
    call = answered_call(promise=SHARE, people="rrg")
    record_gain(call=call, money=Money(1_000_000, "KRW"), period=YEAR, note="", by="account:1",
                request_key="a")  # fmt: skip
    made = settle(call)
    Call.objects.filter(pk=call.pk).update(answers_max=9)
    with postgres.connect("owner") as owner:
        owner.execute("update tasks_taskprogress set capacity = 9")
    take_part(call, b"late", ["yes"] * 30)

    again = make_again(made)

    assert again.digest() == bytes(made.digest)
    assert faults() == [""]


def test_without_a_pool_or_gains_there_is_nothing_to_settle() -> None:
    call = make_call(promise={"kind": "per_answer", "amount_minor": 5, "currency": "KRW"})

    with pytest.raises(NothingPromised):
        propose_settlement(call=call, by="account:1")
