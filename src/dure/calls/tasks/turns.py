"""What many people ask of a call at the same moment, as one query: collect.take_turns.

A turn is one request: answers to record, tasks to hand out, or both. A door that serves a crowd
puts many into a query; what comes back is committed for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from dure.calls.tasks.answers import (
    LEASE_MAX,
    Batch,
    NotJoined,
    NotOpen,
    Query,
    fetch,
    hash_key,
)
from dure.calls.tasks.values import BadValue
from dure.errors import Invalid, NotSignedIn, quote

TURNS_MAX = 64
TAKE_TURNS = (
    "select refusal, fates, tasks, more"
    " from collect.take_turns(%s, %s::text::bytea[], %s::text::int[], %s::text::jsonb)"
    " order by turn"
)
REFUSALS = {"DU401": NotSignedIn, "DU403": NotJoined, "DU409": NotOpen}
# All that the form of a value does not tell, and so comes from the database without a sentence.
FOREIGN_ITEM = "The ranking names an item that its task does not have; rank the task's own items."
# Of a turn that must go after another of the same person.
AGAIN = "DU000"


@dataclass(frozen=True, slots=True)
class Turn:
    """One request of the person whose key has this hash; without answers it wants tasks alone."""

    key: bytes
    batch: Batch | None = None
    lease: int = 0


def make_turn(*, key: str, batch: Batch | None = None, lease: object = 0) -> Turn:
    """The number of tasks wanted is called n where a request wants nothing else."""
    name, low = ("n", 1) if batch is None else ("lease", 0)
    if isinstance(lease, bool) or not isinstance(lease, int) or not low <= lease <= LEASE_MAX:
        raise Invalid(f"{name} is a number of tasks, {low} to {LEASE_MAX}; got {quote(lease)}.")
    return Turn(key=hash_key(key), batch=batch, lease=lease)


def lease_tasks(*, call_id: int, key: str, n: int) -> dict[str, Any]:
    """Tasks for one person, as pages ask for them."""
    return _take_alone(call_id, make_turn(key=key, lease=n))


def record_answers(*, call_id: int, key: str, batch: Batch, lease: int = 0) -> dict[str, Any]:
    """One person's answers, as pages send them."""
    return _take_alone(call_id, make_turn(key=key, batch=batch, lease=lease))


def _take_alone(call_id: int, turn: Turn) -> dict[str, Any]:
    """In Django's own connection, as a transaction."""
    (row,) = fetch(take_turns(call_id=call_id, turns=[turn]))
    return read_in_full(turn, row)


def take_turns(*, call_id: int, turns: Sequence[Turn]) -> Query:
    """All these turns as one transaction; `read_turn` reads each row that comes back."""
    answers = [
        {"turn": place, **answer}
        for place, turn in enumerate(turns, start=1)
        if turn.batch is not None
        for answer in turn.batch.answers
    ]
    return Query(
        TAKE_TURNS,
        (
            call_id,
            _as_array(f'"\\\\x{turn.key.hex()}"' for turn in turns),
            _as_array(str(_write_lease(turn)) for turn in turns),
            orjson.dumps(answers).decode(),
        ),
    )


def _write_lease(turn: Turn) -> int:
    """Answers that were all refused before are told so in any state of the call."""
    is_bare = turn.batch is not None and not turn.batch.answers
    return -1 - turn.lease if is_bare else turn.lease


def _as_array(items: Iterable[str]) -> str:
    """PostgreSQL's own writing, which costs less than having a list adapted."""
    return f"{{{','.join(items)}}}"


def is_put_off(row: tuple[Any, ...]) -> bool:
    """Whether the turn was left for another try, since the same person had another in the group."""
    return bool(row[0] == AGAIN)


def read_turn(turn: Turn, row: tuple[Any, ...]) -> dict[str, Any]:
    """The reply to one turn, its tasks as JSON already; a refusal is raised."""
    refusal, fates, tasks, more = row
    if refusal is not None:
        raise REFUSALS[refusal]
    handed_out = {"tasks": orjson.Fragment(tasks), "more": more}
    if turn.batch is None:
        return handed_out
    ids = [answer["id"] for answer in turn.batch.answers]
    judged = list(zip(ids, fates or (), strict=True))
    return {
        "accepted": [identity for identity, fate in judged if fate == "accepted"],
        "late": [identity for identity, fate in judged if fate == "late"],
        "refused": turn.batch.refused
        + [
            _refuse_answer(identity, fate)
            for identity, fate in judged
            if fate not in ("accepted", "late")
        ],
        **handed_out,
    }


def _refuse_answer(identity: str, reason: str) -> dict[str, str]:
    refused = {"id": identity, "reason": reason}
    return {**refused, "detail": FOREIGN_ITEM} if reason == BadValue.code else refused


def read_in_full(turn: Turn, row: tuple[Any, ...]) -> dict[str, Any]:
    """The same with the tasks read from their JSON, for whoever looks at them here."""
    reply: dict[str, Any] = orjson.loads(orjson.dumps(read_turn(turn, row)))
    return reply
