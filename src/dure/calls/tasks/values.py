"""What may be answered, checked with a clear sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dure.calls.tasks.questions import NUMBER_MAX, is_number, ranks_items, spell
from dure.errors import Invalid, quote

# How far, in steps, a number may lie beside a step: what decimal fractions lose in binary.
STEP_TOLERANCE = 1e-6
SIDES = ("left", "right", "same")
BOXES_MAX = 100
BOX_SIDES = ("x", "y", "w", "h")
BOX_TOLERANCE = 1e-6
BOX_DECIMALS = 5


class BadValue(Invalid):
    """This is not an answer to the question."""

    code = "bad-value"


@dataclass(frozen=True, slots=True)
class Given:
    """An answer's value, its words apart from its codes."""

    value: Any
    text: str | None
    is_skip: bool


def read_value(question: dict[str, Any], value: object, *, items: list[str] | None = None) -> Given:
    """What a contributor gave, ready to be stored; `None` is a skip.

    `items` are what the task lets one rank; without them only the form of a ranking is checked.
    """
    if value is None:
        return Given(value=None, text=None, is_skip=True)
    kind = question["type"]
    if kind == "text":
        return Given(value=None, text=_read_text(question, value), is_skip=False)
    if ranks_items(question):
        return Given(value=_read_ranking(items, value), text=None, is_skip=False)
    return Given(value=_READERS[kind](question, value), text=None, is_skip=False)


def check_prediction(question: dict[str, Any], prediction: object) -> Any:
    """What a contributor expects of the others: shares of the options, or the mean."""
    if prediction is None:
        return None
    if question["type"] == "number":
        if not is_number(prediction):
            raise BadValue(
                "The prediction should be the others' mean; got {prediction!r}.",
                prediction=prediction,
            )
        _check_size(prediction)
        return prediction
    if question["type"] != "choice":
        raise BadValue("A question of type {kind!r} takes no prediction.", kind=question["type"])
    values = {option["value"] for option in question["options"]}
    if not isinstance(prediction, dict) or not prediction or not set(prediction) <= values:
        raise BadValue(
            "The prediction should give shares of {options}.", options=spell(sorted(values))
        )
    if not all(is_number(share) and 0 <= share <= 1 for share in prediction.values()):
        raise BadValue("Each predicted share should be a number from 0 to 1.")
    return prediction


def _read_choice(question: dict[str, Any], value: object) -> str:
    values = _values(question)
    if not isinstance(value, str) or value not in values:
        raise BadValue(
            "Expected {options}; got {value}.", options=spell(values), value=quote(value)
        )
    return value


def _read_multi(question: dict[str, Any], value: object) -> list[str]:
    """In the order of the options, so that the same choice is the same value."""
    chosen = set(_read_distinct(value, among=_values(question)))
    low, high = question["min"], question["max"]
    if not low <= len(chosen) <= high:
        raise BadValue(
            "Expected {low} to {high} of the options; got {n}.", low=low, high=high, n=len(chosen)
        )
    return [option for option in _values(question) if option in chosen]


def _read_pair(_question: dict[str, Any], value: object) -> str:
    if not isinstance(value, str) or value not in SIDES:
        raise BadValue("Expected {options}; got {value}.", options=spell(SIDES), value=quote(value))
    return value


def _read_rank(question: dict[str, Any], value: object) -> list[str]:
    return _read_ranking(_values(question), value)


def _read_ranking(items: list[str] | None, value: object) -> list[str]:
    ranked = _read_distinct(value, among=items)
    if not ranked:
        raise BadValue("Expected a list of items, the first one first; got an empty one.")
    return ranked


def _read_distinct(value: object, *, among: list[str] | None) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadValue("Expected a list of texts; got {value}.", value=quote(value))
    seen: set[str] = set()
    known = None if among is None else set(among)
    for one in value:
        if known is not None and one not in known:
            raise BadValue(
                "Expected any of {options}; got {value}.",
                options=spell(among or []),
                value=quote(one),
            )
        if one in seen:
            raise BadValue("{value} is there twice; give each once.", value=quote(one))
        if "\0" in one:
            raise BadValue("An item has a sign that can't be stored (NUL); leave it out.")
        seen.add(one)
    return value


def _read_boxes(question: dict[str, Any], value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or len(value) > BOXES_MAX:
        raise BadValue(
            "Expected a list of at most {most} boxes; got {value}.",
            most=BOXES_MAX,
            value=quote(value),
        )
    return [_read_box(question, box) for box in value]


def _read_box(question: dict[str, Any], box: object) -> dict[str, Any]:
    if not isinstance(box, dict) or not set(BOX_SIDES) <= set(box) <= {*BOX_SIDES, "label"}:
        raise BadValue("A box has x, y, w, h and perhaps a label; got {value}.", value=quote(box))
    sides = [box[name] for name in BOX_SIDES]
    if not all(is_number(side) for side in sides):
        raise BadValue(
            "The sides of a box are fractions of the picture; got {value}.", value=quote(box)
        )
    x, y, w, h = sides
    is_inside = min(x, y) >= -BOX_TOLERANCE and max(x + w, y + h) <= 1 + BOX_TOLERANCE
    if not (is_inside and min(w, h) >= 10**-BOX_DECIMALS):
        raise BadValue("A box lies inside the picture, from 0 to 1; got {value}.", value=quote(box))
    read = dict(zip(BOX_SIDES, (_fraction(side) for side in sides), strict=True))
    return read | _read_label(question, box)


def _read_label(question: dict[str, Any], box: dict[str, Any]) -> dict[str, str]:
    labels = _values(question) if "options" in question else []
    if not labels and box.get("label") is None:
        return {}
    if not labels:
        raise BadValue("The boxes of this question have no label; leave it out.")
    if box.get("label") not in labels:
        raise BadValue(
            "A box's label is {labels}; got {value}.",
            labels=spell(labels),
            value=quote(box.get("label")),
        )
    return {"label": box["label"]}


def _fraction(side: float) -> float:
    return round(min(1.0, max(0.0, float(side))), BOX_DECIMALS)


def _values(question: dict[str, Any]) -> list[str]:
    return [option["value"] for option in question["options"]]


def _read_number(question: dict[str, Any], value: object) -> int | float:
    if not is_number(value):
        raise BadValue("Expected a number; got {value}.", value=quote(value))
    _check_size(value)
    assert isinstance(value, int | float)
    low, high, step = question["min"], question["max"], question["step"]
    if (low is not None and value < low) or (high is not None and value > high):
        raise _out_of_range(low, high, value)
    if step is not None:
        steps = (value - (low or 0)) / step
        if abs(steps - round(steps)) > STEP_TOLERANCE:
            raise BadValue(
                "Expected a number in steps of {step} from {low}; got {value}.",
                step=step,
                low=low or 0,
                value=value,
            )
    return value


def _read_text(question: dict[str, Any], value: object) -> str:
    if not isinstance(value, str):
        raise BadValue("Expected a text; got {value}.", value=quote(value))
    text = value.strip()
    if "\0" in text:
        raise BadValue("The text has a sign that can't be stored (NUL); leave it out.")
    if not question["min"] <= len(text) <= question["max"]:
        raise BadValue(
            "Expected a text of {low} to {high} letters; got {n}.",
            low=question["min"],
            high=question["max"],
            n=len(text),
        )
    return text


def _check_size(number: Any) -> None:
    if abs(number) > NUMBER_MAX:
        raise _out_of_range(-NUMBER_MAX, NUMBER_MAX, number)


def _out_of_range(low: float | None, high: float | None, value: float) -> BadValue:
    if low is None:
        return BadValue("Expected a number of at most {high}; got {value}.", high=high, value=value)
    if high is None:
        return BadValue("Expected a number of at least {low}; got {value}.", low=low, value=value)
    return BadValue(
        "Expected a number from {low} to {high}; got {value}.", low=low, high=high, value=value
    )


_READERS: dict[str, Callable[[dict[str, Any], object], Any]] = {
    "choice": _read_choice,
    "multi": _read_multi,
    "number": _read_number,
    "pair": _read_pair,
    "rank": _read_rank,
    "box": _read_boxes,
}
