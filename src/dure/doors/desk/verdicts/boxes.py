"""Boxes on a task's picture: what was made of all answers, and each answer's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dure.calls.models import Call
from dure.calls.tasks.models import Verdict
from dure.calls.tasks.tables import TaskInFull
from dure.calls.texts import Words
from dure.doors.desk.verdicts.parts import Drawn, length_of, name_option
from dure.doors.wording.saying import spell_share

TEMPLATE = "desk/verdicts/_boxes.html"
# From here on a box that was marked is taken for real.
REAL_MIN = 0.5
SHOWN_MAX = 100
SINGLE_SHOWN_MAX = 500
SIDES = ("x", "y", "w", "h")


@dataclass(frozen=True, slots=True)
class Box:
    """A box in percents of the picture, its number on it, and what the list says of it."""

    number: int
    x: str
    y: str
    w: str
    h: str
    label: Words
    share: str
    is_real: bool
    marked: str
    # How far a side may lie off, as a share of the picture; empty where that is not known.
    off: str


@dataclass(frozen=True, slots=True)
class Picture:
    address: str
    boxes: list[Box]
    # Each answer's own boxes: x, y, width and height in percents.
    single: list[tuple[str, ...]]


def draw_boxes(found: TaskInFull, verdict: Verdict, call: Call) -> Drawn:
    boxes = (verdict.value or {}).get("boxes") or []
    address = found.row.task.content.get("image", "")
    single = [
        tuple(length_of(box[side]) for side in SIDES)
        for one in found.answers
        if one.is_counted and isinstance(one.value, list)
        for box in one.value
    ]
    picture = Picture(
        address,
        [
            _draw(number, box, answers=verdict.answers, call=call)
            for number, box in enumerate(boxes[:SHOWN_MAX], 1)
        ],
        single[:SINGLE_SHOWN_MAX],
    )
    return Drawn(_say(boxes, call=call), TEMPLATE, picture, ("image",))


def say_boxes(boxes: Iterable[dict[str, Any]]) -> str:
    """How many there are, in a few words."""
    real, doubted = _count(boxes)
    told = ngettext("%(n)s box", "%(n)s boxes", real) % {"n": real} if real else _("no box")
    if not doubted:
        return told
    more = _("%(n)s doubted") % {"n": doubted}
    return f"{told}, {more}"


def _draw(number: int, box: dict[str, Any], *, answers: int, call: Call) -> Box:
    x, y, w, h = (length_of(box[side]) for side in SIDES)
    low, high = box.get("low"), box.get("high")
    off = ""
    if low and high:
        widths = [end - start for start, end in zip(low, high, strict=True)]
        off = f"± {spell_share(max(widths) / 2)}"
    label = box.get("label")
    marked = {"n": box["marked"], "all": max(answers, box["marked"])}
    return Box(
        number, x, y, w, h,
        label=name_option(label, call=call) if label else Words("", call.language),
        share=spell_share(box["probability"]),
        is_real=box["probability"] >= REAL_MIN,
        marked=_("%(n)s of %(all)s") % marked,
        off=off,
    )  # fmt: skip


def _count(boxes: Iterable[dict[str, Any]]) -> tuple[int, int]:
    counts = Counter(box["probability"] >= REAL_MIN for box in boxes)
    return counts[True], counts[False]


def _say(boxes: list[dict[str, Any]], *, call: Call) -> str:
    real, doubted = _count(boxes)
    if not real and not doubted:
        return _("Nobody marked anything here.")
    if real:
        told = ngettext("%(n)s box is taken for real.", "%(n)s boxes are taken for real.", real) % {
            "n": real
        }
    else:
        told = _("No box is taken for real.")
    if labels := _count_labels(boxes, call=call):
        by_label = _("By label: %(labels)s.") % {"labels": labels}
        told = f"{told} {by_label}"
    if not doubted:
        return told
    more = ngettext(
        "%(n)s is doubted: it may well not be there.",
        "%(n)s are doubted: they may well not be there.",
        doubted,
    ) % {"n": doubted}
    return f"{told} {more}"


def _count_labels(boxes: list[dict[str, Any]], *, call: Call) -> str:
    """How many of each label are taken for real."""
    counts = Counter(
        str(name_option(box["label"], call=call))
        for box in boxes
        if box.get("label") and box["probability"] >= REAL_MIN
    )
    return ", ".join(f"{name} {n}" for name, n in sorted(counts.items()))
