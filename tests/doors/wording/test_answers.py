"""What answers of every type say, in a person's words."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from dure.calls.tasks.questions import TYPES
from dure.doors.wording.answers import say_answer, say_item, spell_between

OPTIONS = [
    {"value": "b", "label": {"en": "Bird", "ko": "새"}},
    {"value": "c", "label": {"en": "Cat", "ko": "고양이"}},
]
SIDES = {
    "left": {"en": "Apple", "ko": "사과"},
    "right": {"image": "/media/1.png"},
    "items": [{"en": "Plum", "ko": "자두"}],
}


def box(label: str | None = None) -> dict[str, Any]:
    return {"x": 0.1, "y": 0.1, "w": 0.2, "h": 0.2} | ({"label": label} if label else {})


CASES: list[tuple[str, dict[str, Any], Any, str, str]] = [
    ("choice", {"options": OPTIONS}, "b", "Bird", "새"),
    ("multi", {"options": OPTIONS}, ["b", "c"], "Bird, Cat", "새, 고양이"),
    ("multi", {"options": OPTIONS}, [], "none of them", "해당 없음"),
    ("number", {"unit": {"en": "birds", "ko": "마리"}}, -3.456, "−3.46 birds", "−3.46 마리"),
    ("text", {}, "두레", "두레", "두레"),
    ("pair", {}, "left", "Apple", "사과"),
    ("pair", {}, "right", "the right one", "오른쪽"),
    ("pair", {}, "same", "both alike", "둘이 같음"),
    ("rank", {}, ["one", "two"], "1. one 2. two", "1. one 2. two"),
    ("rank", {}, ["Plum", "one"], "1. Plum 2. one", "1. 자두 2. one"),
    ("rank", {"options": OPTIONS}, ["c", "b"], "1. Cat 2. Bird", "1. 고양이 2. 새"),
    (
        "box",
        {"options": OPTIONS},
        [box("b"), box("b"), box("c")],
        "Bird × 2, Cat",
        "새 × 2, 고양이",
    ),
    ("box", {}, [box(), box()], "2 boxes", "네모 2개"),
    ("box", {}, [], "nothing there", "아무것도 없음"),
]


@pytest.mark.parametrize(("kind", "question", "value", "english", "korean"), CASES)
def test_answer_is_said_in_the_readers_language(
    kind: str, question: dict[str, Any], value: Any, english: str, korean: str
) -> None:
    for language, expected in (("en", english), ("ko", korean)):
        with override(language):
            words = say_answer(value, question={"type": kind, **question}, content=SIDES, own="en")
        assert str(words) == expected
        # Items and texts are as they were written, in the call's language.
        is_as_written = english == korean
        assert words.language == ("en" if is_as_written else language)


def test_every_type_of_question_is_among_the_cases() -> None:
    assert {kind for kind, *_ in CASES} == set(TYPES)


def test_long_ranking_ends_where_nobody_reads_on() -> None:
    said = say_answer([f"i{n}" for n in range(12)], question={"type": "rank"}, content={}, own="en")

    assert str(said).endswith("10. i9 …")


def test_item_is_called_by_its_label() -> None:
    with override("ko"):
        assert str(say_item("c", question={"options": OPTIONS}, own="en")) == "고양이"


def test_range_without_a_bound_is_not_said() -> None:
    with override("en"):
        assert spell_between(1.0, 2.5) == "1 to 2.5"
    assert spell_between(None, 2.0) == spell_between(1.0, None) == ""
