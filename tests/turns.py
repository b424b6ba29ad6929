"""One person's turns by the collecting function alone, on a connection of the test's choice."""

from __future__ import annotations

from typing import Any

from dure.calls.tasks.answers import Batch
from dure.calls.tasks.turns import Turn, read_in_full, take_turns


def lease(door: Any, *, call_id: int, key: bytes, n: int) -> dict[str, Any]:
    """`key` stands for the hash of one; a refusal is raised."""
    return _take(door, call_id, Turn(key=key, lease=n))


def submit(door: Any, *, call_id: int, key: bytes, answers: list[dict[str, Any]]) -> dict[str, Any]:
    """Answers as the database takes them."""
    return _take(door, call_id, Turn(key=key, batch=Batch(answers=answers, refused=[])))


def _take(door: Any, call_id: int, turn: Turn) -> dict[str, Any]:
    query = take_turns(call_id=call_id, turns=[turn])
    return read_in_full(turn, door.execute(query.sql, query.parameters).fetchone())
