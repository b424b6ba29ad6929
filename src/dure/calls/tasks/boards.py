"""What an organiser's board shows of a call: kept numbers only, whatever the call's size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Sum

from dure.calls.models import Call, State
from dure.calls.tasks.models import Presence, Pulse, Refit, SourceCount, VerdictRun
from dure.calls.tasks.queries import count_work
from dure.clock import now

MINUTES_SHOWN = 60
HOURS_SHOWN = 14 * 24
SOURCES_SHOWN_MAX = 12
RECENT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many tasks there are in each state, as the last fit left them."""

    tasks: int
    open: int
    decided: int
    disputed: int

    @property
    def settled(self) -> float:
        """The share of tasks that are not open, from 0 to 1."""
        return (self.decided + self.disputed) / self.tasks if self.tasks else 0.0


@dataclass(frozen=True, slots=True)
class People:
    all: int
    recent: int
    came_back: int
    sources: list[SourceCount]


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the open tasks have all their answers, at the pace of late; None where none can be said.

    `answers_left` is the most that may still be asked for: tasks that become sure early need less.
    """

    answers_left: int
    per_hour: float
    hours: float | None


@dataclass(frozen=True, slots=True)
class Board:
    as_of: datetime | None
    standing: Standing
    counts: dict[str, int]
    minutes: list[Pulse]
    hours: list[Pulse]
    people: People
    forecast: Forecast
    # Of the last fit; see summaries.py.
    summary: dict[str, Any]
    method: str

    @property
    def is_first_count(self) -> bool:
        """Whether the first answers have come, and no fit has put them into the counts yet."""
        return self.as_of is None and any(self.counts[of] for of in ("counted", "skipped", "late"))


def read_board(call: Call) -> Board:
    at = now()
    refit = Refit.objects.filter(call=call).first()
    run = VerdictRun.objects.filter(call=call).order_by("-pk").only("method").first()
    counts = count_work([call.pk])[call.pk]
    summary = refit.summary if refit else {}
    minutes = _pulses(call, Pulse.MINUTE, since=at - timedelta(minutes=MINUTES_SHOWN))
    hours = _pulses(call, Pulse.HOUR, since=at - timedelta(hours=HOURS_SHOWN))
    return Board(
        as_of=refit.at if refit else None,
        standing=_standing(counts["tasks"], summary.get("states", {})),
        counts=counts,
        minutes=minutes,
        hours=hours,
        people=_people(call, since=at - RECENT),
        forecast=_forecast(
            call, _answers_left(call, counts, summary), minutes=minutes, hours=hours, at=at
        ),
        summary=summary,
        method=run.method if run else "",
    )


def tell_boards(call_id: int) -> None:
    """Whoever looks at the call's board sees what has changed."""
    with connection.cursor() as cursor:
        cursor.execute("select tasks_tell_boards(%s)", [call_id])


def standings_of(call_ids: list[int]) -> dict[int, Standing]:
    """For a list of calls how many tasks of each are in which state."""
    work = count_work(call_ids)
    summaries = dict(Refit.objects.filter(call_id__in=call_ids).values_list("call_id", "summary"))
    return {
        call_id: _standing(work[call_id]["tasks"], summaries.get(call_id, {}).get("states", {}))
        for call_id in call_ids
    }


def _standing(tasks: int, states: dict[str, int]) -> Standing:
    decided, disputed = states.get("decided", 0), states.get("disputed", 0)
    # Tasks that were added since the last fit are open.
    return Standing(tasks, max(0, tasks - decided - disputed), decided, disputed)


def _pulses(call: Call, step_s: int, *, since: datetime) -> list[Pulse]:
    # A step that began just before the moment reaches into it.
    begin = since - timedelta(seconds=step_s)
    found = Pulse.objects.filter(call_id=call.pk, step_s=step_s, at__gt=begin)
    return list(found.order_by("at"))


def _people(call: Call, *, since: datetime) -> People:
    sources = SourceCount.objects.filter(call_id=call.pk)
    sums = sources.aggregate(people=Sum("people"), came_back=Sum("came_back"))
    return People(
        all=sums["people"] or 0,
        recent=Presence.objects.filter(call_id=call.pk, first_at__gt=since).count(),
        came_back=sums["came_back"] or 0,
        sources=list(sources.order_by("-people", "source")[:SOURCES_SHOWN_MAX]),
    )


def _answers_left(call: Call, counts: dict[str, int], summary: dict[str, Any]) -> int:
    """What the last fit left, and all that the tasks may be asked which no fit has seen."""
    n_new = max(0, counts["tasks"] - sum(summary.get("states", {}).values()))
    return int(summary.get("answers_left", 0) + n_new * call.answers_max)


def _forecast(
    call: Call,
    left: int,
    *,
    minutes: list[Pulse],
    hours: list[Pulse],
    at: datetime,
) -> Forecast:
    """By the pace of the last hour, or of the last day if the last hour was quiet."""
    per_hour = float(sum(pulse.answers for pulse in minutes))
    if per_hour == 0:
        per_hour = sum(pulse.answers for pulse in hours if pulse.at > at - RECENT) / 24
    is_going = call.state == State.OPEN and left > 0 and per_hour > 0
    return Forecast(left, per_hour, math.ceil(left / per_hour * 10) / 10 if is_going else None)
