"""Ruling a task without writing code: the form for each type of question, and how it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.utils.translation import get_language

from dure.calls.models import Call
from dure.calls.tasks.models import Task, Verdict
from dure.calls.texts import Words, pick_words
from dure.doors.desk.verdicts.boxes import REAL_MIN, SIDES
from dure.doors.desk.verdicts.pairs import name_answers
from dure.doors.desk.verdicts.parts import name_option
from dure.doors.wording.boxes import words_of_boxes
from dure.doors.wording.saying import read_text
from dure.errors import Invalid
from dure.nesting import read_json


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: Words
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a ranking and what may stand there."""

    number: int
    options: list[Option]


@dataclass(frozen=True, slots=True)
class RulingForm:
    """What is asked: `one` or `several` of options, an `order` of them, or something `typed`."""

    way: str
    options: Sequence[Option] = ()
    places: Sequence[Place] = ()
    typed: str = ""
    rows: int = 0
    mode: str = ""
    # What a browser needs to draw the boxes on their picture, as JSON.
    drawing: str = ""


def show_ruling(
    *, call: Call, task: Task, verdict: Verdict | None, sent: Sequence[str] | None
) -> RulingForm:
    """The form with what was sent before; else lists begin with what the crowd says."""
    kind = call.question["type"]
    if kind in ("choice", "pair"):
        return RulingForm("one", _mark(_options_of(call, task), sent or ()))
    if kind == "multi":
        said = (verdict.value if verdict else None) or ()
        return RulingForm("several", _mark(_options_of(call, task), said if sent is None else sent))
    if kind == "rank":
        return RulingForm("order", places=_draw_places(call, task, verdict, sent))
    if kind == "box":
        typed = _write_boxes(verdict) if sent is None else "".join(sent[:1])
        return RulingForm("boxes", typed=typed, rows=8, drawing=_tell_drawing(call, task))
    typed = "".join((sent or ())[:1])
    return RulingForm("typed", typed=typed, mode="decimal" if kind == "number" else "")


def read_ruling(call: Call, sent: Sequence[str]) -> object:
    """The value as it was sent: a list where several may be true, else the only one."""
    kind = call.question["type"]
    if kind == "multi":
        return [one for one in sent if one]
    if kind == "rank":
        return [one for one in sent if one] or ""
    typed = sent[0].strip() if sent else ""
    if kind == "box" and typed:
        try:
            return read_json(typed)
        except orjson.JSONDecodeError:
            raise Invalid(
                "Expected the boxes as a JSON list of objects with x, y, w and h; an empty list, "
                "[], says that there is none."
            ) from None
    return typed


def _options_of(call: Call, task: Task) -> list[tuple[str, Words]]:
    """What may be chosen or put in order: sides, the question's options, or the task's items."""
    if call.question["type"] == "pair":
        # In the reader's language, as the page is.
        return [(value, Words(name, "")) for value, name in name_answers().items()]
    if "options" in call.question:
        values = [option["value"] for option in call.question["options"]]
        return [(value, name_option(value, call=call)) for value in values]
    own = call.language
    return [
        (pick_words(item, language=own, own=own).text, read_text(item, own=own))
        for item in task.content.get("items", [])
    ]


def _mark(options: list[tuple[str, Words]], chosen: Sequence[str]) -> list[Option]:
    return [Option(value, label, value in chosen) for value, label in options]


def _draw_places(
    call: Call, task: Task, verdict: Verdict | None, sent: Sequence[str] | None
) -> list[Place]:
    options = _options_of(call, task)
    ordered = list(sent) if sent is not None else _order_of(verdict)
    ordered += [""] * (len(options) - len(ordered))
    return [
        Place(number, _mark(options, [value]))
        for number, value in enumerate(ordered[: len(options)], 1)
    ]


def _order_of(verdict: Verdict | None) -> list[str]:
    if verdict is None or not verdict.value:
        return []
    return [one["item"] for one in verdict.value["items"]]


def _write_boxes(verdict: Verdict | None) -> str:
    """The boxes that are taken for real as an answer has them, one on each line."""
    if verdict is None or not verdict.value:
        return ""
    real = [_as_given(box) for box in verdict.value["boxes"] if box["probability"] >= REAL_MIN]
    lines = ",\n".join(orjson.dumps(box).decode() for box in real)
    return f"[{lines}]"


def _tell_drawing(call: Call, task: Task) -> str:
    drawing = {
        "question": {"type": "box", "options": call.question.get("options") or []},
        "content": {"image": task.content["image"]},
        "language": get_language(),
        "own": call.language,
        "words": words_of_boxes(),
    }
    return orjson.dumps(drawing).decode()


def _as_given(box: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {side: box[side] for side in SIDES}
    return given | ({"label": box["label"]} if box.get("label") else {})
