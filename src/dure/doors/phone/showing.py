"""What a page shows of a call, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from dure.calls.shares.statements import PublicSums
from dure.calls.tasks.contents import name_items, picture_of
from dure.calls.texts import Words, pick_words
from dure.doors.wording.funding import spell_funding
from dure.doors.wording.saying import spell_promise, spell_promise_briefly

# Short enough that question and answers stand on one small screen together.
BIG_BUTTONS_MAX = 5


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: Words


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a task's content: `kind` is text, image, audio or video."""

    kind: str
    words: Words
    address: str = ""


@dataclass(frozen=True, slots=True)
class TaskShown:
    """A task's content: what is read above the answers, and what the answers are about."""

    pieces: list[Piece]
    left: Piece | None
    right: Piece | None
    items: list[Option]


@dataclass(frozen=True, slots=True)
class CallShown:
    """A call as its page shows it."""

    slug: str
    title: Words
    brief: Words
    language: str
    state: str
    promise: str
    # For one line beside the question; empty if nothing is paid.
    promise_briefly: str
    # What of it is there already, and what is overdue.
    funding: list[str]
    question: dict[str, Any]
    question_text: Words
    options: list[Option]
    unit: Words

    @property
    def has_big_buttons(self) -> bool:
        return len(self.options) <= BIG_BUTTONS_MAX


def show_call(call: dict[str, Any], *, sums: PublicSums | None = None) -> CallShown:
    own = call["language"]
    question = call["question"]
    return CallShown(
        slug=call["slug"],
        title=_words(call["title"], own=own),
        brief=_words(call["brief"], own=own),
        language=own,
        state=call["state"],
        promise=spell_promise(call["promise"]),
        promise_briefly=spell_promise_briefly(call["promise"]),
        funding=spell_funding(sums) if sums is not None else [],
        question=question,
        question_text=_words(question["text"], own=own),
        options=[
            Option(option["value"], _words(option["label"], own=own))
            for option in question.get("options", [])
        ],
        unit=_words(question.get("unit", ""), own=own),
    )


def show_task(content: dict[str, Any], *, question: dict[str, Any], own: str) -> TaskShown:
    """The parts of a task in the order they are read; sides of a pair and what is ranked apart."""
    kind = question["type"]
    sides = [_show_side(content[side], own=own) for side in ("left", "right") if side in content]
    items = [
        Option(value, _words(item, own=own))
        for value, item in zip(name_items(content, own=own), content.get("items", []), strict=True)
    ]
    pieces = [Piece("text", _words(content["text"], own=own))] if "text" in content else []
    pieces += [
        Piece(medium, Words("", own), str(content[medium]))
        for medium in ("image", "audio", "video")
        if medium in content
    ]
    if kind != "pair":
        pieces += sides
    if kind != "rank":
        pieces += [Piece("text", item.label) for item in items]
    left, right = sides if kind == "pair" and len(sides) == 2 else (None, None)
    if kind == "rank" and "options" in question:
        items = [
            Option(option["value"], _words(option["label"], own=own))
            for option in question["options"]
        ]
    return TaskShown(pieces, left, right, items)


def _show_side(side: Any, *, own: str) -> Piece:
    if picture := picture_of(side):
        return Piece("image", Words("", own), picture)
    return Piece("text", _words(side, own=own))


def _words(text: Any, *, own: str) -> Words:
    return pick_words(text, language=get_language() or own, own=own)
