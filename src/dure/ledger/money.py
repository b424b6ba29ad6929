"""Money: an amount in minor units and its currency, never one without the other."""

from __future__ import annotations

import re
from dataclasses import dataclass

from babel.core import get_global
from babel.numbers import get_currency_precision, list_currencies

from dure.errors import Invalid

# What a column of the ledger holds.
AMOUNT_MINOR_MAX = 2**63 - 1
# Every code there ever was: a currency that is withdrawn one day must not make old rows unreadable.
CURRENCIES = frozenset(list_currencies()) - {"XXX", "XTS"}
IN_USE = frozenset(
    code
    for currencies in get_global("territory_currencies").values()
    for code, _since, until, is_tender in currencies
    if until is None and is_tender
)
# Babel says how many decimals people write; where that is none since coins are out of use, ISO 4217
# still counts them, and so do banks.
DECIMALS_OF_ISO = {
    "AFN": 2, "ALL": 2, "IQD": 3, "IRR": 2, "KPW": 2, "LAK": 2, "LBP": 2, "MGA": 2, "MMK": 2,
    "RSD": 2, "SOS": 2, "SYP": 2, "YER": 2,
}  # fmt: skip
DECIMAL = re.compile(r"([+-]?)(?=\.?\d)(\d{0,30})(?:\.(\d{0,30}))?")


class BadMoney(Invalid):
    """Money is a whole number of minor units and an ISO 4217 currency."""

    code = "bad-money"


class OtherCurrency(Invalid):
    """Amounts of two currencies can't be reckoned together; keep one amount for each."""

    code = "other-currency"


@dataclass(frozen=True, slots=True)
class Money:
    """Such as `Money(150, "USD")`, a dollar fifty, or `Money(150, "KRW")`, 150 won."""

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount_minor) is not int:
            raise BadMoney(
                f"An amount is a whole number of minor units; got {self.amount_minor!r}."
            )
        if abs(self.amount_minor) > AMOUNT_MINOR_MAX:
            raise BadMoney(
                f"An amount is at most {AMOUNT_MINOR_MAX} minor units; got {self.amount_minor}."
            )
        check_currency(self.currency, allowed=CURRENCIES)

    @classmethod
    def read(cls, text: str, currency: str) -> Money:
        """Of a decimal number such as 1.50; a part of a minor unit is refused, never rounded."""
        decimals = decimals_of(check_currency(currency, allowed=CURRENCIES))
        found = DECIMAL.fullmatch(text)
        if found is None:
            raise BadMoney(f"An amount is a decimal number, such as 1.50; got {text!r}.")
        sign, whole, parts = found[1], found[2], (found[3] or "").rstrip("0")
        if len(parts) > decimals:
            raise BadMoney(f"{currency} has {decimals} decimals; got {text!r}.")
        return cls(int(f"{sign}{whole}{parts:0<{decimals}}"), currency)

    @property
    def decimal_text(self) -> str:
        """As banks and bookkeeping write it: all its decimals, a point, and nothing else."""
        decimals = decimals_of(self.currency)
        digits = f"{abs(self.amount_minor):0{decimals + 1}}"
        whole, parts = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
        sign = "-" if self.amount_minor < 0 else ""
        return f"{sign}{whole}.{parts}" if parts else f"{sign}{whole}"

    def __add__(self, other: Money) -> Money:
        self._check_same_currency(other)
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return self + -other

    def __neg__(self) -> Money:
        return Money(-self.amount_minor, self.currency)

    def __mul__(self, times: int) -> Money:
        if type(times) is not int:
            raise BadMoney(f"Money is multiplied by whole numbers only; got {times!r}.")
        return Money(self.amount_minor * times, self.currency)

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency}"

    def as_facts(self) -> dict[str, int | str]:
        """As it is kept in a log."""
        return {"amount_minor": self.amount_minor, "currency": self.currency}

    def _check_same_currency(self, other: Money) -> None:
        if not isinstance(other, Money):
            raise BadMoney(f"Money is added to money only; got {other!r}.")
        if other.currency != self.currency:
            raise OtherCurrency(
                f"{self} and {other} can't be reckoned together; keep one amount for each currency."
            )


def decimals_of(currency: str) -> int:
    """How many decimals an amount has: none for KRW, two for USD, three for BHD."""
    decimals: int = DECIMALS_OF_ISO.get(currency) or get_currency_precision(currency)
    return decimals


def check_currency(currency: object, *, allowed: frozenset[str] = IN_USE) -> str:
    """The code itself; refused unless it is one of those allowed, in capitals."""
    if not isinstance(currency, str) or currency not in allowed:
        raise BadMoney(
            f"A currency is an ISO 4217 code in capitals, such as KRW or USD; got {currency!r}."
        )
    return currency
