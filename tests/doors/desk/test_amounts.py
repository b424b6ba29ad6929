"""Amounts as people type them."""

from __future__ import annotations

import pytest

from dure.doors.desk.amounts import read_minor, spell_minor


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("50", "KRW", 50), ("1,234,567", "KRW", 1_234_567), ("0.07", "USD", 7), ("2.5", "EUR", 250),
     ("1 000.10", "USD", 100_010), ("90071992547409.93", "USD", 9_007_199_254_740_993),
     ("5.00", "KRW", 5), ("0", "USD", 0)],
)  # fmt: skip
def test_amount_is_read_without_rounding(text: str, currency: str, minor: int) -> None:
    assert read_minor(text, currency=currency) == minor
    assert read_minor(spell_minor(minor, currency=currency), currency=currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [("", "KRW"), ("0.5", "KRW"), ("0.005", "USD"), ("2,50", "EUR"), ("1,2345", "KRW"),
     ("-5", "USD"), ("1e3", "USD"), ("٥", "USD"), ("9" * 30, "USD"), ("NaN", "USD"), (".5", "USD")],
)  # fmt: skip
def test_what_is_no_amount_is_none(text: str, currency: str) -> None:
    assert read_minor(text, currency=currency) is None


def test_amount_is_spelt_as_it_would_be_typed() -> None:
    assert spell_minor(250, currency="EUR") == "2.50"
    assert spell_minor(250, currency="KRW") == "250"
