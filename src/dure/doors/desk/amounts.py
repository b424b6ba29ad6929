"""Money and percent as people type them, without a float in between."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from babel.numbers import get_currency_precision
from django.utils.translation import gettext_noop as _

from dure.errors import Invalid
from dure.ledger.money import Money, check_currency

AMOUNT_MAX = Decimal(10) ** 12


def read_money(typed: str, currency: str) -> Money:
    """An amount in whole and parts, such as 12.50; parts smaller than the currency's are asked."""
    check_currency(currency)
    minor = _read(typed).scaleb(get_currency_precision(currency))
    if minor != minor.to_integral_value():
        raise Invalid(_("Please write the amount in {currency}."), currency=currency)
    return Money(int(minor), currency)


def read_basis_points(typed: str) -> int:
    """Percent with at most two places, such as 3.3."""
    points = _read(typed.replace("%", "")) * 100
    if points != points.to_integral_value():
        raise Invalid(_("Please write percent with at most two places, such as 3.3."))
    return int(points)


def spell_amount(amount_minor: int, currency: str) -> str:
    """As a field shows it, to be read again."""
    return f"{Decimal(amount_minor).scaleb(-get_currency_precision(currency)):f}"


def _read(typed: str) -> Decimal:
    text = typed.replace(",", "").replace(" ", "") or "0"
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Invalid(_("Please write a number.")) from None
    if not number.is_finite() or abs(number) >= AMOUNT_MAX:
        raise Invalid(_("Please write a number."))
    return number
