"""What may be asked and answered, and the sentence for what may not."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dure.calls.tasks.questions import TYPES, check_question
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
        (
            {"type": "essay"},
            (
                "A question's type is 'choice', 'multi', 'number', 'text', 'pair', 'rank' or 'box';"
                " got 'essay'."
            ),
        ),
        (
            {"type": "multi", "predict": True},
            "A question of type 'multi' takes no prediction; leave predict out.",
        ),
        (
            {"type": "multi", "min": 2, "max": 3},
            "question.min and question.max are how many may be chosen, 0 to 2; got 2 and 3.",
        ),
        (
            {"type": "pair"},
            "A pair has no options: its answers are 'left', 'right' and 'same'.",
        ),
        (
            {"type": "rank", "options": list("abcdefghijklmnopqrstu")},
            "question.options should be a list of 2 to 20 options.",
        ),
        ({"text": " "}, "question.text should not be empty."),
        ({"options": ["a"]}, "question.options should be a list of 2 to 1000 options."),
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


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    question=ANYTHING
    | st.fixed_dictionaries(
        {"type": st.sampled_from(TYPES), "text": st.just("?"), "options": ANYTHING}
    )
)
def test_any_question_is_kept_or_refused_with_a_sentence(question: Any) -> None:
    try:
        checked = check_question(question)
    except Invalid as refusal:
        checked, sentence = {"type": "text"}, refusal.sentence
    else:
        sentence = "."
    assert sentence.endswith(".")
    assert checked["type"] in TYPES


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        (
            {"type": "multi", "options": ["a", "b"]},
            {"options": [{"value": "a", "label": "a"}, {"value": "b", "label": "b"}],
             "min": 0, "max": 2},
        ),
        ({"type": "pair"}, {}),
        ({"type": "rank"}, {}),
        ({"type": "box", "options": ["cat"]}, {"options": [{"value": "cat", "label": "cat"}]}),
    ],
)  # fmt: skip
def test_every_type_is_kept_with_its_own_fields(
    question: dict[str, Any], kept: dict[str, Any]
) -> None:
    common = {"type": question["type"], "text": "Which?", "predict": False}

    assert check_question({"text": "Which?", **question}) == {**common, **kept}
