from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.truth import normalise
from dure.truth.similarity import apart, count_errors, take_apart

LETTERS = st.text("abc", max_size=9)
MANY = 100


@given(one=LETTERS, other=LETTERS, most=st.integers(0, 9))
def test_errors_are_counted_as_the_table_says(one, other, most):
    counted = count_errors(one, other, most=most)

    assert min(counted, most + 1) == min(_table(one, other), most + 1)


def test_long_texts_are_counted_too():
    one = "abcdefghij" * 30

    assert count_errors(one, f"x{one[:100]}{one[101:]}yz", most=MANY) == 4


@pytest.mark.parametrize(
    ("one", "other", "n_errors", "length"),
    [
        ("house", "huose", 1, 5),
        ("i like cats", "i lkie cats", 1, 11),
        ("ice cream", "icecream", 1, 9),
        ("서울특별시", "서울 특별시", 0, 14),
        ("대한민국", "데한민국", 1, 11),
        ("먹어요", "머거요", 1, 7),
        ("3년 전", "3년전", 0, 7),
        ("나는 학교에 갔다", "나는 학교에 같다", 1, 17),
    ],
)
def test_slips_lie_near(one, other, n_errors, length):
    found = apart(*(take_apart(normalise(text)) for text in (one, other)), nearness=0.2)

    assert found == pytest.approx(n_errors / length)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a1", "a2"),
        ("invoice 2019", "invoice 2020"),
        ("serial number ab12cd", "serial number ab12ce"),
        ("1 2번", "12번"),
        ("cats", "bats"),
        ("사과", "사고"),
        ("north korea", "south korea"),
        ("possible", "impossible"),
        ("do not go there right now", "do go there right now"),
        ("the cat sat down again", "the car sat down again"),
        ("우리 동네 도서관 앞", "우리 동네 박물관 앞"),
    ],
)
def test_what_means_something_else_never_lies_near(one, other):
    found = apart(*(take_apart(normalise(text)) for text in (one, other)), nearness=0.2)

    assert found == inf


@given(one=st.text(max_size=12), other=st.text(max_size=12))
def test_distance_is_the_same_both_ways(one, other):
    first, second = (take_apart(normalise(text)) for text in (one, other))

    assert apart(first, second, nearness=0.3) == apart(second, first, nearness=0.3)


def _table(one, other):
    """The plain recurrence, with neighbours swapped as one error."""
    costs = [[i + j if 0 in (i, j) else 0 for j in range(len(other) + 1)]
             for i in range(len(one) + 1)]  # fmt: skip
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            costs[i][j] = min(
                costs[i - 1][j] + 1,
                costs[i][j - 1] + 1,
                costs[i - 1][j - 1] + (one[i - 1] != other[j - 1]),
            )
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                costs[i][j] = min(costs[i][j], costs[i - 2][j - 2] + 1)
    return costs[-1][-1]
