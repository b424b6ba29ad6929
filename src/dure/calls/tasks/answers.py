"""Join, lease, answer: one query each on the collecting functions, the same from every door.

A door runs the query on a connection of its own (the bare one asynchronously, pages through
Django) and gives what comes back, or the error, to the functions here.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
import psycopg
from django.db import Error as DatabaseError
from django.db import connection, transaction
from psycopg import errors

from dure.calls.tasks.questions import ranks_items
from dure.calls.tasks.values import BadValue, check_prediction, read_value
from dure.errors import (
    Busy,
    Invalid,
    NotSignedIn,
    OutsideScope,
    Refusal,
    Unknown,
    WrongState,
    quote,
)

KEY_PREFIX = "dure_p_"
# Where a browser keeps its key, whichever door it came by.
KEY_COOKIE = "dure_person"
KEY_COOKIE_SECONDS = 2 * 365 * 24 * 3600
ANSWERS_MAX = 50
LEASE_MAX = 50
SOURCE_FORM = re.compile(r"[a-z0-9][a-z0-9_-]{0,29}")
UUID_FORM = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Each merge of persons that commits meanwhile costs a try.
TRIES_MAX = 8
# What another try can mend: every query here is safe to run again, by its ids and keys.
PASSING = (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable)
MS_MAX = 7 * 24 * 3600 * 1000


class NoSuchCall(Unknown):
    """There is no call at this address; check the link."""

    code = "unknown-call"


class NotOpenYet(WrongState):
    """This call has not opened yet; come back when its organiser has opened it."""

    code = "not-open-yet"


class NotOpen(WrongState):
    """This call is not taking answers now; what you have given is kept."""

    code = "not-open"


class NotJoined(OutsideScope):
    """This key has not joined the call; join it first."""

    code = "not-joined"


class NoSuchAnswer(Unknown):
    """There is no such answer of yours; check its id."""

    code = "unknown-answer"


class UndoOver(WrongState):
    """An answer can be taken back within 10 seconds only; this one stands."""

    code = "undo-over"


class Query(NamedTuple):
    sql: str
    parameters: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Answers that may be recorded, as the database takes them, and those refused before."""

    answers: list[dict[str, Any]]
    refused: list[dict[str, Any]]


def new_key() -> str:
    return KEY_PREFIX + secrets.token_urlsafe(24)


def hash_key(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def find_call(*, slug: str) -> Query:
    return Query("select collect.find_call(%s)", (slug,))


def join_call(*, slug: str, key: str | None, fresh_key: str | None, source: object = None) -> Query:
    """Take part; `source` is the tag of the link, kept for whoever comes for the first time."""
    return Query(
        "select collect.join_call(%s, %s, %s, %s)",
        (slug, key and hash_key(key), fresh_key and hash_key(fresh_key), read_source(source)),
    )


def read_source(given: object) -> str:
    """A link's tag as it is stored; what is no tag is as good as none, and refused to nobody."""
    text = given.lower() if isinstance(given, str) else ""
    return text if SOURCE_FORM.fullmatch(text) else ""


def renew_leases(*, call_id: int, key: str, tasks: list[int]) -> Query:
    return Query(
        "select collect.renew_leases(%s, %s, %s::bigint[])", (call_id, hash_key(key), tasks)
    )


def return_tasks(*, call_id: int, key: str, tasks: list[int]) -> Query:
    return Query(
        "select collect.return_tasks(%s, %s, %s::bigint[])", (call_id, hash_key(key), tasks)
    )


def undo_answer(*, call_id: int, key: str, answer: str) -> Query:
    return Query("select collect.undo_answer(%s, %s, %s::uuid)", (call_id, hash_key(key), answer))


def read_news(*, call_id: int, key: str, tasks: list[int]) -> Query:
    """How far the call is and, where its policy allows, what others answered to tasks."""
    return Query("select collect.read_news(%s, %s, %s::bigint[])", (call_id, hash_key(key), tasks))


def read_answers(*, question: dict[str, Any], given: object) -> Batch:
    """Check a request's answers: a wrong shape refuses the request, a bad value the one answer."""
    if not isinstance(given, list) or not 1 <= len(given) <= ANSWERS_MAX:
        raise Invalid(f"answers should be a list of 1 to {ANSWERS_MAX} answers.")
    batch = Batch(answers=[], refused=[])
    for item in given:
        _read_answer(batch, question=question, item=item)
    return batch


def run(query: Query) -> Any:
    """The one value that a query gives, read where it is JSON."""
    ((value,),) = fetch(query)
    return orjson.loads(value) if isinstance(value, str) else value


def fetch(query: Query) -> list[tuple[Any, ...]]:
    """Run one query through Django, as a transaction; its refusals come as Refusal."""
    for _ in range(TRIES_MAX):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(query.sql, query.parameters)
                rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows
        except DatabaseError as error:
            if isinstance(error.__cause__, PASSING) and not connection.in_atomic_block:
                continue
            refusal = refusal_of(error.__cause__)
            if refusal is None:
                raise
            raise refusal from None
    raise Busy


def refusal_of(error: BaseException | None) -> Refusal | None:
    """The refusal that a collecting function raised, told by its code."""
    if not isinstance(error, psycopg.Error):
        return None
    message = error.diag.message_primary or ""
    match error.sqlstate:
        case "DU401":
            return NotSignedIn()
        case "DU403":
            return NotJoined()
        case "DU404":
            return NoSuchAnswer() if "answer" in message else NoSuchCall()
        case "DU409" if "draft" in message:
            return NotOpenYet()
        case "DU409" if "undo" in message:
            return UndoOver()
        case "DU409":
            return NotOpen()
    return None


def _read_answer(batch: Batch, *, question: dict[str, Any], item: object) -> None:
    if not isinstance(item, dict):
        raise Invalid("Each answer should be an object with id, task and value.")
    identity = read_answer_id(item.get("id"))
    answer = {
        "id": identity,
        "task": read_task_id(item.get("task")),
        "phase": item.get("phase", "first"),
        "ms": _read_ms(item.get("ms")),
    }
    if answer["phase"] not in ("first", "revision"):
        raise Invalid(f"phase is 'first' or 'revision'; got {quote(answer['phase'])}.")
    if "value" not in item:
        raise Invalid("An answer needs a value; null is a skip.")
    try:
        if answer["phase"] == "revision":
            raise BadValue("This call takes no second answers.")
        given = read_value(question, item["value"])
        answer["prediction"] = check_prediction(question, item.get("prediction"))
    except BadValue as refusal:
        batch.refused.append({"id": identity, "reason": refusal.code, "detail": refusal.sentence})
        return
    answer |= {"value": given.value, "text": given.text, "is_skip": given.is_skip}
    if ranks_items(question) and not given.is_skip:
        # Which items the task has is known to the database alone.
        answer["names_items"] = True
    batch.answers.append(answer)


def read_answer_id(value: object) -> str:
    """The id as the client wrote it, so that it finds it again in the reply."""
    if not isinstance(value, str) or not UUID_FORM.fullmatch(value):
        raise Invalid(f"An answer's id is a UUID made by the client; got {quote(value)}.")
    return value


def read_task_id(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**63:
        raise Invalid(f"A task's id is the number it was leased with; got {quote(value)}.")
    return value


def _read_ms(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MS_MAX:
        raise Invalid(f"ms is the milliseconds an answer took, 0 to {MS_MAX}; got {quote(value)}.")
    return value
