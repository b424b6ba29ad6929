"""Numbers are read as people write them; advice says what a good answer looks like."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.utils.translation import override

from dure.calls.tasks.questions import check_question
from dure.doors.phone import forms

NUMBER = check_question({"type": "number", "text": "How many?"})
TEXT = check_question({"type": "text", "text": "What?", "max": 9})
MULTI = check_question({"type": "multi", "text": "Which?", "options": list("abc")})
RANK = check_question({"type": "rank", "text": "In which order?"})
BOX = check_question({"type": "box", "text": "Where?"})
GUESSED = check_question(
    {"type": "choice", "text": "Which?", "options": ["a", "b"], "predict": True}
)


def sent(**fields: list[str]) -> QueryDict:
    return QueryDict(urlencode(fields, doseq=True))


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
    read = forms.read_form(NUMBER, sent(value=[typed]))

    assert (read, type(read)) == (value, type(value))


def test_words_and_choices_are_left_as_they_are() -> None:
    assert forms.read_form(TEXT, sent(value=[" 1,000 "])) == " 1,000 "


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


@pytest.mark.parametrize(
    ("question", "fields", "value"),
    [
        (MULTI, {"value": ["a", "c"]}, ["a", "c"]),
        (MULTI, {}, []),
        (RANK, {"item": ["x", "y", "z"], "place": ["2", "1", ""]}, ["y", "x"]),
        (RANK, {"item": ["x", "y"], "place": ["1", "1"]}, "one place given twice"),
        (RANK, {"item": ["x"], "place": ["²"]}, "places that are no numbers"),
        (RANK, {"item": ["x"], "place": ["9" * 5000]}, "places that are no numbers"),
        (BOX, {"nothing": ["1"]}, []),
        (
            BOX,
            {"x": ["10"], "y": ["20.5"], "w": ["30"], "h": ["40"]},
            [{"x": 0.1, "y": 0.205, "w": 0.3, "h": 0.4}],
        ),
        (BOX, {"x": ["a"]}, [{"x": "a", "y": "", "w": "", "h": ""}]),
    ],
)
def test_fields_of_each_type_become_a_value(
    question: dict[str, Any], fields: dict[str, list[str]], value: Any
) -> None:
    assert forms.read_form(question, sent(**fields)) == value


@pytest.mark.parametrize(
    ("question", "guesses", "prediction"),
    [
        (GUESSED, ["70", "30"], {"a": 0.7, "b": 0.3}),
        (GUESSED, ["", "30"], {"b": 0.3}),
        (GUESSED, ["", ""], None),
        (GUESSED, ["many"], {"a": "many"}),
        (NUMBER, ["1,200"], 1200),
        (NUMBER, [" "], None),
    ],
)
def test_guesses_of_the_others_are_shares_or_a_mean(
    question: dict[str, Any], guesses: list[str], prediction: Any
) -> None:
    assert forms.read_prediction(question, sent(guess=guesses)) == prediction
