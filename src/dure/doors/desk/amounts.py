"""Money and percent as people type them and read them in a form, without a float in between."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import gettext_noop as _

from dure.errors import Invalid
from dure.ledger.money import BadMoney, Money, check_currency

# A comma parts thousands and nothing else: of "2,50" nobody knows what was meant, so it is asked.
AMOUNT = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,5}|[0-9]{1,16})(?:\.[0-9]{1,6})?")
PERCENT = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,2})?")


def read_minor(text: str, *, currency: str) -> int | None:
    """In minor units; None for what is no amount, or finer than the currency."""
    typed = text.replace(" ", "")
    if not AMOUNT.fullmatch(typed):
        return None
    try:
        return Money.read(typed.replace(",", ""), currency).amount_minor
    except BadMoney:
        return None


def read_money(typed: str, currency: str) -> Money:
    """An amount in whole and parts, such as 12.50, or nothing; what is unclear is asked."""
    check_currency(currency)
    minor = read_minor(typed, currency=currency) if typed.strip() else 0
    if minor is None:
        raise Invalid(_("Please write the amount in {currency}."), currency=currency)
    return Money(minor, currency)


def read_basis_points(typed: str) -> int:
    """Percent with at most two places, such as 3.3."""
    percent = typed.replace("%", "").strip()
    if not PERCENT.fullmatch(percent):
        raise Invalid(_("Please write percent with at most two places, such as 3.3."))
    return int(Decimal(percent) * 100)


def spell_minor(amount_minor: int, *, currency: str) -> str:
    """As it would have been typed."""
    return Money(amount_minor, currency).decimal_text
