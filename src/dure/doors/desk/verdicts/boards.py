"""What the board shows of all verdicts together, beside shares and spreads."""

from __future__ import annotations

from typing import Any

from django.utils.translation import ngettext

from dure.calls.models import Call
from dure.calls.texts import Words
from dure.doors.desk.verdicts.parts import Measured, length_of, name_option
from dure.doors.desk.verdicts.ranks import draw_ranking
from dure.doors.wording.saying import spell_number


def draw_together(summary: dict[str, Any], call: Call) -> dict[str, Any]:
    """The parts of a board that only some types of question have, by their names."""
    return {
        "ranking": draw_ranking(summary, call),
        "texts": draw_texts(summary, call),
        "labels": draw_labels(summary, call),
        "boxes": summary.get("boxes"),
        "doubted": summary.get("doubted"),
        "distinct": summary.get("distinct"),
        "may_overlap": call.question["type"] == "multi",
    }


def draw_texts(summary: dict[str, Any], call: Call) -> list[Measured]:
    """The texts that are true of most tasks."""
    texts = [(one["text"], one["tasks"]) for one in summary.get("texts", [])]
    return [
        Measured(
            Words(text, call.language),
            length_of(n / texts[0][1]),
            ngettext("%(n)s task", "%(n)s tasks", n) % {"n": spell_number(n)},
        )
        for text, n in texts
    ]


def draw_labels(summary: dict[str, Any], call: Call) -> list[Measured]:
    """How many boxes of each label are taken for real, the commonest first."""
    labels = sorted(summary.get("labels", []), key=lambda one: -one["boxes"])
    return [
        Measured(
            name_option(one["value"], call=call),
            length_of(one["boxes"] / labels[0]["boxes"]),
            ngettext("%(n)s box", "%(n)s boxes", one["boxes"]) % {"n": spell_number(one["boxes"])},
        )
        for one in labels
    ]
