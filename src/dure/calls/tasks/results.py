"""What came of a closed call, and how one's own answers compare with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from dure.calls.tasks.models import Refit, Task, Verdict

SHOWN_MAX = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many people gave how many answers to how many tasks, and how many became clear."""

    people: int
    answers: int
    tasks: int
    decided: int


@dataclass(frozen=True, slots=True)
class Concluded:
    """A task and what the crowd concluded of it: see Verdict."""

    content: dict[str, Any]
    label: str | None
    probability: float | None
    estimate: float | None
    low: float | None
    high: float | None
    value: Any


@dataclass(frozen=True, slots=True)
class Compared:
    """One's own answer to a task beside the crowd's; `agrees` is None where it can't be told."""

    mine: Any
    crowd: Concluded
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One's latest tasks; `agreed` of `compared` counts all of one's own that can be told."""

    tasks: list[Compared]
    agreed: int
    compared: int


def read_said(verdict: Concluded | Verdict, *, question: dict[str, Any]) -> Any:
    """What the crowd concluded of a task, in the form of an answer to it."""
    if question["type"] == "number":
        return verdict.estimate
    if question["type"] in ("multi", "rank", "box"):
        return orjson.loads(verdict.label or "[]")
    return verdict.label


def progress_of(*, call_id: int) -> int:
    """How far a call is, in tenths: no finer, so that nobody reads answers out of it."""
    with connection.cursor() as cursor:
        cursor.execute("select collect.progress(%s)", [call_id])
        return int(cursor.fetchone()[0])


def summary_of(*, call_id: int) -> dict[str, Any]:
    """What the last fit says of the call as a whole; see summaries.py."""
    found = Refit.objects.filter(call_id=call_id).values_list("summary", flat=True).first()
    return found or {}


def verdicts_of(*, call_id: int, most: int) -> list[Concluded]:
    """The first tasks with a verdict, in the order they were added."""
    found = Verdict.objects.filter(call_id=call_id).order_by("task_id")
    verdicts = [one for one in found[:most] if one.says_something]
    contents = dict(
        Task.objects.filter(call_id=call_id, id__in=[one.task_id for one in verdicts]).values_list(
            "id", "content"
        )
    )
    return [
        Concluded(
            contents[one.task_id],
            one.label,
            one.probability,
            one.estimate,
            one.low,
            one.high,
            one.value,
        )
        for one in verdicts
    ]


def outcome_of(*, call_id: int) -> Outcome:
    with connection.cursor() as cursor:
        cursor.execute("select people, answers, tasks, decided from tasks_outcome(%s)", [call_id])
        return Outcome(*cursor.fetchone())


def compare_with_crowd(*, call_id: int, pseudonym: str, most: int = SHOWN_MAX) -> Comparison:
    """What the person behind a pseudonym answered, from all their browsers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select content, label, probability, estimate, low, high, value, mine, agrees,"
            " agreed, compared from tasks_own_beside_crowd(%s, %s, %s)",
            [call_id, pseudonym, most],
        )
        rows = cursor.fetchall()
    tasks = [
        Compared(
            orjson.loads(mine),
            Concluded(
                orjson.loads(content),
                label,
                probability,
                estimate,
                low,
                high,
                value and orjson.loads(value),
            ),
            agrees,
        )
        for content, label, probability, estimate, low, high, value, mine, agrees, *_ in rows
    ]
    agreed, compared = rows[0][-2:] if rows else (0, 0)
    return Comparison(tasks, agreed, compared)
