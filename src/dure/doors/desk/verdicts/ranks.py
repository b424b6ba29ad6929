"""Things in order: of one task, and of all that a call's answers compared or ranked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from dure.calls.models import Call
from dure.calls.tasks.models import Verdict
from dure.calls.tasks.tables import TaskInFull
from dure.doors.desk.verdicts.parts import Drawn, Thing, name_thing, spell_places
from dure.doors.desk.verdicts.strips import Whisker, draw_whisker, scale_of
from dure.doors.wording.saying import spell_number, spell_share

TEMPLATE = "desk/verdicts/_order.html"
# Shown at once; the others are a click away.
FIRST = 20
NAMED_MAX = 3


@dataclass(frozen=True, slots=True)
class Row:
    """An item: the places it may have, its score as a dot on the line, and both in words."""

    place: int
    thing: Thing
    places: str
    whisker: Whisker
    score: str
    low: str
    high: str
    comparisons: int | None = None
    group: int | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """The first rows, those that come behind a click, and how many there are in all."""

    first: list[Row]
    others: list[Row]
    total: int
    groups: int = 1

    @property
    def rows(self) -> list[Row]:
        return self.first + self.others


def draw_order(_found: TaskInFull, verdict: Verdict, call: Call) -> Drawn:
    """The items of one task."""
    items = (verdict.value or {}).get("items") or []
    if not items:
        return Drawn("")
    return Drawn(_say(items, call=call), TEMPLATE, draw_rows(items, call=call, total=len(items)))


def draw_ranking(summary: dict[str, Any], call: Call) -> Ranking | None:
    """The items of a whole call."""
    items = summary.get("ranking")
    if not items:
        return None
    groups = summary.get("components", 1)
    return draw_rows(items, call=call, total=summary.get("items", len(items)), groups=groups)


def draw_rows(items: list[dict[str, Any]], *, call: Call, total: int, groups: int = 1) -> Ranking:
    """Items as they are stored, the first one first, on one line that has room for all of them."""
    ends = (one[end] for one in items for end in ("score", "low", "high") if one[end] is not None)
    scale = scale_of(ends)
    # Engines number groups as they like; here they are 1, 2, … in order of their best item.
    numbers: dict[int, int] = {}
    rows = []
    for place, one in enumerate(items, 1):
        group = numbers.setdefault(one.get("component", 0), len(numbers) + 1)
        rows.append(
            Row(
                place=place,
                thing=name_thing(
                    one["item"],
                    call=call,
                    is_picture=one.get("is_picture", False),
                    name=one.get("name"),
                ),
                places=spell_places(one["rank_low"], one["rank_high"]),
                whisker=draw_whisker(scale, at=one["score"], low=one["low"], high=one["high"]),
                score=spell_number(one["score"]),
                low="" if one["low"] is None else spell_number(one["low"]),
                high="" if one["high"] is None else spell_number(one["high"]),
                comparisons=one.get("comparisons"),
                group=group if groups > 1 else None,
            )
        )
    return Ranking(rows[:FIRST], rows[FIRST:], total, groups)


def say_order(items: list[dict[str, Any]], *, call: Call) -> str:
    """The first few in a line."""
    names = [str(name_thing(one["item"], call=call).words) for one in items[:NAMED_MAX]]
    return " › ".join([*names, "…"] if len(items) > NAMED_MAX else names)


def _say(items: list[dict[str, Any]], *, call: Call) -> str:
    first = name_thing(items[0]["item"], call=call).words
    order = _("In order: %(items)s.") % {"items": say_order(items, call=call)}
    if all(one["rank_low"] == one["rank_high"] for one in items):
        every = _("Every place is clear, with a certainty of %(sure)s.")
        return f"{order} {every % {'sure': spell_share(0.9)}}"
    if items[0]["rank_high"] == 1:
        clear = _("That %(item)s comes first is clear, with a certainty of 90 %%; others are not.")
        return f"{order} {clear % {'item': first}}"
    unclear = _("Even the first is not clear yet: %(item)s may have any place from %(low)s to "
                "%(high)s.")  # fmt: skip
    facts = {"item": first, "low": items[0]["rank_low"], "high": items[0]["rank_high"]}
    return f"{order} {unclear % facts}"
