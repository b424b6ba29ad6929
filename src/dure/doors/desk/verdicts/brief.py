"""A verdict in a few words, for one cell of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from dure.calls.models import Call
from dure.calls.tasks.models import Task, Verdict
from dure.calls.tasks.questions import can_be_sure
from dure.doors.desk.verdicts.boxes import say_boxes
from dure.doors.desk.verdicts.pairs import say_pair
from dure.doors.desk.verdicts.parts import name_option, spell_amount
from dure.doors.desk.verdicts.ranks import say_order
from dure.doors.wording.answers import spell_between
from dure.doors.wording.saying import spell_share


@dataclass(frozen=True, slots=True)
class Brief:
    """What is concluded, and how sure that is; both are empty where there is nothing to say."""

    words: str = ""
    sure: str = ""


def head_sure(call: Call) -> str:
    """What the column beside the verdicts tells of them; empty where there is nothing to tell."""
    if can_be_sure(call.question):
        return _("Sure")
    return _("Between") if call.question["type"] == "number" else ""


def say_briefly(verdict: Verdict | None, *, task: Task, call: Call) -> Brief:
    if verdict is None or not verdict.says_something:
        return Brief()
    if verdict.estimate is not None:
        return Brief(spell_amount(verdict.estimate, call=call), say_sure(verdict))
    return Brief(_say(verdict, verdict.value or {}, task=task, call=call), say_sure(verdict))


def say_sure(verdict: Verdict) -> str:
    """Of a number, between what it lies."""
    if verdict.estimate is not None:
        return spell_between(verdict.low, verdict.high)
    return spell_share(verdict.probability) if verdict.probability is not None else ""


def _say(verdict: Verdict, value: Any, *, task: Task, call: Call) -> str:
    match call.question["type"]:
        case "multi":
            names = (str(name_option(one, call=call)) for one in value)
            return ", ".join(names) or _("none of them")
        case "pair":
            return say_pair(verdict.label or "", task=task, call=call)
        case "rank":
            return say_order(value.get("items", []), call=call)
        case "box":
            return say_boxes(value.get("boxes", []))
        case "text":
            return verdict.label or ""
    return str(name_option(verdict.label or "", call=call))
