from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dure.calls.models import Call
from dure.calls.shares.gains import (
    AMOUNT_MINOR_MAX,
    GAINS_MAX,
    Gain,
    NoSuchGain,
    Period,
    correct_gain,
    gained_minor,
    gains_of,
    record_gain,
)
from dure.calls.shares.moving import pot_owner
from dure.errors import Invalid, WrongState
from dure.ledger.journal import KeyReused
from dure.ledger.models import Purpose
from dure.ledger.money import AMOUNT_MINOR_MAX as LEDGER_MAX
from dure.ledger.money import Money
from dure.ledger.queries import balances
from tests.factories import make_call

pytestmark = pytest.mark.django_db
SHARE: dict[str, Any] = {
    "kind": "revenue_share", "percent": 10, "currency": "KRW", "cap_minor": 500,
    "until": "2026-06-30", "report_months": 3, "base_percent": 50,
}  # fmt: skip
SPRING = Period(date(2026, 3, 1), date(2026, 5, 31))


def record(call: Call, won: int, key: str = "a", period: Period = SPRING) -> Gain:
    return record_gain(
        call=call, money=Money(won, "KRW"), period=period, note="Sold", by="account:1",
        request_key=key, evidence="https://example.org/report",
    )  # fmt: skip


def pot_minor(call: Call) -> int:
    found = balances(owner=pot_owner(call.pk), purpose=Purpose.OWED_TO)
    return sum(money.amount_minor for money in found)


def test_the_promised_part_of_a_gain_is_owed_at_once_up_to_the_cap() -> None:
    call = make_call(promise=SHARE)

    first = record(call, 3_009)
    again = record(call, 3_009)
    assert pot_minor(call) == 300
    record(call, 4_000, key="b")

    assert first.pk == again.pk
    assert pot_minor(call) == 500
    assert gained_minor(call) == 7_009


def test_a_correction_is_a_gain_of_its_own_that_moves_the_difference() -> None:
    call = make_call(promise=SHARE)
    wrong = record(call, 3_000)

    for _ in range(2):
        right = correct_gain(call=call, gain_id=wrong.pk, amount_minor=1_000, note="Returned goods",
                             by="account:1", request_key="b")  # fmt: skip

    assert (right.amount_minor, right.corrects) == (-2_000, wrong)
    assert (pot_minor(call), gained_minor(call)) == (100, 1_000)
    assert gains_of(call).count() == 2
    with pytest.raises(NoSuchGain):
        correct_gain(call=call, gain_id=right.pk, amount_minor=1, note="No", by="account:1",
                     request_key="c")  # fmt: skip


def test_a_correction_sent_again_after_another_is_still_the_same() -> None:
    call = make_call(promise=SHARE)
    wrong = record(call, 3_000)

    made = [
        correct_gain(call=call, gain_id=wrong.pk, amount_minor=amount, note="Returned goods",
                     by="account:1", request_key=key)
        for amount, key in ((1_000, "b"), (2_000, "c"), (1_000, "b"))
    ]  # fmt: skip

    assert [one.amount_minor for one in made] == [-2_000, 1_000, -2_000]
    assert made[2] == made[0]
    assert gained_minor(call) == 2_000


def test_all_gains_of_a_call_fit_the_ledger() -> None:
    assert GAINS_MAX * AMOUNT_MINOR_MAX < LEDGER_MAX // 2


def test_gains_after_the_last_day_are_recorded_and_not_shared() -> None:
    call = make_call(promise=SHARE)

    record(call, 9_000, period=Period(date(2026, 7, 1), date(2026, 7, 31)))

    assert (pot_minor(call), gained_minor(call)) == (0, 9_000)
    with pytest.raises(Invalid) as refusal:
        record(call, 9_000, key="b", period=Period(date(2026, 6, 1), date(2026, 7, 31)))
    assert refusal.value.sentence == (
        "Gains are shared until 2026-06-30; record what came up to then and later apart."
    )


@pytest.mark.parametrize(
    ("period", "sentence"),
    [
        (
            Period(date(2026, 5, 2), date(2026, 5, 1)),
            "A gain's period begins before it ends, and has ended; got 2026-05-02 to 2026-05-01.",
        ),
        (
            Period(date(2026, 5, 2), date(9998, 5, 1)),
            (
                "A gain's period is from a day to a later one, since 2000; got 2026-05-02 to "
                "9998-05-01."
            ),
        ),
    ],
)
def test_a_period_lies_in_the_past(period: Period, sentence: str) -> None:
    call = make_call(promise={"kind": "nothing"})

    with pytest.raises(Invalid) as refusal:
        record(call, 5, period=period)

    assert refusal.value.sentence == sentence


def test_gains_of_another_currency_or_of_a_draft_or_of_less_than_nothing_are_refused() -> None:
    call = make_call(promise=SHARE)

    for money in (Money(5, "USD"), Money(-1, "KRW")):
        with pytest.raises(Invalid):
            record_gain(call=call, money=money, period=SPRING, note="", by="x", request_key="a")
    with pytest.raises(WrongState):
        record(make_call(state="draft"), 5)
    record(call, 5)
    with pytest.raises(KeyReused):
        record(call, 6)
    assert gains_of(call).count() == 1
