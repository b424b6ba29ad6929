"""What may be asked and answered, and the sentence for what may not."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dure.calls.tasks.questions import BadValue, Given, check_prediction, check_question, read_value
from dure.errors import Invalid

CHOICE = check_question({"type": "choice", "text": "Which?", "options": ["a", "b"]})
NUMBER = check_question({"type": "number", "text": "How much?", "min": 0, "max": 10, "step": 0.5})
TEXT = check_question({"type": "text", "text": "What?", "max": 5})


def test_question_is_kept_with_its_defaults() -> None:
    assert CHOICE == {
        "type": "choice",
        "text": "Which?",
        "predict": False,
        "options": [{"value": "a", "label": "a"}, {"value": "b", "label": "b"}],
    }
    assert NUMBER == {
        "type": "number",
        "text": "How much?",
        "predict": False,
        "min": 0,
        "max": 10,
        "step": 0.5,
        "unit": "",
    }
    assert TEXT == {"type": "text", "text": "What?", "predict": False, "min": 1, "max": 5}


def test_texts_may_be_keyed_by_language() -> None:
    words = {"ko": "어느 쪽인가요?", "en": "Which one?"}

    question = check_question({"type": "choice", "text": words, "options": ["a", "b"]})

    assert question["text"] == words


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"type": "essay"}, "A question's type is 'choice', 'number' or 'text'; got 'essay'."),
        (
            {"type": "rank"},
            "Questions of type 'rank' are not available yet; use 'choice', 'number' or 'text'.",
        ),
        ({"text": " "}, "question.text should not be empty."),
        ({"options": ["a"]}, "A choice needs 2 to 1000 options in question.options."),
        (
            {"options": ["a", "a"]},
            "The option 'a' is there twice; each value must differ.",
        ),
        (
            {"options": ["a", " b"]},
            "An option's value has no space around it and no control sign: ' b'.",
        ),
        ({"predict": "yes"}, "question.predict is true or false; got 'yes'."),
        (
            {"colour": 1},
            (
                "The question has a field 'colour'; known fields are type, text, options, min,"
                " max, step, unit, predict."
            ),
        ),
    ],
)
def test_question_that_cannot_be_asked_is_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_question({"type": "choice", "text": "Which?", "options": ["a", "b"], **change})

    assert refusal.value.sentence == sentence


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"min": 3, "max": 3}, "question.min should be below question.max; got 3 and 3."),
        ({"step": 0}, "question.step should be above 0; got 0."),
        ({"min": True}, "question.min should be a number; got True."),
        ({"max": math.inf}, "question.max should be a number; got inf."),
        ({"unit": "x" * 21}, "question.unit should have at most 20 letters; got 21."),
    ],
)
def test_limits_of_a_number_that_make_no_sense_are_refused(
    limits: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        check_question({"type": "number", "text": "How much?", **limits})

    assert refusal.value.sentence == sentence


@pytest.mark.parametrize("question", [CHOICE, NUMBER, TEXT])
def test_null_is_a_skip_of_any_question(question: dict[str, Any]) -> None:
    assert read_value(question, None) == Given(value=None, text=None, is_skip=True)


@pytest.mark.parametrize(
    ("question", "value", "expected"),
    [
        (CHOICE, "b", Given("b", None, is_skip=False)),
        (NUMBER, 7.5, Given(7.5, None, is_skip=False)),
        (NUMBER, 0, Given(0, None, is_skip=False)),
        (TEXT, " 두레 ", Given(None, "두레", is_skip=False)),
    ],
)
def test_words_are_kept_apart_from_codes(
    question: dict[str, Any], value: object, expected: Given
) -> None:
    assert read_value(question, value) == expected


@pytest.mark.parametrize(
    ("question", "value", "sentence"),
    [
        (CHOICE, "c", "Expected 'a' or 'b'; got 'c'."),
        (CHOICE, ["a"], "Expected 'a' or 'b'; got ['a']."),
        (NUMBER, "7", "Expected a number; got '7'."),
        (NUMBER, True, "Expected a number; got True."),
        (NUMBER, 11, "Expected a number from 0 to 10; got 11."),
        (NUMBER, 0.3, "Expected a number in steps of 0.5 from 0; got 0.3."),
        (NUMBER, math.nan, "Expected a number; got nan."),
        (TEXT, "", "Expected a text of 1 to 5 letters; got 0."),
        (TEXT, "toolong", "Expected a text of 1 to 5 letters; got 7."),
        (TEXT, "a\0b", "The text has a sign that can't be stored (NUL); leave it out."),
        (TEXT, 5, "Expected a text; got 5."),
    ],
)
def test_value_that_is_no_answer_is_refused_with_what_was_expected(
    question: dict[str, Any], value: object, sentence: str
) -> None:
    with pytest.raises(BadValue) as refusal:
        read_value(question, value)

    assert refusal.value.sentence == sentence


@pytest.mark.parametrize(
    ("question", "prediction"),
    [(CHOICE, {"a": 0.7, "b": 0.3}), (CHOICE, {"a": 1}), (NUMBER, 3.25), (TEXT, None)],
)
def test_prediction_of_the_others_is_kept(question: dict[str, Any], prediction: object) -> None:
    assert check_prediction(question, prediction) == prediction


@pytest.mark.parametrize(
    ("question", "prediction"),
    [(CHOICE, {"c": 0.5}), (CHOICE, {"a": 2}), (CHOICE, {}), (NUMBER, "3"), (TEXT, "x")],
)
def test_prediction_that_fits_no_question_is_refused(
    question: dict[str, Any], prediction: object
) -> None:
    with pytest.raises(BadValue):
        check_prediction(question, prediction)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(question=st.sampled_from([CHOICE, NUMBER, TEXT]), value=ANYTHING)
def test_anything_is_read_or_refused_with_a_sentence(question: dict[str, Any], value: Any) -> None:
    try:
        given_value = read_value(question, value)
    except BadValue as refusal:
        sentence = refusal.sentence
    else:
        sentence = "."
        assert given_value.is_skip == (value is None)
    assert sentence.endswith((".", "it out."))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(question=ANYTHING | st.fixed_dictionaries({"type": st.just("choice"), "options": ANYTHING}))
def test_any_question_is_kept_or_refused_with_a_sentence(question: Any) -> None:
    try:
        checked = check_question(question)
    except Invalid as refusal:
        checked, sentence = {"type": "text"}, refusal.sentence
    else:
        sentence = "."
    assert sentence.endswith(".")
    assert checked["type"] in ("choice", "number", "text")
