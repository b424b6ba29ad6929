"""Two things beside each other: which one was chosen, and how likely each is."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from dure.calls.models import Call
from dure.calls.tasks.contents import SIDES, picture_of
from dure.calls.tasks.models import Task, Verdict
from dure.calls.tasks.tables import TaskInFull
from dure.calls.texts import Words
from dure.doors.desk.verdicts.chances import draw_chances
from dure.doors.desk.verdicts.parts import Drawn, Measured
from dure.doors.wording.saying import read_text, spell_share

TEMPLATE = "desk/verdicts/_pair.html"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: its words or picture, how likely it is the one, whether it was chosen."""

    name: str
    words: Words
    picture: str
    share: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Pair:
    sides: list[Side]
    chances: list[Measured]
    are_same: bool


def draw_pair(found: TaskInFull, verdict: Verdict, call: Call) -> Drawn:
    names = name_answers()
    chosen = {verdict.label} if verdict.label is not None else set()
    chances = draw_chances(found.classes, verdict, chosen, call=call, names=names)
    shares = dict(zip(found.classes, (one.words for one in chances), strict=False))
    sides = [
        Side(names[side], words, picture, shares.get(side, ""), side == verdict.label)
        for side, (words, picture) in _sides_of(found.row.task, call=call).items()
    ]
    return Drawn(_say(verdict), TEMPLATE, Pair(sides, chances, verdict.label == "same"), SIDES)


def name_answers() -> dict[str, str]:
    """The three answers to a pair, as pages call them."""
    return {"left": _("left"), "right": _("right"), "same": _("the same")}


def say_pair(label: str, *, task: Task, call: Call) -> str:
    """A side by its name and its words, if it has any."""
    name = name_answers().get(label, label)
    words, _picture = _sides_of(task, call=call).get(label, (Words("", ""), ""))
    return f"{name} · {words}" if words else name


def _sides_of(task: Task, *, call: Call) -> dict[str, tuple[Words, str]]:
    """Each side's words and picture, one of which is empty."""
    sides = {}
    for side in SIDES:
        part = task.content.get(side, "")
        if picture := picture_of(part):
            sides[side] = (Words("", call.language), picture)
        else:
            sides[side] = (read_text(part, own=call.language), "")
    return sides


def _say(verdict: Verdict) -> str:
    name = {
        "left": _("The left one"),
        "right": _("The right one"),
        "same": _("Neither: the two are the same"),
    }.get(verdict.label or "", "")
    if verdict.probability is None:
        return name
    return _("%(label)s, %(share)s sure.") % {
        "label": name,
        "share": spell_share(verdict.probability),
    }
