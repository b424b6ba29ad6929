"""Numbers are read as people write them; advice says what a good answer looks like."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from dure.calls.tasks.questions import check_question
from dure.doors.phone import forms

NUMBER = check_question({"type": "number", "text": "How many?"})
TEXT = check_question({"type": "text", "text": "What?", "max": 9})


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12", 12),
        (" 3.50 ", 3.5),
        ("1,234", 1234),
        ("1 000", 1000),
        ("-7", -7),
        ("2.0", 2.0),
        ("1,5", "1,5"),
        ("twelve", "twelve"),
        ("", ""),
        ("-", "-"),
        (".", "."),
    ],
)
def test_number_is_read_or_left_as_it_was_typed(typed: str, value: Any) -> None:
    read = forms.read_typed(NUMBER, typed)

    assert (read, type(read)) == (value, type(value))


def test_words_and_choices_are_left_as_they_are() -> None:
    assert forms.read_typed(TEXT, " 1,000 ") == " 1,000 "


@pytest.mark.parametrize(
    ("limits", "korean", "english"),
    [
        (
            {"min": 1, "max": 9},
            "1에서 9 사이의 숫자를 적어 주세요.",
            "Please write a number from 1 to 9.",
        ),
        ({"min": 1}, "1 이상의 숫자를 적어 주세요.", "Please write a number of at least 1."),
        (
            {"max": 9, "step": 0.5},
            "9 이하의 숫자를 적어 주세요. 0.5 단위로 적어 주세요.",
            "Please write a number of at most 9. In steps of 0.5.",
        ),
        (
            {},
            "숫자로 적어 주세요. 예: 12, 3.5",
            "Please write a number, for example 12 or 3.5.",
        ),
    ],
)
def test_advice_on_numbers_names_the_limits(
    limits: dict[str, Any], korean: str, english: str
) -> None:
    question = check_question({"type": "number", "text": "How many?", **limits})

    with override("ko"):
        assert forms.advise(question) == korean
    with override("en"):
        assert forms.advise(question) == english


def test_thanks_count_in_both_languages() -> None:
    with override("en"):
        assert [forms.thank(n) for n in (0, 1, 2)] == [
            "",
            "You have answered 1 task.",
            "You have answered 2 tasks.",
        ]
    with override("ko"):
        assert forms.thank(2) == "지금까지 2개에 답했어요."
