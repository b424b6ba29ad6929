"""What may be asked and what may be answered, checked with a clear sentence."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dure.calls.texts import check_text
from dure.errors import Invalid

AVAILABLE_TYPES = ("choice", "number", "text")
LATER_TYPES = ("multi", "pair", "rank", "box")
FIELDS = ("type", "text", "options", "min", "max", "step", "unit", "predict")
OPTIONS_MIN, OPTIONS_MAX = 2, 1000
OPTION_LETTERS_MAX = 100
UNIT_LETTERS_MAX = 20
TEXT_LETTERS_MAX = 5000
# How far, in steps, a number may lie beside a step: what decimal fractions lose in binary.
STEP_TOLERANCE = 1e-6


class BadValue(Invalid):
    """This is not an answer to the question."""

    code = "bad-value"


@dataclass(frozen=True, slots=True)
class Given:
    """An answer's value, its words apart from its codes."""

    value: Any
    text: str | None
    is_skip: bool


def check_question(question: object) -> dict[str, Any]:
    """The question as it is stored, with its defaults; refused with the reason if it can't be."""
    if not isinstance(question, dict):
        raise Invalid(f"The question should be an object with a type and a text; got {question!r}.")
    unknown = sorted(set(question) - set(FIELDS))
    if unknown:
        raise Invalid(
            f"The question has a field {unknown[0]!r}; known fields are {', '.join(FIELDS)}."
        )
    kind = question.get("type")
    if kind in LATER_TYPES:
        raise Invalid(
            f"Questions of type {kind!r} are not available yet; use {_spell(AVAILABLE_TYPES)}."
        )
    if kind not in AVAILABLE_TYPES:
        raise Invalid(f"A question's type is {_spell(AVAILABLE_TYPES)}; got {kind!r}.")
    checked = {"type": kind, "text": check_text(question.get("text"), name="question.text")}
    if not isinstance(question.get("predict", False), bool):
        raise Invalid(f"question.predict is true or false; got {question['predict']!r}.")
    checked["predict"] = question.get("predict", False)
    return checked | _CHECKS[kind](question)


def read_value(question: dict[str, Any], value: object) -> Given:
    """What a contributor gave, ready to be stored; `None` is a skip."""
    if value is None:
        return Given(value=None, text=None, is_skip=True)
    kind = question["type"]
    if kind == "choice":
        return Given(value=_read_choice(question, value), text=None, is_skip=False)
    if kind == "number":
        return Given(value=_read_number(question, value), text=None, is_skip=False)
    return Given(value=None, text=_read_text(question, value), is_skip=False)


def check_prediction(question: dict[str, Any], prediction: object) -> Any:
    """What a contributor expects of the others: shares of the options, or the mean."""
    if prediction is None:
        return None
    if question["type"] == "number":
        if not _is_number(prediction):
            raise BadValue(f"The prediction should be the others' mean; got {prediction!r}.")
        return prediction
    if question["type"] != "choice":
        raise BadValue("A question for a text takes no prediction.")
    values = {option["value"] for option in question["options"]}
    if not isinstance(prediction, dict) or not prediction or not set(prediction) <= values:
        raise BadValue(f"The prediction should give shares of {_spell(sorted(values))}.")
    if not all(_is_number(share) and 0 <= share <= 1 for share in prediction.values()):
        raise BadValue("Each predicted share should be a number from 0 to 1.")
    return prediction


def _check_choice(question: dict[str, Any]) -> dict[str, Any]:
    options = question.get("options")
    if not isinstance(options, list) or not OPTIONS_MIN <= len(options) <= OPTIONS_MAX:
        raise Invalid(f"A choice needs {OPTIONS_MIN} to {OPTIONS_MAX} options in question.options.")
    checked = [_check_option(option) for option in options]
    values = [option["value"] for option in checked]
    for value in values:
        if values.count(value) > 1:
            raise Invalid(f"The option {value!r} is there twice; each value must differ.")
    return {"options": checked}


def _check_option(option: object) -> dict[str, Any]:
    if isinstance(option, str):
        option = {"value": option}
    if not isinstance(option, dict) or not set(option) <= {"value", "label"}:
        raise Invalid(f"An option has a value and a label; got {option!r}.")
    value = option.get("value")
    if not isinstance(value, str) or not 0 < len(value.strip()) <= OPTION_LETTERS_MAX:
        raise Invalid(
            f"An option's value is a text of 1 to {OPTION_LETTERS_MAX} letters; got {value!r}."
        )
    if value != value.strip() or not value.isprintable():
        raise Invalid(f"An option's value has no space around it and no control sign: {value!r}.")
    label = option.get("label", value)
    return {"value": value, "label": check_text(label, name=f"label of {value!r}")}


def _check_number(question: dict[str, Any]) -> dict[str, Any]:
    limits = {name: question.get(name) for name in ("min", "max", "step")}
    for name, limit in limits.items():
        if limit is not None and not _is_number(limit):
            raise Invalid(f"question.{name} should be a number; got {limit!r}.")
    low, high, step = limits["min"], limits["max"], limits["step"]
    if low is not None and high is not None and not low < high:
        raise Invalid(f"question.min should be below question.max; got {low} and {high}.")
    if step is not None and not step > 0:
        raise Invalid(f"question.step should be above 0; got {step}.")
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
        raise Invalid(f"A text may have 1 to {TEXT_LETTERS_MAX} letters; got {low} to {high}.")
    return {"min": low, "max": high}


_CHECKS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "choice": _check_choice,
    "number": _check_number,
    "text": _check_words,
}


def _read_choice(question: dict[str, Any], value: object) -> str:
    values = [option["value"] for option in question["options"]]
    if not isinstance(value, str) or value not in values:
        raise BadValue(f"Expected {_spell(values)}; got {_short(value)}.")
    return value


def _read_number(question: dict[str, Any], value: object) -> int | float:
    if not _is_number(value):
        raise BadValue(f"Expected a number; got {_short(value)}.")
    assert isinstance(value, int | float)
    low, high, step = question["min"], question["max"], question["step"]
    if (low is not None and value < low) or (high is not None and value > high):
        raise BadValue(f"Expected a number {_spell_range(low, high)}; got {value}.")
    if step is not None:
        steps = (value - (low or 0)) / step
        if abs(steps - round(steps)) > STEP_TOLERANCE:
            raise BadValue(f"Expected a number in steps of {step} from {low or 0}; got {value}.")
    return value


def _read_text(question: dict[str, Any], value: object) -> str:
    if not isinstance(value, str):
        raise BadValue(f"Expected a text; got {_short(value)}.")
    text = value.strip()
    if "\0" in text:
        raise BadValue("The text has a sign that can't be stored (NUL); leave it out.")
    if not question["min"] <= len(text) <= question["max"]:
        raise BadValue(
            f"Expected a text of {question['min']} to {question['max']} letters; got {len(text)}."
        )
    return text


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    # A number that a double can't hold would come back as another one.
    return math.isfinite(value) if isinstance(value, float) else abs(value) <= 2**53


def _spell(values: list[str] | tuple[str, ...], *, shown_max: int = 8) -> str:
    shown = [repr(value) for value in values[:shown_max]]
    if len(values) > shown_max:
        return f"one of {', '.join(shown)} and {len(values) - shown_max} more"
    return " or ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]


def _spell_range(low: float | None, high: float | None) -> str:
    if low is None:
        return f"of at most {high}"
    return f"of at least {low}" if high is None else f"from {low} to {high}"


def _short(value: object, *, letters_max: int = 60) -> str:
    shown = repr(value)
    return shown if len(shown) <= letters_max else f"{shown[:letters_max]}…"
