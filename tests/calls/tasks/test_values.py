"""What may be answered, and the sentence for what may not."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dure.calls.tasks.questions import check_question
from dure.calls.tasks.values import BadValue, Given, check_prediction, read_value

CHOICE = check_question({"type": "choice", "text": "Which?", "options": ["a", "b"]})
NUMBER = check_question({"type": "number", "text": "How much?", "min": 0, "max": 10, "step": 0.5})
TEXT = check_question({"type": "text", "text": "What?", "max": 5})
MULTI = check_question({"type": "multi", "text": "Which?", "options": list("abc"), "max": 2})
PAIR = check_question({"type": "pair", "text": "Which is nicer?"})
RANK = check_question({"type": "rank", "text": "In which order?"})
RANK_OPTIONS = check_question({"type": "rank", "text": "Order?", "options": ["x", "y"]})
BOX = check_question({"type": "box", "text": "Where?"})
LABELLED = check_question({"type": "box", "text": "Where?", "options": ["cat", "dog"]})
EVERY = [CHOICE, NUMBER, TEXT, MULTI, PAIR, RANK, RANK_OPTIONS, BOX, LABELLED]
WHOLE = {"x": 0, "y": 0, "w": 1, "h": 1}


@pytest.mark.parametrize("question", EVERY)
def test_null_is_a_skip_of_any_question(question: dict[str, Any]) -> None:
    assert read_value(question, None) == Given(value=None, text=None, is_skip=True)


@pytest.mark.parametrize(
    ("question", "value", "expected"),
    [
        (CHOICE, "b", Given("b", None, is_skip=False)),
        (NUMBER, 7.5, Given(7.5, None, is_skip=False)),
        (NUMBER, 0, Given(0, None, is_skip=False)),
        (TEXT, " 두레 ", Given(None, "두레", is_skip=False)),
        (MULTI, ["c", "a"], Given(["a", "c"], None, is_skip=False)),
        (MULTI, [], Given([], None, is_skip=False)),
        (PAIR, "same", Given("same", None, is_skip=False)),
        (RANK, ["b", "a"], Given(["b", "a"], None, is_skip=False)),
        (RANK_OPTIONS, ["y"], Given(["y"], None, is_skip=False)),
        (BOX, [], Given([], None, is_skip=False)),
        (BOX, [WHOLE], Given([WHOLE], None, is_skip=False)),
        (
            BOX,
            [{"x": -1e-7, "y": 0.123456789, "w": 0.5, "h": 0.5}],
            Given([{"x": 0.0, "y": 0.12346, "w": 0.5, "h": 0.5}], None, is_skip=False),
        ),
        (
            LABELLED,
            [{**WHOLE, "label": "cat"}],
            Given([{**WHOLE, "label": "cat"}], None, is_skip=False),
        ),
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
        (
            check_question({"type": "number", "text": "?"}),
            -1e151,
            "Expected a number from -1e+150 to 1e+150; got -1e+151.",
        ),
        (TEXT, "", "Expected a text of 1 to 5 letters; got 0."),
        (TEXT, "toolong", "Expected a text of 1 to 5 letters; got 7."),
        (TEXT, "a\0b", "The text has a sign that can't be stored (NUL); leave it out."),
        (TEXT, 5, "Expected a text; got 5."),
        (MULTI, ["d"], "Expected any of 'a', 'b' or 'c'; got 'd'."),
        (MULTI, ["a", "a"], "'a' is there twice; give each once."),
        (MULTI, ["a", "b", "c"], "Expected 0 to 2 of the options; got 3."),
        (MULTI, "a", "Expected a list of texts; got 'a'."),
        (PAIR, "both", "Expected 'left', 'right' or 'same'; got 'both'."),
        (RANK, [], "Expected a list of items, the first one first; got an empty one."),
        (RANK, ["a", "a"], "'a' is there twice; give each once."),
        (RANK_OPTIONS, ["z"], "Expected any of 'x' or 'y'; got 'z'."),
        (BOX, {}, "Expected a list of at most 100 boxes; got {}."),
        (BOX, [{"x": 0}], "A box has x, y, w, h and perhaps a label; got {'x': 0}."),
        (
            BOX,
            [{**WHOLE, "x": "0"}],
            (
                "The sides of a box are fractions of the picture; got "
                "{'x': '0', 'y': 0, 'w': 1, 'h': 1}."
            ),
        ),
        (
            BOX,
            [{**WHOLE, "x": 0.5}],
            ("A box lies inside the picture, from 0 to 1; got {'x': 0.5, 'y': 0, 'w': 1, 'h': 1}."),
        ),
        (
            BOX,
            [{**WHOLE, "w": 0}],
            "A box lies inside the picture, from 0 to 1; got {'x': 0, 'y': 0, 'w': 0, 'h': 1}.",
        ),
        (
            BOX,
            [{**WHOLE, "label": "cat"}],
            "The boxes of this question have no label; leave it out.",
        ),
        (LABELLED, [WHOLE], "A box's label is 'cat' or 'dog'; got None."),
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
    [
        (CHOICE, {"c": 0.5}),
        (CHOICE, {"a": 2}),
        (CHOICE, {}),
        (NUMBER, "3"),
        (NUMBER, 1e151),
        (TEXT, "x"),
    ],
)
def test_prediction_that_fits_no_question_is_refused(
    question: dict[str, Any], prediction: object
) -> None:
    with pytest.raises(BadValue):
        check_prediction(question, prediction)


def test_ranking_names_only_the_items_that_a_task_has() -> None:
    assert read_value(RANK, ["b"], items=["a", "b"]).value == ["b"]
    with pytest.raises(BadValue) as refusal:
        read_value(RANK, ["c"], items=["a", "b"])

    assert refusal.value.sentence == "Expected any of 'a' or 'b'; got 'c'."


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["x", "y", "w", "h", "label"]) | st.text(), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(question=st.sampled_from(EVERY), value=ANYTHING)
def test_anything_is_read_or_refused_with_a_sentence(question: dict[str, Any], value: Any) -> None:
    try:
        given_value = read_value(question, value)
    except BadValue as refusal:
        sentence = refusal.sentence
    else:
        sentence = "."
        assert given_value.is_skip == (value is None)
    assert sentence.endswith((".", "it out."))
