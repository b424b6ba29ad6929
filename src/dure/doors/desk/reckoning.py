"""What a call will take, in plain words: how many answers, how much time, what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dure.calls.models import Call
from dure.calls.promises import currency_of, find_part
from dure.calls.tasks.queries import count_work
from dure.calls.tasks.questions import can_be_sure
from dure.doors.wording.saying import (
    SECONDS_OF_TYPE,
    spell_money,
    spell_number,
    spell_seconds,
    spell_share,
)

# A crowd to think of: a shop's regulars, a school class, a newsletter's readers.
CROWD = 30


@dataclass(frozen=True, slots=True)
class Reckoning:
    tasks: int
    # Empty where a task always gets the most.
    least: str
    most: str
    # For a crowd of CROWD people, each at their own phone.
    time: str
    crowd: int
    # For answers and a pool; empty where neither is promised.
    cost: str
    # Of what it earns, if that is shared.
    share: str


def reckon(call: Call) -> Reckoning:
    tasks = count_work([call.pk])[call.pk]["tasks"]
    most = tasks * call.answers_max
    seconds = most * SECONDS_OF_TYPE[call.question["type"]] / CROWD
    share = find_part(call.promise, "revenue_share")
    may_stop_early = (
        can_be_sure(call.question)
        and call.answers_target is not None
        and call.answers_min < call.answers_max
    )
    return Reckoning(
        tasks=tasks,
        least=spell_number(tasks * call.answers_min) if may_stop_early else "",
        most=spell_number(most),
        time=spell_seconds(seconds),
        crowd=CROWD,
        cost=_spell_cost(call.promise, most=most),
        share=spell_share(share["percent"] / 100) if share is not None else "",
    )


def _spell_cost(promise: dict[str, Any], *, most: int) -> str:
    """The most that answers and a pool may come to."""
    rate, pool = find_part(promise, "per_answer"), find_part(promise, "pool")
    cost_minor = (most * rate["amount_minor"] if rate is not None else 0) + (
        pool["amount_minor"] if pool is not None else 0
    )
    return spell_money(cost_minor, str(currency_of(promise))) if rate or pool else ""
