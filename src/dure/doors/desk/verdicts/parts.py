"""What the pictures of all types are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dure.calls.models import Call
from dure.calls.texts import Words
from dure.doors.wording.answers import say_item
from dure.doors.wording.saying import read_text, spell_number


@dataclass(frozen=True, slots=True)
class Drawn:
    """A verdict as a page shows it: in a sentence, and as what a template draws.

    `more` says how it came about, where there is something to say; `shows` are the parts of the
    task's content that are in the picture already.
    """

    sentence: str
    template: str = ""
    picture: Any = None
    shows: tuple[str, ...] = ()
    more: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """A row with a bar: its length in percents, what it says, and what stands below its name."""

    name: Words
    length: str
    words: str
    more: str = ""
    note: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Thing:
    """An item of a pair or a ranking: its words, or a picture's address."""

    words: Words
    picture: str = ""


def name_option(value: str, *, call: Call) -> Words:
    """An option by its label in the reader's language; a value of none by itself."""
    return say_item(value, question=call.question, own=call.language)


def name_thing(
    item: str, *, call: Call, is_picture: bool = False, name: dict[str, str] | None = None
) -> Thing:
    """What an answer calls an item is its option's value, its text or a picture's address."""
    if is_picture:
        return Thing(Words(item.rsplit("/", 1)[-1], call.language), item)
    return Thing(say_item(item, question=call.question, own=call.language, name=name))


def spell_amount(number: float, *, call: Call) -> str:
    """A number in the question's unit."""
    unit = read_text(call.question.get("unit", ""), own=call.language)
    return f"{spell_number(number)} {unit}".rstrip()


def spell_places(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}\N{EN DASH}{high}"


def length_of(share: float) -> str:
    return f"{100 * min(max(share, 0.0), 1.0):.2f}"
