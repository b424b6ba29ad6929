"""The reliability diagram: how often verdicts are right, by how sure they say they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dure.doors.files.drawings import Bar, Dot, Drawing, Line, Shape, Words

TITLE = "Reliability of the verdicts"
LEGEND = (
    "Points: share right in each tenth of probability, with its 90 % interval.",
    "On the dashed line verdicts are right as often as they say.",
)
WIDTH, LEFT, SIDE = 560, 56, 480
TOP = 152
BOTTOM = TOP + SIDE
BARS_TOP, BARS_HEIGHT = BOTTOM + 104, 64
HEIGHT = BARS_TOP + BARS_HEIGHT + 24
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
# The caps reach beyond the dot, so that an interval shorter than the dot still shows.
CAP, DOT_RADIUS = 8.0, 4.5


@dataclass(frozen=True, slots=True)
class Bin:
    """A tenth of the probabilities; all but `n_tasks` are nan where it is 0."""

    stated: float
    share_right: float
    low: float
    high: float
    n_tasks: int


def reliability_diagram(
    bins: Sequence[Bin], *, accuracy: float, log_loss: float, calibration_error: float
) -> Drawing:
    """Draw ten bins, from the least sure to the surest."""
    n_tasks = sum(one.n_tasks for one in bins)
    scores = (
        f"accuracy {accuracy:.3f}, log loss {log_loss:.3f}, ECE {calibration_error:.3f}, "
        f"{n_tasks:,} {'task' if n_tasks == 1 else 'tasks'}"
    )
    shapes: list[Shape] = [
        Words((LEFT, 36), TITLE, size=20),
        Words((LEFT, 60), scores, size=14),
        *(Words((LEFT, 84 + 18 * at), line, size=12, ink="soft") for at, line in enumerate(LEGEND)),
        *_axes(),
        *_bars(bins),
        *(shape for one in bins if one.n_tasks for shape in _point(one)),
    ]
    return Drawing(WIDTH, HEIGHT, f"{TITLE}: {scores}", _description(bins), shapes)


def _axes() -> Iterator[Shape]:
    yield Words((LEFT, TOP - 14), "Share right", size=13)
    for tick in TICKS:
        yield Line((LEFT, _y(tick)), (LEFT + SIDE, _y(tick)))
        yield Line((_x(tick), TOP), (_x(tick), BOTTOM))
        yield Words((LEFT - 10, _y(tick) + 4), f"{tick:.1f}", ink="soft", anchor="end")
        yield Words((_x(tick), BOTTOM + 20), f"{tick:.1f}", ink="soft", anchor="middle")
    yield Words((LEFT + SIDE, BOTTOM + 42), "Stated probability", size=13, anchor="end")
    yield Line((_x(0.0), _y(0.0)), (_x(1.0), _y(1.0)), ink="soft", width=1.5, dash=6.0)
    yield Words((_x(0.03), _y(0.95)), "more often right than stated", ink="soft")
    yield Words((_x(0.97), _y(0.04)), "less often right than stated", ink="soft", anchor="end")


def _point(one: Bin) -> Iterator[Shape]:
    x, low, high = _x(one.stated), _y(one.low), _y(one.high)
    yield Line((x, low), (x, high), ink="mark", width=2.0)
    for end in (low, high):
        yield Line((x - CAP, end), (x + CAP, end), ink="mark", width=2.0)
    yield Dot((x, _y(one.share_right)), DOT_RADIUS)


def _bars(bins: Sequence[Bin]) -> Iterator[Shape]:
    most = max((one.n_tasks for one in bins), default=0)
    step = SIDE / len(bins)
    base = BARS_TOP + BARS_HEIGHT
    yield Words((LEFT, BARS_TOP - 30), "Tasks in each tenth", size=13)
    for at, one in enumerate(bins):
        left = LEFT + step * at
        # A bin with one task among a million still shows that it has one.
        height = max(1.0, BARS_HEIGHT * one.n_tasks / most) if one.n_tasks else 0.0
        if height:
            yield Bar((left + 3, base - height), step - 6, height)
        middle = left + step / 2
        yield Words(
            (middle, base - height - 5), _short(one.n_tasks), size=11, ink="soft", anchor="middle"
        )
    yield Line((LEFT, base), (LEFT + SIDE, base), ink="soft")


def _short(count: int) -> str:
    if count >= 10_000_000:
        return f"{count / 1_000_000:,.0f} M"
    return f"{count / 1_000:,.0f} k" if count >= 100_000 else f"{count:,}"


def _description(bins: Sequence[Bin]) -> str:
    told = [
        f"stated {one.stated:.3f}, right {one.share_right:.3f} ({one.low:.3f} to {one.high:.3f}) "
        f"of {one.n_tasks:,} {'task' if one.n_tasks == 1 else 'tasks'}"
        for one in bins
        if one.n_tasks
    ]
    return (
        "For each tenth of the stated probability: the mean that was stated, the share that was "
        f"right with its 90 % interval, and how many tasks. {'; '.join(told)}."
    )


def _x(probability: float) -> float:
    return LEFT + SIDE * probability


def _y(share: float) -> float:
    return BOTTOM - SIDE * share
