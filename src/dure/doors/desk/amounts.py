"""Money as people type it and read it in a form: decimal text, never a float."""

from __future__ import annotations

import re
from decimal import Decimal

from babel.numbers import get_currency_precision

# A comma parts thousands and nothing else: of "2,50" nobody knows what was meant, so it is asked.
AMOUNT = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,5}|[0-9]{1,16})(?:\.[0-9]{1,6})?")


def read_minor(text: str, *, currency: str) -> int | None:
    """In minor units; None for what is no amount, or finer than the currency."""
    typed = text.replace(" ", "")
    if not AMOUNT.fullmatch(typed):
        return None
    minor = Decimal(typed.replace(",", "")).scaleb(get_currency_precision(currency))
    return int(minor) if minor == minor.to_integral_value() else None


def spell_minor(amount_minor: int, *, currency: str) -> str:
    """As it would have been typed."""
    return f"{Decimal(amount_minor).scaleb(-get_currency_precision(currency)):f}"
