"""What a call will take, in plain words: how many answers, how much time, what it costs."""

from __future__ import annotations

from dataclasses import dataclass

from dure.calls.models import Call
from dure.calls.tasks.queries import count_work
from dure.calls.tasks.questions import has_model
from dure.doors.wording.saying import (
    SECONDS_OF_TYPE,
    spell_money,
    spell_number,
    spell_seconds,
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
    # Empty where nothing is promised.
    cost: str


def reckon(call: Call) -> Reckoning:
    tasks = count_work([call.pk])[call.pk]["tasks"]
    most = tasks * call.answers_max
    seconds = most * SECONDS_OF_TYPE[call.question["type"]] / CROWD
    is_paid = call.promise.get("kind") == "per_answer"
    return Reckoning(
        tasks=tasks,
        least=spell_number(tasks * call.answers_min) if has_model(call.question) else "",
        most=spell_number(most),
        time=spell_seconds(seconds),
        crowd=CROWD,
        cost=spell_money(most * call.promise["amount_minor"], call.promise["currency"])
        if is_paid
        else "",
    )
