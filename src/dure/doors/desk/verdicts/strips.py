"""A line that numbers lie on: where each is, in percents of its length."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# So much of a line stays free at each end.
MARGIN = 0.04


@dataclass(frozen=True, slots=True)
class Scale:
    """From which number to which one a line goes."""

    low: float
    high: float

    def at(self, number: float) -> str:
        """Where a number lies, in percents; what is beyond an end lies at it."""
        share = (number - self.low) / (self.high - self.low)
        return f"{100 * min(max(share, 0.0), 1.0):.2f}"


@dataclass(frozen=True, slots=True)
class Whisker:
    """A dot with the interval around it; an end that is open has no bound."""

    at: str
    low: str
    high: str
    is_open_low: bool
    is_open_high: bool


def scale_of(
    numbers: Iterable[float], *, least: float | None = None, most: float | None = None
) -> Scale:
    """A line on which all of these have a place, with some room beside them.

    The room ends at the question's `least` and `most`, where it has them.
    """
    known = list(numbers)
    low, high = min(known), max(known)
    room = MARGIN * (high - low) or max(abs(low) * MARGIN, 1.0)
    begin = low - room if least is None else max(low - room, min(low, least))
    end = high + room if most is None else min(high + room, max(high, most))
    return Scale(begin, end) if begin < end else Scale(low - room, high + room)


def draw_whisker(scale: Scale, *, at: float, low: float | None, high: float | None) -> Whisker:
    return Whisker(
        at=scale.at(at),
        low="0.00" if low is None else scale.at(low),
        high="100.00" if high is None else scale.at(high),
        is_open_low=low is None,
        is_open_high=high is None,
    )
