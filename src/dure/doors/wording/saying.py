"""Money, promises, times and shares in the reader's language."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_datetime, format_skeleton
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_precision
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from dure.calls.texts import Words, pick_words

# How long an answer takes, by the type of question, in seconds; what pages say before any came.
SECONDS_OF_TYPE = {
    "choice": 6, "pair": 6, "multi": 12, "number": 12, "rank": 25, "text": 30, "box": 30,
}  # fmt: skip


def language() -> str:
    return (get_language() or "en").replace("-", "_")


def spell_promise(promise: dict[str, Any]) -> str:
    """What contributors get, in one sentence."""
    if promise.get("kind") == "per_answer":
        return _("%(money)s for each answer that counts.") % {
            "money": spell_money(promise["amount_minor"], promise["currency"])
        }
    return _("No pay. You help as a volunteer, and we thank you for it.")


def spell_money(amount_minor: int, currency: str) -> str:
    amount = amount_minor / 10 ** get_currency_precision(currency)
    return format_currency(amount, currency, locale=language())


def spell_number(number: float) -> str:
    return format_decimal(number, format="#,##0.##", locale=language())


def spell_share(share: float) -> str:
    """A share as percent, never rounded to a certainty that is not there."""
    percent = min(max(share, 0.0), 1.0)
    pattern = "0.0%" if 0 < percent < 0.01 or 0.99 < percent < 1 else "0%"
    return format_percent(percent, format=pattern, locale=language())


def spell_moment(moment: datetime) -> str:
    """A date and time in the zone that the reader is told of: UTC."""
    return _("%(moment)s UTC") % {
        "moment": format_datetime(moment, "medium", locale=language(), tzinfo=None)
    }


def spell_tick(moment: datetime, *, span: timedelta) -> str:
    """A time beside a chart's axis, as fine as the span of the whole axis asks for; in UTC."""
    hour = format_skeleton("Hm", moment, locale=language())
    day = format_skeleton("MMMd", moment, locale=language())
    if span < timedelta(days=1):
        return hour
    return f"{day} {hour}" if span <= timedelta(days=3) else day


def spell_seconds(seconds: float) -> str:
    """A length of time in the largest unit that fits."""
    if seconds < 60:
        n = max(1, round(seconds))
        return ngettext("%(n)s second", "%(n)s seconds", n) % {"n": n}
    if seconds < 100 * 60:
        n = round(seconds / 60)
        return ngettext("%(n)s minute", "%(n)s minutes", n) % {"n": n}
    if seconds < 36 * 3600:
        n = round(seconds / 3600)
        return ngettext("%(n)s hour", "%(n)s hours", n) % {"n": n}
    n = round(seconds / 86400)
    return ngettext("%(n)s day", "%(n)s days", n) % {"n": spell_number(n)}


def read_text(text: Any, *, own: str) -> Words:
    """A call's text in the reader's language, where it has one."""
    return pick_words(text, language=get_language() or own, own=own)
