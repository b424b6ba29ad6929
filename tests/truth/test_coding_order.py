from __future__ import annotations

import pytest

from dure.truth import BadAnswers, code_pairs, code_rankings
from tests.truth.order_laws import bits

ITEMS = {"t": ("b", "a"), "u": ("a", "c"), "v": ("c", "d")}


def test_pairs_are_coded_alike_in_any_order_of_rows():
    rows = [("u", "x", "same"), ("t", "x", "left"), ("t", "w", "right")]

    coded = code_pairs(*zip(*rows, strict=True), items=ITEMS, gold={"t": "left", "z": "same"})
    other = code_pairs(*zip(*rows[::-1], strict=True), items=ITEMS, gold={"t": "left"})

    assert bits(coded.comparisons) == bits(other.comparisons)
    assert (coded.tasks, coded.items, coded.workers) == (
        ("t", "u", "v"), ("a", "b", "c", "d"), ("w", "x"),
    )  # fmt: skip
    assert coded.comparisons.left_of_answer.tolist() == [1, 1, 0]
    assert coded.comparisons.right_of_answer.tolist() == [0, 0, 2]
    assert coded.comparisons.side_of_answer.tolist() == [1, 0, 2]
    assert coded.row_of_answer.tolist() == [2, 1, 0]
    assert coded.gold.side_of_answer.tolist() == [0]


def test_rankings_are_coded_alike_in_any_order_of_rows():
    rows = [("u", "x", ["c", "a"]), ("t", "x", ["b"]), ("t", "w", ["a", "b"])]

    coded = code_rankings(*zip(*rows, strict=True), items=["d"], gold={"t": ["b", "a"]})
    other = code_rankings(*zip(*rows[::-1], strict=True), items=["d"])

    assert bits(coded.rankings) == bits(other.rankings)
    assert coded.items == ("a", "b", "c", "d")
    assert coded.rankings.starts.tolist() == [0, 2, 3, 5]
    assert coded.rankings.item_of_place.tolist() == [0, 1, 1, 2, 0]
    assert coded.gold.item_of_place.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (
            lambda: code_pairs(["t"], ["w"], ["a"], items=ITEMS),
            "Expected each side to be one of 'left', 'right', 'same'; got 'a' in row 0.",
        ),
        (
            lambda: code_pairs(["t"], ["w"], ["left"], items={"t": ("a",)}),
            "Expected two items for task 't', got 1; name its left and its right.",
        ),
        (
            lambda: code_rankings(["t"], ["w"], [["a", "a"]]),
            "Expected each item once in an answer, got 'a' twice in row 0; leave the answer out.",
        ),
    ],
)
def test_answers_that_cannot_be_are_refused(code, sentence):
    with pytest.raises(BadAnswers) as refusal:
        code()

    assert str(refusal.value) == sentence
