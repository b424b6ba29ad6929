"""How numbers and shares are written into the desk's pages."""

from __future__ import annotations

import secrets
from datetime import date, datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dure.calls.tasks.boards import Standing
from dure.doors.desk import sharing
from dure.doors.wording import saying
from dure.doors.wording.refusals import spell_sentence
from dure.ledger.money import Money

register = template.Library()


@register.simple_tag
def once() -> SafeString:
    """What marks a form, so that two clicks on its button have the effect of one."""
    return format_html('<input type="hidden" name="once" value="{}">', secrets.token_urlsafe(12))


@register.filter
def percent_of(standing: Standing, state: str) -> str:
    """A state's share of all tasks as a length of a drawing that is 100 wide."""
    part: int = getattr(standing, state)
    return f"{100 * part / standing.tasks if standing.tasks else 0:.2f}"


@register.filter
def share(value: float) -> str:
    return saying.spell_share(value)


@register.filter
def amount(value: float) -> str:
    return saying.spell_number(value)


@register.filter
def money(value: Money | int, currency: str = "") -> str:
    """Money, or so many minor units of a currency."""
    if isinstance(value, int):
        return saying.spell_money(value, currency)
    return saying.spell_money(value.amount_minor, value.currency)


@register.filter
def date_only(value: date) -> str:
    """A day that was typed as one, the same in every zone."""
    return saying.spell_date(value)


@register.filter
def way(source: str) -> str:
    return sharing.name_way(source)


@register.filter
def named(doer: str, names: dict[str, str]) -> str:
    """Whoever did something, by the name that was looked up for the page."""
    return names.get(doer, doer)


@register.filter
def moment(value: datetime) -> str:
    return saying.spell_moment(value)


@register.filter
def day(value: datetime) -> str:
    return saying.spell_day(value)


@register.filter
def spelt(sentence: str) -> str:
    """Why a line or a file was refused, in the reader's language."""
    return spell_sentence(sentence)
