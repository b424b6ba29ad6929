"""From what a form sends to a value, and the advice when it is none."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

NUMBER_FORM = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?")


def read_typed(question: dict[str, Any], typed: str) -> Any:
    """The value that was typed; a number as people write it, with or without thousands commas."""
    if question["type"] != "number":
        return typed
    text = typed.strip().replace(" ", "")
    if not text.strip("+-.,") or not NUMBER_FORM.fullmatch(text):
        return typed
    number = float(text.replace(",", ""))
    return int(number) if number.is_integer() and "." not in text else number


def advise(question: dict[str, Any]) -> str:
    """What a good answer looks like, for somebody whose answer was none."""
    if question["type"] == "choice":
        return _("Please choose one of the answers.")
    if question["type"] == "text":
        return _("Please write %(low)d to %(high)d letters.") % {
            "low": question["min"],
            "high": question["max"],
        }
    return f"{_advise_number(question)} {_advise_step(question)}".strip()


def _advise_number(question: dict[str, Any]) -> str:
    limits = {"low": question["min"], "high": question["max"]}
    if limits["low"] is None and limits["high"] is None:
        return _("Please write a number, for example 12 or 3.5.")
    if limits["high"] is None:
        return _("Please write a number of at least %(low)s.") % limits
    if limits["low"] is None:
        return _("Please write a number of at most %(high)s.") % limits
    return _("Please write a number from %(low)s to %(high)s.") % limits


def _advise_step(question: dict[str, Any]) -> str:
    if question["step"] is None:
        return ""
    return _("In steps of %(step)s.") % {"step": question["step"]}


def thank(n_answers: int) -> str:
    if not n_answers:
        return ""
    return ngettext(
        "You have answered %(n)d task.", "You have answered %(n)d tasks.", n_answers
    ) % {"n": n_answers}
