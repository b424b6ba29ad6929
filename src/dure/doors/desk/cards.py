"""A task as the organiser sees it: its parts, its answers in words, its state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dure.calls.models import Call
from dure.calls.tasks.contents import picture_of
from dure.calls.tasks.models import Task
from dure.calls.texts import Words
from dure.doors.desk.verdicts.pairs import name_answers
from dure.doors.wording.saying import read_text, spell_number


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a task's content: `kind` is text, image, audio or video; `place` its field."""

    kind: str
    words: Words
    address: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class TaskCard:
    id: int
    key: str
    parts: list[Part]

    @property
    def line(self) -> str:
        """All its words in one line."""
        return " · ".join(str(part.words) for part in self.parts if part.words)

    @property
    def picture(self) -> str:
        return next((part.address for part in self.parts if part.kind == "image"), "")


def show_card(task: Task, *, call: Call) -> TaskCard:
    return TaskCard(task.id, task.key, _parts(task.content, own=call.language))


def spell_value(value: Any, *, call: Call) -> str:
    """What an answer, a verdict or a ruling says, in the reader's words."""
    if value is None:
        return ""
    if isinstance(value, bool | dict):
        return str(value)
    if isinstance(value, int | float):
        return spell_number(value)
    if value == []:
        is_box = call.question["type"] == "box"
        return _("no box") if is_box else _("none of them")
    if isinstance(value, list):
        if any(isinstance(one, dict) for one in value):
            return _spell_boxes(value, call=call)
        return ", ".join(spell_value(one, call=call) for one in value)
    if call.question["type"] == "pair":
        return name_answers().get(value, str(value))
    labels = {option["value"]: option["label"] for option in call.question.get("options") or []}
    return str(read_text(labels[value], own=call.language)) if value in labels else str(value)


def _spell_boxes(boxes: list[dict[str, Any]], *, call: Call) -> str:
    """How many there are and what they hold; where they lie is for a picture to show."""
    told = ngettext("%(n)s box", "%(n)s boxes", len(boxes)) % {"n": len(boxes)}
    labels = [spell_value(box["label"], call=call) for box in boxes if box.get("label")]
    return f"{told}: {', '.join(labels)}" if labels else told


def _parts(content: dict[str, Any], *, own: str) -> list[Part]:
    parts = []
    for name in ("text", "left", "right"):
        part = content.get(name)
        if picture := picture_of(part):
            parts.append(Part("image", Words("", own), picture, name))
        elif part is not None:
            parts.append(Part("text", read_text(part, own=own), place=name))
    parts += [
        Part("text", read_text(item, own=own), place="items") for item in content.get("items", [])
    ]
    parts += [
        Part(name, Words("", own), str(content[name]), name)
        for name in ("image", "audio", "video")
        if name in content
    ]
    return parts
