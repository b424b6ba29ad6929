from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.ledger.money import AMOUNT_MINOR_MAX, BadMoney, Money, OtherCurrency, check_currency

AMOUNTS = st.integers(-(10**15), 10**15)


@given(a=AMOUNTS, b=AMOUNTS, times=st.integers(-1000, 1000))
def test_money_reckons_as_whole_numbers_do(a: int, b: int, times: int) -> None:
    left, right = Money(a, "KRW"), Money(b, "KRW")

    assert left + right == Money(a + b, "KRW")
    assert left - right == Money(a - b, "KRW")
    assert -left == Money(-a, "KRW")
    assert left * times == Money(a * times, "KRW")


def test_two_currencies_are_not_reckoned_together() -> None:
    with pytest.raises(OtherCurrency) as refusal:
        Money(1, "USD") + Money(2, "KRW")

    assert refusal.value.sentence == (
        "1 USD and 2 KRW can't be reckoned together; keep one amount for each currency."
    )


@pytest.mark.parametrize("other", [1, 0.5, None])
def test_a_bare_number_is_not_added_to_money(other: object) -> None:
    with pytest.raises(BadMoney) as refusal:
        Money(1, "USD") + other  # type: ignore[operator]

    assert refusal.value.sentence == f"Money is added to money only; got {other!r}."


@pytest.mark.parametrize("amount", [1.0, "1", True, None])
def test_an_amount_that_is_no_whole_number_is_refused(amount: object) -> None:
    with pytest.raises(BadMoney) as refusal:
        Money(amount, "USD")  # type: ignore[arg-type]

    assert refusal.value.sentence == (
        f"An amount is a whole number of minor units; got {amount!r}."
    )


def test_money_is_not_multiplied_by_a_fraction() -> None:
    with pytest.raises(BadMoney) as refusal:
        Money(1, "USD") * 0.5  # type: ignore[operator]

    assert refusal.value.sentence == "Money is multiplied by whole numbers only; got 0.5."


def test_an_amount_beyond_the_ledgers_column_is_refused() -> None:
    most = Money(AMOUNT_MINOR_MAX, "USD")

    with pytest.raises(BadMoney) as refusal:
        most + Money(1, "USD")

    assert refusal.value.sentence == (
        "An amount is at most 9223372036854775807 minor units; got 9223372036854775808."
    )


@pytest.mark.parametrize("currency", ["usd", "US", "USDX", "ZZZ", "XXX", "XTS", "", None, 840])
def test_what_is_no_currency_is_refused(currency: object) -> None:
    with pytest.raises(BadMoney) as refusal:
        Money(1, currency)  # type: ignore[arg-type]

    assert refusal.value.sentence == (
        f"A currency is an ISO 4217 code in capitals, such as KRW or USD; got {currency!r}."
    )


def test_a_currency_that_was_withdrawn_can_be_read_but_not_chosen() -> None:
    old = Money(100, "DEM")

    with pytest.raises(BadMoney):
        check_currency("DEM")

    assert str(old) == "100 DEM"
    assert [check_currency(code) for code in ("KRW", "USD", "EUR")] == ["KRW", "USD", "EUR"]
