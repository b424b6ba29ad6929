"""Money, promises, times and shares in the reader's language."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from babel.core import Locale
from babel.dates import (
    format_date,
    format_skeleton,
    format_time,
    get_datetime_format,
    get_time_format,
)
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    format_scientific,
    get_currency_precision,
    parse_pattern,
)
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from dure.calls.promises import parts_of
from dure.calls.texts import Words, pick_words
from dure.ledger.money import Money, decimals_of

# How long an answer takes, by the type of question, in seconds; what pages say before any came.
SECONDS_OF_TYPE = {
    "choice": 6, "pair": 6, "multi": 12, "number": 12, "rank": 25, "text": 30, "box": 30,
}  # fmt: skip

# A larger number is spelt by its power of ten: all its figures say nothing.
PLAIN_BELOW = 1e15


def language() -> str:
    return (get_language() or "en").replace("-", "_")


def spell_promise(promise: dict[str, Any]) -> str:
    """What contributors get, a sentence for each part."""
    parts = parts_of(promise)
    if not parts:
        return _("No pay. You help as a volunteer, and we thank you for it.")
    return " ".join(_spell_part(part) for part in parts)


def spell_promise_briefly(promise: dict[str, Any]) -> str:
    """What contributors get, in a few words for one line; empty if it is thanks alone."""
    return " + ".join(_spell_part_briefly(part) for part in parts_of(promise))


def _spell_part_briefly(part: dict[str, Any]) -> str:
    if part["kind"] == "revenue_share":
        return _("%(percent)s of what it earns") % {"percent": spell_share(part["percent"] / 100)}
    money = {"money": spell_money(part["amount_minor"], part["currency"])}
    if part["kind"] == "pool":
        return _("a share of %(money)s") % money
    return _("%(money)s an answer") % money


def _spell_part(part: dict[str, Any]) -> str:
    if part["kind"] == "per_answer":
        return _("%(money)s for each answer that counts.") % {
            "money": spell_money(part["amount_minor"], part["currency"])
        }
    if part["kind"] == "pool":
        promised = _("%(money)s is shared among all who take part.") % {
            "money": spell_money(part["amount_minor"], part["currency"])
        }
        return f"{promised} {spell_base(part)}".strip()
    facts = {
        "percent": spell_share(part["percent"] / 100),
        "until": format_date(date.fromisoformat(part["until"]), "long", locale=language()),
    }
    if part["cap_minor"] is None:
        promised = _("%(percent)s of what this earns until %(until)s is shared among you.") % facts
    else:
        cap = spell_money(part["cap_minor"], part["currency"])
        promised = _(
            "%(percent)s of what this earns until %(until)s is shared among you, up to %(cap)s."
        ) % {**facts, "cap": cap}
    return f"{promised} {spell_base(part)}".strip()


def spell_base(part: dict[str, Any]) -> str:
    """How a pool or a share of gains is divided; empty in a draft that does not say yet."""
    base = part.get("base_percent")
    if base is None:
        return ""
    if base == 100:
        return _("Every answer that counts gets the same.")
    if base == 0:
        return _("It goes to answers that were checked and proved useful.")
    return _(
        "%(base)s of it goes to every answer that counts alike, the rest to answers that were "
        "checked and proved useful."
    ) % {"base": spell_share(base / 100)}


def spell_money(amount_minor: int, currency: str) -> str:
    amount = Decimal(Money(amount_minor, currency).decimal_text)
    decimals = decimals_of(currency)
    if decimals == get_currency_precision(currency):
        return format_currency(amount, currency, locale=language())
    # Babel would round away coins that are out of use but still counted.
    pattern = parse_pattern(Locale.parse(language()).currency_formats["standard"].pattern)
    pattern.frac_prec = (decimals, decimals)
    return str(pattern.apply(amount, language(), currency=currency, currency_digits=False))


def spell_number(number: float) -> str:
    """The number with a true minus, which a dash beside it can't be taken for."""
    if abs(number) < PLAIN_BELOW:
        spelt = format_decimal(number, format="#,##0.##", locale=language())
    else:
        spelt = format_scientific(number, format="0.##E0", locale=language())
    return spelt.replace("-", "\N{MINUS SIGN}")


def plain_number(number: float) -> str:
    """The number with as many figures as `spell_number` gives, as programs read it."""
    # A small number below zero would else be -0.
    return f"{round(number, 2) + 0.0:.15g}"


def spell_range(low: str, high: str) -> str:
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def spell_share(share: float) -> str:
    """A share as percent, never rounded to a certainty that is not there."""
    percent = min(max(share, 0.0), 1.0)
    pattern = "0.0%" if 0 < percent < 0.01 or 0.99 < percent < 1 else "0%"
    return format_percent(percent, format=pattern, locale=language())


def spell_moment(moment: datetime) -> str:
    """A date and time in the reader's zone, with its name, since a cookie may say any."""
    local = timezone.localtime(moment)
    # Wide, or Korean would say the half of the day in Latin letters.
    clock = get_time_format("medium", locale=language()).pattern.replace("a", "aaaa")
    told = (
        str(get_datetime_format("medium", locale=language()))
        .replace("'", "")
        .replace("{0}", format_time(local, clock, tzinfo=local.tzinfo, locale=language()))
        .replace("{1}", format_date(local.date(), "medium", locale=language()))
    )
    return f"{told} {_spell_zone(local)}"


def spell_day(moment: datetime) -> str:
    """The date that it is, or was, in the reader's zone."""
    return format_date(timezone.localtime(moment).date(), "medium", locale=language())


def spell_date(day: date) -> str:
    """A day that is the same everywhere, such as the last of a period."""
    return format_date(day, "medium", locale=language())


def spell_tick(moment: datetime, *, span: timedelta) -> str:
    """A time beside a chart's axis in the reader's zone, as fine as the whole axis asks for."""
    local = timezone.localtime(moment)
    hour = format_skeleton("Hm", local, tzinfo=local.tzinfo, locale=language())
    day = format_skeleton("MMMd", local, tzinfo=local.tzinfo, locale=language())
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


def _spell_zone(moment: datetime) -> str:
    """By its distance from UTC, which is short and the same in every language."""
    minutes = round((moment.utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    if not minutes:
        return "UTC"
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{hours}:{rest:02}" if rest else f"UTC{sign}{hours}"


def read_text(text: Any, *, own: str) -> Words:
    """A call's text in the reader's language, where it has one."""
    return pick_words(text, language=get_language() or own, own=own)
