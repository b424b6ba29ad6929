from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.utils import timezone

from dure.calls.shares.paying_in import pay_in
from dure.calls.shares.statements import sums_of
from dure.doors.wording.funding import may_tell_earned, read_sums, spell_funding, spell_overdue
from dure.doors.wording.saying import spell_date
from dure.ledger.money import Money
from tests.calls.test_settling import POOL, SHARE
from tests.factories import make_call

pytestmark = pytest.mark.django_db
POOL_ONLY = {**POOL, "amount_minor": 500_000}
PER_ANSWER = {"kind": "per_answer", "amount_minor": 50, "currency": "KRW"}


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    caches["here"].clear()
    yield
    caches["here"].clear()


@pytest.mark.parametrize(
    ("promise", "paid", "told"),
    [
        (POOL_ONLY, 0, "It is promised, and nothing is paid in yet."),
        (POOL_ONLY, 300_000, "₩300,000 of ₩500,000 is there already."),
        (POOL_ONLY, 500_000, "All of it is there already."),
        (PER_ANSWER, 300_000, "₩300,000 is paid in for it already."),
        ({"kind": "several", "parts": [PER_ANSWER, POOL_ONLY]}, 1_000,
         "₩1,000 is paid in for it already."),
    ],
)  # fmt: skip
def test_what_is_there_and_what_is_only_promised_is_told(
    promise: dict[str, Any], paid: int, told: str
) -> None:
    call = make_call(promise=promise)
    if paid:
        pay_in(call=call, money=Money(paid, "KRW"), note="", by="account:1", request_key="a")

    sums = read_sums(call.pk, promise=call.promise)

    assert sums is not None
    assert spell_funding(sums) == [told]


def test_what_is_overdue_is_told_with_its_days() -> None:
    call = make_call(promise=SHARE)
    sums = sums_of(call, today=timezone.now().date() + timedelta(days=140))
    assert sums is not None
    [report] = sums.overdue_reports

    up_to, due = (spell_date(day) for day in (report.up_to, report.due))
    told = f"What it earned up to {up_to} was to be reported by {due}; that is overdue."
    assert spell_overdue(sums) == [told]


def test_sums_are_not_read_for_everyone_anew_and_not_at_all_without_money(
    django_assert_num_queries: Any,
) -> None:
    call, plain = make_call(promise=SHARE), make_call(promise={"kind": "nothing"})
    first = read_sums(call.pk, promise=call.promise)

    with django_assert_num_queries(0):
        assert read_sums(call.pk, promise=call.promise) == first
        assert read_sums(plain.pk, promise=plain.promise) is None


def test_what_answers_earned_is_told_only_when_the_answers_are() -> None:
    for promise, state, is_told in (
        (PER_ANSWER, "open", False), (PER_ANSWER, "closed", True), (POOL, "open", True),
        ({"kind": "several", "parts": [PER_ANSWER, POOL]}, "open", False),
    ):  # fmt: skip
        assert may_tell_earned(make_call(promise=promise, state=state)) == is_told
