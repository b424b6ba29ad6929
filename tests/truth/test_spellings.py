from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.truth import spellings
from dure.truth.spellings import (
    LETTERS_COMPARED_MAX,
    N_CENTRES_MAX,
    best_spelling,
    few_enough,
    gather,
    style_of,
    supports,
)


@given(
    counts=st.dictionaries(
        st.sampled_from(["house", "huose", "mouse", "houses", "hous", "서울특별시", "서울 특별시"]),
        st.integers(1, 5),
        min_size=1,
    ),
    seed=st.integers(0, 99),
)
def test_order_makes_no_difference_and_every_form_has_one_text(counts, seed):
    mixed = list(counts.items())
    random.Random(seed).shuffle(mixed)

    found = gather(counts, nearness=0.25)

    assert gather(dict(mixed), nearness=0.25) == found
    assert sorted(form for text in found for form in text) == sorted(counts)


def test_slip_that_many_make_is_meant():
    assert gather({"smith": 3, "smyth": 2}, nearness=0.2) == [["smith"], ["smyth"]]
    assert gather({"smith": 8, "smyth": 2}, nearness=0.2) == [["smith", "smyth"]]


def test_two_short_texts_of_one_answer_each_stay_apart_but_long_ones_join():
    long, slipped = "a rather long line of words", "a rather long lien of words"

    assert gather({"smith": 1, "smyth": 1}, nearness=0.2) == [["smith"], ["smyth"]]
    assert gather({long: 1, slipped: 1}, nearness=0.2) == [[slipped, long]]


def test_known_word_draws_slips_and_is_none():
    found = gather({"house": 1, "huose": 1, "mouse": 1}, nearness=0.2, known={"house", "mouse"})

    assert found == [["house", "huose"], ["mouse"]]


def test_known_word_in_the_place_of_another_is_no_slip():
    counts = {"the big horse here": 3, "the big house here": 1}

    assert len(gather(counts, nearness=0.2)) == 1
    assert len(gather(counts, nearness=0.2, known={"horse", "house"})) == 2


def test_known_text_is_first_even_if_nobody_gave_it():
    found = gather({"seventeen": 1, "eleven": 4}, nearness=0.2, right="sevemteen")

    assert found == [["sevemteen", "seventeen"], ["eleven"]]


def test_support_counts_spaces_together():
    counts = {"서울시청": 2, "서울 시청": 1, "서울시천": 1}

    assert supports(list(counts), counts, {"서울시청"}) == [4.0, 1.0]


@pytest.mark.parametrize(
    ("texts", "weights", "best"),
    [
        (["house", "huose", "house"], [0.5, 0.9, 0.5], "house"),
        (["house", "huose"], [0.5, 0.9], "huose"),
        (["House", "house", "house"], [0.9, 0.5, 0.5], "house"),
        (["서울 시청", "서울시청", "서울시천"], [0.5, 0.5, 0.9], "서울 시청"),
        (["abcdef", "abcxef", "abydef"], [0.5, 0.5, 0.5], "abcdef"),
    ],
)
def test_most_frequent_then_most_reliable_then_most_central_spelling_is_best(texts, weights, best):
    assert best_spelling(texts, weights) == best


def test_style_of_the_crowd_decides_between_equal_spellings():
    styles = {"title": 0.8, "lower": 0.2}

    assert best_spelling(["seoul", "Seoul"], [0.9, 0.5], styles=styles) == "Seoul"
    assert best_spelling(["seoul", "seoul", "Seoul"], [0.9, 0.5, 0.5], styles=styles) == "seoul"


@pytest.mark.parametrize(
    ("text", "style"),
    [("ab c", "lower"), ("AB", "upper"), ("Ab Cd", "title"), ("aB.", "mixed, loose ends"),
     ("한글", "mixed"), ("", "mixed, loose ends")],
)  # fmt: skip
def test_styles(text, style):
    assert style_of(text) == style


def test_the_longer_texts_are_the_fewer_are_compared(monkeypatch):
    rng = random.Random(7)
    long = ["".join(rng.choices("abcdefgh", k=4000)) for _ in range(30)]
    sizes = []

    def apart(one, other, *, nearness):
        sizes.append(max(len(one.letters), len(other.letters)))
        return float("inf")

    def count_errors(one, other, *, most):
        sizes.append(max(len(one), len(other)))
        return 1

    monkeypatch.setattr(spellings, "apart", apart)
    monkeypatch.setattr(spellings, "count_errors", count_errors)

    assert len(gather(dict.fromkeys(long, 1), nearness=0.2)) == len(long)
    assert best_spelling(long, [1.0] * len(long)) in long
    assert 0 < sum(sizes) <= 2 * len(long) * LETTERS_COMPARED_MAX
    assert few_enough(N_CENTRES_MAX, "short") == N_CENTRES_MAX
    assert few_enough(N_CENTRES_MAX, "a" * 10**6) == 1
