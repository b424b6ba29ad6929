"""Charts as drawings made on the server: a scale, bars, a line; each has a table behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dure.calls.models import Call
from dure.calls.tasks.boards import HOURS_SHOWN, MINUTES_SHOWN
from dure.calls.tasks.models import Pulse
from dure.calls.texts import Words
from dure.doors.wording.saying import read_text, spell_number, spell_share, spell_tick

WIDTH, HEIGHT = 600.0, 160.0
GAP = 0.18
STEPS = (1, 2, 5)
DAYS_MIN = 2
TICKS = 4
# Two hours make a straight line; while there are no more, the minutes tell more.
HOURS_MIN = 3


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from the ground up, in the drawing's units, and what it says."""

    x: float
    y: float
    width: float
    height: float
    at: datetime
    amount: int


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars and, at equal distances from the left end to the right one, the times of the axis."""

    bars: list[Bar]
    top: str
    total: int
    ticks: list[str]


@dataclass(frozen=True, slots=True)
class Line:
    """Points of a line as an SVG path has them, with their words; `is_fine` is by the minute."""

    path: str
    points: list[tuple[datetime, str]]
    latest: str
    ticks: list[str]
    is_fine: bool


@dataclass(frozen=True, slots=True)
class Widths:
    """The middle one of all estimates, and of the halves of their intervals, in words."""

    median: str
    half: str


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A class with its share and interval; x's are percents of the width."""

    label: Words
    share: str
    low: str
    high: str
    at: float
    left: float
    right: float
    y: float


@dataclass(frozen=True, slots=True)
class Shares:
    rows: list[ShareRow]
    height: float


def draw_minutes(pulses: Sequence[Pulse], *, at: datetime) -> Bars:
    """Answers in each of the last sixty minutes."""
    start = at.replace(second=0, microsecond=0) - timedelta(minutes=MINUTES_SHOWN - 1)
    return _draw_bars(pulses, start=start, step=timedelta(minutes=1), n=MINUTES_SHOWN)


def draw_days(pulses: Sequence[Pulse], *, at: datetime) -> Bars:
    """Answers in each hour of as many of the last fourteen days as there were any."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    first = min((pulse.at for pulse in pulses if pulse.answers), default=hour)
    n = min(HOURS_SHOWN, max(24 * DAYS_MIN, int((hour - first).total_seconds() // 3600) + 1))
    start = hour - timedelta(hours=n - 1)
    return _draw_bars(pulses, start=start, step=timedelta(hours=1), n=n)


def draw_confidence(hours: Sequence[Pulse], minutes: Sequence[Pulse]) -> Line | None:
    """How sure the verdicts were on average, by the hour; by the minute while a call is fresh."""
    known, fine = _known(hours), _known(minutes)
    is_fine = len(known) < HOURS_MIN and len(fine) > 1
    if is_fine:
        known = fine
    if len(known) < 2:
        return None
    start, end = known[0][0], known[-1][0]
    places = [(WIDTH * ((at - start) / (end - start)), HEIGHT * (1 - sure)) for at, sure in known]
    return Line(
        "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in places),
        [(at, spell_share(sure)) for at, sure in known],
        spell_share(known[-1][1]),
        _ticks(start, end),
        is_fine,
    )


def draw_shares(summary: dict[str, Any], call: Call) -> Shares | None:
    """The share of each class among the tasks with a verdict, the largest first."""
    shares = summary.get("shares")
    if not shares:
        return None
    labels = {
        option["value"]: read_text(option["label"], own=call.language)
        for option in call.question["options"]
    }
    step = 60.0
    rows = [
        ShareRow(
            labels.get(one["value"], Words(one["value"], call.language)),
            spell_share(one["share"]),
            spell_share(one["low"]),
            spell_share(one["high"]),
            at=WIDTH * one["share"],
            left=WIDTH * one["low"],
            right=WIDTH * one["high"],
            y=step * place,
        )
        for place, one in enumerate(sorted(shares, key=lambda one: -one["share"])[:20])
    ]
    return Shares(rows, step * len(rows))


def draw_spread(summary: dict[str, Any]) -> list[dict[str, Any]]:
    """How the estimates of numbers are spread: bars with the range that each stands for."""
    spread = summary.get("spread")
    if not spread:
        return []
    return _draw_counts(spread["counts"], [spell_number(edge) for edge in spread["edges"]])


def draw_certainties(summary: dict[str, Any]) -> list[dict[str, Any]]:
    """How many verdicts are how sure: bars with the range of certainty that each stands for."""
    counts = summary.get("sure")
    if not counts:
        return []
    return _draw_counts(counts, [spell_share(k / len(counts)) for k in range(len(counts) + 1)])


def spell_widths(summary: dict[str, Any], call: Call) -> Widths | None:
    """How far off estimates of numbers may be, in the question's unit."""
    if summary.get("width") is None:
        return None
    unit = read_text(call.question.get("unit", ""), own=call.language)
    return Widths(
        f"{spell_number(summary['median'])} {unit}".rstrip(),
        f"± {spell_number(summary['width'] / 2)} {unit}".rstrip(),
    )


def _draw_counts(counts: list[int], edges: list[str]) -> list[dict[str, Any]]:
    most = max(counts) or 1
    width = WIDTH / len(counts)
    return [
        {
            "x": place * width + width * GAP / 2,
            "y": HEIGHT * (1 - count / most),
            "width": width * (1 - GAP),
            "height": HEIGHT * count / most,
            "count": count,
            "low": edges[place],
            "high": edges[place + 1],
        }
        for place, count in enumerate(counts)
    ]


def _known(pulses: Sequence[Pulse]) -> list[tuple[datetime, float]]:
    return [(pulse.at, pulse.confidence) for pulse in pulses if pulse.confidence is not None]


def _draw_bars(pulses: Sequence[Pulse], *, start: datetime, step: timedelta, n: int) -> Bars:
    amounts = [0] * n
    for pulse in pulses:
        place = int((pulse.at - start) / step)
        if 0 <= place < n and pulse.at >= start:
            amounts[place] += pulse.answers
    top = _round_up(max(amounts, default=0))
    width = WIDTH / n
    bars = [
        Bar(
            x=round(place * width + width * GAP / 2, 2),
            y=round(HEIGHT * (1 - amount / top), 2),
            width=round(width * (1 - GAP), 2),
            height=round(HEIGHT * amount / top, 2),
            at=start + place * step,
            amount=amount,
        )
        for place, amount in enumerate(amounts)
        if amount
    ]
    return Bars(bars, spell_number(top), sum(amounts), _ticks(start, start + n * step))


def _ticks(start: datetime, end: datetime) -> list[str]:
    """What an axis reads from its left end to its right one; a time is said once."""
    length = end - start
    said = [spell_tick(start + length * k / (TICKS - 1), span=length) for k in range(TICKS)]
    return [tick if tick not in said[:k] else "" for k, tick in enumerate(said)]


def _round_up(most: int) -> int:
    """A round number that is not below the most: 1, 2, 5, 10, 20 …"""
    scale = 1
    while True:
        for step in STEPS:
            if step * scale >= most:
                return step * scale
        scale *= 10
