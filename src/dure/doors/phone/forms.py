"""From what a form sends to a value, and the advice when it is none."""

from __future__ import annotations

import re
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

PLACE_DIGITS_MAX = 9
NUMBER_FORM = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?")


def read_form(question: dict[str, Any], form: QueryDict) -> Any:
    """What the fields of a type say; what can't be read stays as typed, to be refused later."""
    kind = question["type"]
    if kind == "multi":
        return form.getlist("value")
    if kind == "rank":
        return _read_places(form.getlist("item"), form.getlist("place"))
    if kind == "box":
        return _read_box(form)
    return _read_typed(question, form.get("value", ""))


def read_prediction(question: dict[str, Any], form: QueryDict) -> Any:
    """What was guessed of the others: of 100 for each option, or a mean; nothing if left empty."""
    guesses = form.getlist("guess")
    if question["type"] == "number":
        return _read_number(guesses[0]) if guesses and guesses[0].strip() else None
    options = [option["value"] for option in question.get("options", [])]
    shares = {
        value: _share_of(guess)
        for value, guess in zip(options, guesses, strict=False)
        if guess.strip()
    }
    return shares or None


def _read_typed(question: dict[str, Any], typed: str) -> Any:
    return _read_number(typed) if question["type"] == "number" else typed


def _read_number(typed: str) -> Any:
    """A number as people write it, with or without thousands commas."""
    text = typed.strip().replace(" ", "")
    if not text.strip("+-.,") or not NUMBER_FORM.fullmatch(text):
        return typed
    number = float(text.replace(",", ""))
    return int(number) if number.is_integer() and "." not in text else number


def _share_of(guess: str) -> Any:
    number = _read_number(guess)
    return guess if isinstance(number, str) else number / 100


def _read_places(items: list[str], places: list[str]) -> Any:
    """Items in the order of their places; an item without a place is not ranked."""
    placed = [(place, item) for item, place in zip(items, places, strict=False) if place]
    if not all(_is_place(place) for place, _ in placed):
        return "places that are no numbers"
    if len({int(place) for place, _ in placed}) < len(placed):
        return "one place given twice"
    return [item for _, item in sorted(placed, key=lambda pair: int(pair[0]))]


def _is_place(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= PLACE_DIGITS_MAX


def _read_box(form: QueryDict) -> Any:
    """One box in percent of the picture, or none at all."""
    if "nothing" in form:
        return []
    box: dict[str, Any] = {side: _share_of(form.get(side, "")) for side in ("x", "y", "w", "h")}
    label = form.get("label")
    return [{**box, "label": label} if label else box]


def advise(question: dict[str, Any]) -> str:
    """What a good answer looks like, for somebody whose answer was none."""
    simple = {
        "choice": _("Please choose one of the answers."),
        "multi": _("Please choose from the answers, not more and not fewer than asked."),
        "pair": _("Please choose one of the answers."),
        "rank": _("Please give each a place of its own, beginning with 1."),
        "box": _("Please give the four sides in percent, inside the picture."),
    }
    if question["type"] in simple:
        return simple[question["type"]]
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
