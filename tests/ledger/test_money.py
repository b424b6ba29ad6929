from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.ledger.money import (
    AMOUNT_MINOR_MAX,
    CURRENCIES,
    IN_USE,
    BadMoney,
    Money,
    OtherCurrency,
    check_currency,
    decimals_of,
)

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


# Of the list of ISO 4217 (2024), those that have not two.
DECIMALS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
    "RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3, "CLF": 4, "UYW": 4,
}  # fmt: skip


@pytest.mark.parametrize("currency", sorted(IN_USE | DECIMALS.keys()))
def test_currencies_have_the_decimals_of_iso_4217(currency: str) -> None:
    assert decimals_of(currency) == DECIMALS.get(currency, 2)


@pytest.mark.parametrize(
    ("amount_minor", "currency", "text"),
    [
        (150, "USD", "1.50"), (-5, "USD", "-0.05"), (0, "USD", "0.00"), (150, "KRW", "150"),
        (-1, "JPY", "-1"), (1, "BHD", "0.001"), (12345, "CLF", "1.2345"), (1500, "IQD", "1.500"),
        (AMOUNT_MINOR_MAX, "USD", "92233720368547758.07"),
    ],
)  # fmt: skip
def test_decimal_text_has_every_decimal_of_its_currency(
    amount_minor: int, currency: str, text: str
) -> None:
    assert Money(amount_minor, currency).decimal_text == text


@given(amount_minor=AMOUNTS, currency=st.sampled_from(sorted(CURRENCIES)))
def test_what_was_written_is_read_again(amount_minor: int, currency: str) -> None:
    money = Money(amount_minor, currency)

    assert Money.read(money.decimal_text, currency) == money


@pytest.mark.parametrize(
    ("text", "currency", "amount_minor"),
    [
        ("1.5", "USD", 150),
        ("+2", "USD", 200),
        ("50.00", "KRW", 50),
        ("0.100", "USD", 10),
        (".5", "USD", 50),
        ("5.", "USD", 500),
    ],
)
def test_decimals_that_say_nothing_may_be_left_out_or_put_in(
    text: str, currency: str, amount_minor: int
) -> None:
    assert Money.read(text, currency).amount_minor == amount_minor


@pytest.mark.parametrize(
    ("text", "currency", "sentence"),
    [
        ("0.5", "KRW", "KRW has 0 decimals; got '0.5'."),
        ("1.005", "USD", "USD has 2 decimals; got '1.005'."),
        ("1e3", "USD", "An amount is a decimal number, such as 1.50; got '1e3'."),
        ("1,50", "USD", "An amount is a decimal number, such as 1.50; got '1,50'."),
        ("", "USD", "An amount is a decimal number, such as 1.50; got ''."),
        (".", "USD", "An amount is a decimal number, such as 1.50; got '.'."),
        ("nan", "USD", "An amount is a decimal number, such as 1.50; got 'nan'."),
    ],
)
def test_parts_of_a_minor_unit_and_what_is_no_number_are_refused(
    text: str, currency: str, sentence: str
) -> None:
    with pytest.raises(BadMoney) as refusal:
        Money.read(text, currency)

    assert refusal.value.sentence == sentence
