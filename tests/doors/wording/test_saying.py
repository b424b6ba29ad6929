"""Money, promises, times and shares are said in the reader's language, and never more surely."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from dure.doors.wording.saying import (
    plain_number,
    spell_money,
    spell_number,
    spell_promise,
    spell_promise_briefly,
    spell_range,
    spell_seconds,
    spell_share,
)


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0, "0%"), (0.004, "0.4%"), (0.5, "50%"), (0.994, "99.4%"), (1.0, "100%")],
)
def test_share_is_not_rounded_to_a_certainty(share: float, shown: str) -> None:
    with override("en"):
        assert spell_share(share) == shown


@pytest.mark.parametrize(
    ("seconds", "korean", "english"),
    [
        (0.2, "1초", "1 second"),
        (59, "59초", "59 seconds"),
        (60, "1분", "1 minute"),
        (7200, "2시간", "2 hours"),
        (3 * 86400, "3일", "3 days"),
    ],
)
def test_time_is_told_in_the_unit_that_fits(seconds: float, korean: str, english: str) -> None:
    with override("ko"):
        assert spell_seconds(seconds) == korean
    with override("en"):
        assert spell_seconds(seconds) == english


@pytest.mark.parametrize(
    ("language", "minor", "currency", "shown"),
    [
        ("ko", 1500, "KRW", "₩1,500"),
        ("en", 1500, "KRW", "₩1,500"),
        ("en", 250, "USD", "$2.50"),
        ("ko", 250, "USD", "US$2.50"),
        ("en", 1500, "IQD", "IQD1.500"),
        ("en", 10**17 + 1, "USD", "$1,000,000,000,000,000.01"),
    ],
)
def test_money_has_the_decimals_of_its_currency(
    language: str, minor: int, currency: str, shown: str
) -> None:
    with override(language):
        assert spell_money(minor, currency) == shown


def test_range_of_numbers_below_zero_has_true_minuses_and_no_dash() -> None:
    with override("en"):
        assert spell_range(spell_number(-4.74), spell_number(-1.61)) == "−4.74 to −1.61"


@pytest.mark.parametrize(
    ("number", "spelt"),
    [
        (999_999_999_999_999, "999,999,999,999,999"),
        (10**15, "1E15"),
        (-2.0659e150, "−2.07E150"),
        (1.7e308, "1.7E308"),
        (5e-324, "0"),
    ],
)
def test_number_of_any_size_is_spelt(number: float, spelt: str) -> None:
    with override("ko"):
        assert spell_number(number) == spelt


@pytest.mark.parametrize(
    ("number", "plain"),
    [(1234567.891, "1234567.89"), (-3.5, "-3.5"), (-0.001, "0"), (12.0, "12"), (1e20, "1e+20")],
)
def test_plain_number_is_one_that_programs_read(number: float, plain: str) -> None:
    assert plain_number(number) == plain


def test_promise_is_one_sentence() -> None:
    with override("en"):
        paid = spell_promise({"kind": "per_answer", "amount_minor": 50, "currency": "KRW"})
        unpaid = spell_promise({"kind": "nothing"})

    assert paid == "₩50 for each answer that counts."
    assert unpaid == "No pay. You help as a volunteer, and we thank you for it."


def test_promise_of_several_parts_goes_into_one_line() -> None:
    per_answer = {"kind": "per_answer", "amount_minor": 50, "currency": "KRW"}
    pool = {"kind": "pool", "amount_minor": 500_000, "currency": "KRW"}
    share = {"kind": "revenue_share", "percent": 20, "currency": "KRW"}
    with override("en"):
        briefly = spell_promise_briefly({"kind": "several", "parts": [per_answer, pool, share]})

        assert briefly == "₩50 an answer + a share of ₩500,000 + 20% of what it earns"
        assert spell_promise_briefly({"kind": "nothing"}) == ""
