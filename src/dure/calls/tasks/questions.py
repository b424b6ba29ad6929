"""What may be asked, checked with a clear sentence."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from dure.calls.texts import check_text
from dure.errors import Invalid, Sentence, any_of

TYPES = ("choice", "multi", "number", "text", "pair", "rank", "box")
# A verdict on these has a probability, so a task may be decided early, or disputed at the end; the
# others are decided at their maximum.
TYPES_WITH_PROBABILITY = ("choice", "multi", "pair", "text")
# What an answer to these was worth can be measured where the truth is known.
TYPES_CHECKED = ("choice", "pair")
TYPES_WITH_PREDICTION = ("choice", "number")
# Their answers put items in order, within a task and over all of a call.
TYPES_OF_ITEMS = ("pair", "rank")
FIELDS = ("type", "text", "options", "min", "max", "step", "unit", "predict")
OPTIONS_MIN, OPTIONS_MAX = 2, 1000
OPTION_LETTERS_MAX = 100
UNIT_LETTERS_MAX = 20
TEXT_LETTERS_MAX = 5000
RANKED_MAX = 20
# The engine takes no number farther from 0: the square of a difference would not be finite.
NUMBER_MAX = 1e150


def check_question(question: object) -> dict[str, Any]:
    """The question as it is stored, with its defaults; refused with the reason if it can't be."""
    if not isinstance(question, dict):
        raise Invalid(
            "The question should be an object with a type and a text; got {question!r}.",
            question=question,
        )
    unknown = sorted(set(question) - set(FIELDS))
    if unknown:
        raise Invalid(
            "The question has a field {name!r}; known fields are {fields}.",
            name=unknown[0],
            fields=", ".join(FIELDS),
        )
    kind = question.get("type")
    if kind not in TYPES:
        raise Invalid("A question's type is {types}; got {kind!r}.", types=spell(TYPES), kind=kind)
    checked = {"type": kind, "text": check_text(question.get("text"), name="question.text")}
    if not isinstance(question.get("predict", False), bool):
        raise Invalid(
            "question.predict is true or false; got {given!r}.", given=question["predict"]
        )
    checked["predict"] = question.get("predict", False)
    if checked["predict"] and kind not in TYPES_WITH_PREDICTION:
        raise Invalid(
            "A question of type {kind!r} takes no prediction; leave predict out.", kind=kind
        )
    return checked | _CHECKS[kind](question)


def can_be_sure(question: dict[str, Any]) -> bool:
    """Whether a verdict on the question has a probability."""
    return question["type"] in TYPES_WITH_PROBABILITY


def can_check(question: dict[str, Any]) -> bool:
    """Whether what an answer was worth can be told from tasks whose truth is known."""
    return question["type"] in TYPES_CHECKED


def ranks_items(question: dict[str, Any]) -> bool:
    """Whether what is ranked differs from task to task."""
    return question["type"] == "rank" and "options" not in question


def spell(values: list[str] | tuple[str, ...], *, shown_max: int = 8) -> str:
    shown = [repr(value) for value in values[:shown_max]]
    if len(values) > shown_max:
        return Sentence(
            "one of {shown} and {n} more", shown=", ".join(shown), n=len(values) - shown_max
        )
    return any_of(shown)


def is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    # A number that a double can't hold would come back as another one.
    return math.isfinite(value) if isinstance(value, float) else abs(value) <= 2**53


def _check_choice(question: dict[str, Any]) -> dict[str, Any]:
    return {"options": _check_options(question.get("options"), most=OPTIONS_MAX)}


def _check_multi(question: dict[str, Any]) -> dict[str, Any]:
    """For several of some, min and max are how many may be chosen."""
    options = _check_options(question.get("options"), most=OPTIONS_MAX)
    low, high = question.get("min"), question.get("max")
    low, high = 0 if low is None else low, len(options) if high is None else high
    if not (type(low) is int and type(high) is int and 0 <= low <= high <= len(options)):
        raise Invalid(
            "question.min and question.max are how many may be chosen, 0 to {most}; "
            "got {low!r} and {high!r}.",
            most=len(options),
            low=low,
            high=high,
        )
    return {"options": options, "min": low, "max": high}


def _check_pair(question: dict[str, Any]) -> dict[str, Any]:
    if question.get("options") is not None:
        raise Invalid("A pair has no options: its answers are 'left', 'right' and 'same'.")
    return {}


def _check_rank(question: dict[str, Any]) -> dict[str, Any]:
    """What is ranked are the question's options, or else the items of each task."""
    options = question.get("options")
    return {} if options is None else {"options": _check_options(options, most=RANKED_MAX)}


def _check_box(question: dict[str, Any]) -> dict[str, Any]:
    """With options, each box is labelled with one of them; a single one is a label too."""
    options = question.get("options")
    return {} if options is None else {"options": _check_options(options, least=1, most=100)}


def _check_options(options: object, *, least: int = OPTIONS_MIN, most: int) -> list[dict[str, Any]]:
    if not isinstance(options, list) or not least <= len(options) <= most:
        raise Invalid(
            "question.options should be a list of {least} to {most} options.",
            least=least,
            most=most,
        )
    checked = [_check_option(option) for option in options]
    values = [option["value"] for option in checked]
    for value in values:
        if values.count(value) > 1:
            raise Invalid(
                "The option {value!r} is there twice; each value must differ.", value=value
            )
    return checked


def _check_option(option: object) -> dict[str, Any]:
    if isinstance(option, str):
        option = {"value": option}
    if not isinstance(option, dict) or not set(option) <= {"value", "label"}:
        raise Invalid("An option has a value and a label; got {option!r}.", option=option)
    value = option.get("value")
    if not isinstance(value, str) or not 0 < len(value.strip()) <= OPTION_LETTERS_MAX:
        raise Invalid(
            "An option's value is a text of 1 to {most} letters; got {value!r}.",
            most=OPTION_LETTERS_MAX,
            value=value,
        )
    if value != value.strip() or not value.isprintable():
        raise Invalid(
            "An option's value has no space around it and no control sign: {value!r}.",
            value=value,
        )
    label = option.get("label", value)
    return {
        "value": value,
        "label": check_text(label, name=Sentence("label of {value!r}", value=value)),
    }


def _check_number(question: dict[str, Any]) -> dict[str, Any]:
    limits = {name: question.get(name) for name in ("min", "max", "step")}
    for name, limit in limits.items():
        if limit is not None and not is_number(limit):
            raise Invalid(
                "question.{name} should be a number; got {limit!r}.", name=name, limit=limit
            )
    low, high, step = limits["min"], limits["max"], limits["step"]
    if low is not None and high is not None and not low < high:
        raise Invalid(
            "question.min should be below question.max; got {low} and {high}.", low=low, high=high
        )
    if step is not None and not step > 0:
        raise Invalid("question.step should be above 0; got {step}.", step=step)
    unit = check_text(
        question.get("unit", ""),
        name="question.unit",
        letters_max=UNIT_LETTERS_MAX,
        may_be_empty=True,
    )
    return {**limits, "unit": unit}


def _check_words(question: dict[str, Any]) -> dict[str, Any]:
    """For a text, min and max are its length in letters."""
    low, high = question.get("min", 1), question.get("max", TEXT_LETTERS_MAX)
    if not all(isinstance(n, int) and not isinstance(n, bool) for n in (low, high)):
        raise Invalid("question.min and question.max of a text are whole numbers of letters.")
    if not 1 <= low <= high <= TEXT_LETTERS_MAX:
        raise Invalid(
            "A text may have 1 to {most} letters; got {low} to {high}.",
            most=TEXT_LETTERS_MAX,
            low=low,
            high=high,
        )
    return {"min": low, "max": high}


_CHECKS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "choice": _check_choice,
    "multi": _check_multi,
    "number": _check_number,
    "text": _check_words,
    "pair": _check_pair,
    "rank": _check_rank,
    "box": _check_box,
}
