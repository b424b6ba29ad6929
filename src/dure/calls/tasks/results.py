"""What came of a closed call, and how one's own answers compare with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

SHOWN_MAX = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many people gave how many answers to how many tasks, and how many became clear."""

    people: int
    answers: int
    tasks: int
    decided: int


@dataclass(frozen=True, slots=True)
class Compared:
    """One's own answer to a task beside the crowd's: a label and how sure it is, or a number."""

    content: dict[str, Any]
    mine: Any
    label: str | None
    probability: float | None
    estimate: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One's latest tasks; `agreed` of `compared` counts all of one's own that have a verdict."""

    tasks: list[Compared]
    agreed: int
    compared: int


def outcome_of(*, call_id: int) -> Outcome:
    with connection.cursor() as cursor:
        cursor.execute("select people, answers, tasks, decided from tasks_outcome(%s)", [call_id])
        return Outcome(*cursor.fetchone())


def compare_with_crowd(*, call_id: int, pseudonym: str, most: int = SHOWN_MAX) -> Comparison:
    """What the person behind a pseudonym answered, from all their browsers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select content, mine, label, probability, estimate, agreed, compared"
            " from tasks_own_beside_crowd(%s, %s, %s)",
            [call_id, pseudonym, most],
        )
        rows = cursor.fetchall()
    tasks = [
        Compared(orjson.loads(content), orjson.loads(value), label, probability, estimate)
        for content, value, label, probability, estimate, _agreed, _compared in rows
    ]
    agreed, compared = rows[0][-2:] if rows else (0, 0)
    return Comparison(tasks, agreed, compared)
