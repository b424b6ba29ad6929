"""An estimate on a line: its interval, every answer as a dot, and what lies far off."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median_low
from typing import Any

from django.utils.translation import gettext as _

from dure.calls.models import Call
from dure.calls.tasks.models import Verdict
from dure.calls.tasks.tables import TaskInFull
from dure.doors.desk.verdicts.parts import Drawn, spell_amount
from dure.doors.desk.verdicts.strips import Scale, scale_of
from dure.doors.wording.saying import spell_number

TEMPLATE = "desk/verdicts/_number.html"
# An answer is far off if it is so many times farther from the estimate than the middle one is, and
# so many times farther than the interval is wide: it would press all others together.
FAR_TIMES = 8.0
FAR_WIDTHS = 3.0
# Dots that lie this close, in percents of the line, stand on each other.
COLUMN_PERCENT = 4.0
# In pixels: a dot's step upwards, and how high they may stand at most.
STEP, HIGH_MAX = 11.0, 121.0
FAR_SHOWN_MAX = 6


@dataclass(frozen=True, slots=True)
class Dot:
    x: str
    y: str
    is_counted: bool


@dataclass(frozen=True, slots=True)
class NumberLine:
    """Places in percents of the line; heights in pixels from its top, the ground at `ground`."""

    estimate: str
    estimate_words: str
    low: str
    high: str
    low_words: str
    high_words: str
    pivot: str
    pivot_words: str
    is_pivot_used: bool
    dots: list[Dot]
    far_below: str
    far_above: str
    ground: int
    ends: tuple[str, str]
    has_late: bool


def draw_number(found: TaskInFull, verdict: Verdict, call: Call) -> Drawn:
    if verdict.estimate is None:
        return Drawn("")
    given = [(one.value, one.is_counted) for one in found.answers if _is_number(one.value)]
    line = _draw_line(verdict, verdict.estimate, given, call=call)
    return Drawn(_say(verdict, line), TEMPLATE, line, more=_say_pivot(line))


def _draw_line(
    verdict: Verdict, estimate: float, given: list[tuple[float, bool]], *, call: Call
) -> NumberLine:
    pivot = (verdict.value or {}).get("pivot")
    marks = [one for one in (estimate, verdict.low, verdict.high, pivot) if one is not None]
    near, far = _split(given, estimate=estimate, width=max(marks) - min(marks))
    scale = scale_of(
        [*marks, *(number for number, _counted in near)],
        least=call.question.get("min"),
        most=call.question.get("max"),
    )
    ground = _height_of(near, scale)
    return NumberLine(
        estimate=scale.at(estimate),
        estimate_words=spell_amount(estimate, call=call),
        low="" if verdict.low is None else scale.at(verdict.low),
        high="" if verdict.high is None else scale.at(verdict.high),
        low_words="" if verdict.low is None else spell_amount(verdict.low, call=call),
        high_words="" if verdict.high is None else spell_amount(verdict.high, call=call),
        pivot="" if pivot is None else scale.at(pivot),
        pivot_words="" if pivot is None else spell_amount(pivot, call=call),
        is_pivot_used=bool((verdict.value or {}).get("is_used")),
        dots=_stack(near, scale, ground=ground),
        far_below=_spell_far([number for number in far if number < estimate]),
        far_above=_spell_far([number for number in far if number > estimate]),
        ground=round(ground),
        ends=(spell_amount(scale.low, call=call), spell_amount(scale.high, call=call)),
        has_late=any(not is_counted for _number, is_counted in near),
    )


def _split(
    given: list[tuple[float, bool]], *, estimate: float, width: float
) -> tuple[list[tuple[float, bool]], list[float]]:
    """The answers that are drawn in their places, and those that are too far off for that."""
    distances = [abs(number - estimate) for number, _counted in given]
    reach = max(FAR_TIMES * median_low(distances or [0.0]), FAR_WIDTHS * width)
    near = [one for one, off in zip(given, distances, strict=True) if off <= reach]
    far = [one[0] for one, off in zip(given, distances, strict=True) if off > reach]
    return near, sorted(far)


def _height_of(near: list[tuple[float, bool]], scale: Scale) -> float:
    columns = Counter(_column(scale.at(number)) for number, _counted in near)
    return min(HIGH_MAX, STEP * max(columns.values(), default=0)) + STEP


def _stack(near: list[tuple[float, bool]], scale: Scale, *, ground: float) -> list[Dot]:
    """Dots in order of their numbers; those of one column stand on each other."""
    columns = Counter(_column(scale.at(number)) for number, _counted in near)
    most = max(columns.values(), default=1)
    step = min(STEP, HIGH_MAX / most)
    heights: Counter[int] = Counter()
    dots = []
    for number, is_counted in sorted(near):
        x = scale.at(number)
        heights[_column(x)] += 1
        dots.append(Dot(x, f"{ground - step * heights[_column(x)] + STEP / 2:.1f}", is_counted))
    return dots


def _column(x: str) -> int:
    return int(float(x) // COLUMN_PERCENT)


def _spell_far(numbers: list[float]) -> str:
    shown = [spell_number(number) for number in numbers[:FAR_SHOWN_MAX]]
    if len(numbers) > FAR_SHOWN_MAX:
        more = _("%(n)s more") % {"n": len(numbers) - FAR_SHOWN_MAX}
        return " · ".join([*shown, more])
    return " · ".join(shown)


def _say(verdict: Verdict, line: NumberLine) -> str:
    facts = {"estimate": line.estimate_words, "low": line.low_words, "high": line.high_words}
    if verdict.low is None or verdict.high is None or verdict.low == verdict.high:
        return _("%(estimate)s.") % facts
    told = _("%(estimate)s; with a certainty of 90 %% it lies between %(low)s and %(high)s.")
    return told % facts


def _say_pivot(line: NumberLine) -> str:
    if not line.pivot:
        return ""
    facts = {"pivot": line.pivot_words}
    if line.is_pivot_used:
        return (
            _(
                "What people expected of each other was counted in, which gives %(pivot)s: in this "
                "call that brings estimates nearer to the truth."
            )
            % facts
        )
    return (
        _(
            "Counting in what people expected of each other would give %(pivot)s; in this call "
            "nothing shows that this is nearer to the truth, so it was left out."
        )
        % facts
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
