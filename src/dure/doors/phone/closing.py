"""What a finished call shows: what came of it, one's own answers beside it, and the thanks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from babel.numbers import format_percent
from django.core.cache import caches
from django.utils.translation import get_language

from dure.calls.tasks.results import (
    Compared,
    Comparison,
    Outcome,
    compare_with_crowd,
    outcome_of,
    read_said,
)
from dure.calls.texts import Words
from dure.doors.phone.showing import CallShown, Piece, show_task
from dure.doors.wording.answers import say_answer, spell_between
from dure.people.credits import credits_of

# The sums and the names are the same for everyone, and are asked for when word goes round.
CACHED_SECONDS = 60
# A verdict is never shown as certain.
PERCENT_MAX = 99


@dataclass(frozen=True, slots=True)
class Finished:
    """A closed call's outcome, read once for all languages of the page."""

    outcome: Outcome
    names: list[str]
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class TaskBeside:
    """One's own answer to a task beside the crowd's; `sure` is spelt in the reader's language."""

    piece: Piece | None
    # What each marked on the picture, as fractions of it.
    my_boxes: list[dict[str, Any]]
    crowd_boxes: list[dict[str, Any]]
    mine: Words
    crowd: Words
    sure: str
    # Where a number lies by 90 %; empty if that is not known.
    between: str
    agrees: bool


@dataclass(frozen=True, slots=True)
class FinishedShown:
    outcome: Outcome
    names: list[str]
    tasks: list[TaskBeside]
    agreed: int
    compared: int


def read_finished(*, call_id: int, pseudonym: str) -> Finished:
    place = f"finished-{call_id}"
    cache = caches["here"]
    if (same := cache.get(place)) is None:
        same = (outcome_of(call_id=call_id), credits_of(call_id=call_id))
        cache.set(place, same, CACHED_SECONDS)
    outcome, names = same
    return Finished(outcome, names, compare_with_crowd(call_id=call_id, pseudonym=pseudonym))


def show_finished(finished: Finished, call: CallShown) -> FinishedShown:
    comparison = finished.comparison
    return FinishedShown(
        outcome=finished.outcome,
        names=finished.names,
        tasks=[_show_beside(call, task) for task in comparison.tasks],
        agreed=comparison.agreed,
        compared=comparison.compared,
    )


def _show_beside(call: CallShown, task: Compared) -> TaskBeside:
    crowd = task.crowd
    pieces = show_task(crowd.content, question=call.question, own=call.language).pieces
    said = read_said(crowd, question=call.question)
    is_box = call.question["type"] == "box"
    return TaskBeside(
        # Of a picture with boxes the words before it say less than the picture.
        piece=next((one for one in pieces if not is_box or one.kind == "image"), None),
        my_boxes=task.mine if is_box else [],
        crowd_boxes=said if is_box else [],
        mine=_say(call, crowd.content, task.mine),
        crowd=_say(call, crowd.content, said),
        sure="" if crowd.probability is None else _spell_percent(crowd.probability),
        between=spell_between(crowd.low, crowd.high),
        agrees=bool(task.agrees),
    )


def _say(call: CallShown, content: dict[str, Any], value: Any) -> Words:
    return say_answer(value, question=call.question, content=content, own=call.language)


def _spell_percent(probability: float) -> str:
    percent = min(PERCENT_MAX, int(100 * probability))
    return format_percent(percent / 100, locale=_locale())


def _locale() -> str:
    return (get_language() or "en").replace("-", "_")
