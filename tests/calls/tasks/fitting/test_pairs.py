from __future__ import annotations

import numpy as np
import pytest

from dure.calls.tasks.fitting.pairs import fit_pairs
from dure.calls.tasks.fitting.parts import Counted
from dure.truth import Before, explain_pair
from dure.truth.coding_order import SIDE_OF_WORD

ITEMS = {"t1": ("a", "b"), "t2": ("c", "b"), "t3": ("a", "c"), "unanswered": ("a", "z")}
ROWS = [
    ("t1", "v", "left"),
    ("t1", "w", "left"),
    ("t2", "v", "right"),
    ("t2", "w", "right"),
    ("t3", "x", "left"),
]


def test_task_with_one_item_on_both_sides_does_not_stop_the_others():
    whole = _counted(gold={})
    alike = Counted(
        [*whole.tasks, "t4"], [*whole.workers, "v"], [*whole.values, "left"],
        gold={"t4": "left"}, items={**whole.items, "t4": ("a", "a")},
    )  # fmt: skip

    with_it, without = (fit_pairs({"type": "pair"}, one) for one in (alike, whole))
    assert with_it.digest() == without.digest()


def test_verdicts_are_chances_that_an_item_is_more_and_known_ones_certain():
    fit = fit_pairs({"type": "pair"}, _counted(gold={"t2": "right", "unanswered": "left"}))

    chances = np.array(fit.posteriors).reshape(3, 3)
    assert (fit.tasks, fit.classes) == (["t1", "t2", "t3"], ["left", "right", "same"])
    assert fit.labels == ["left", "right", "left"]
    assert fit.probabilities == chances.max(axis=1).tolist()
    assert chances[1].tolist() == [0, 1, 0]
    assert 0.5 < chances[0, 0] < 1
    assert fit.answers == [2, 2, 1]
    assert [one.item for one in fit.ranking] == ["a", "b", "c"]
    assert [one.rank for one in fit.ranking] == [1, 2, 3]
    assert (fit.learned.shared["kind"], fit.learned.workers) == ("pair", ("v", "w", "x"))


def test_what_is_kept_explains_a_verdict_without_a_fit():
    fit = fit_pairs({"type": "pair"}, _counted())

    at = fit.tasks.index("t1")
    kept = fit.values[at]
    found = explain_pair(
        Before(kept["left"], kept["right"], kept["variance"]),
        fit.learned.concentrations[[0, 1]],
        np.array([SIDE_OF_WORD["left"]] * 2, np.int32),
        same_within=fit.learned.shared["same_within"],
        knows_ties=fit.learned.shared["knows_ties"],
    )

    assert found.chance.tolist() == pytest.approx(fit.posteriors[3 * at : 3 * at + 3], abs=1e-7)


def test_the_order_of_rows_changes_nothing():
    assert fit_pairs({}, _counted()).digest() == fit_pairs({}, _counted(ROWS[::-1])).digest()


def _counted(rows=ROWS, gold=()):
    tasks, workers, values = (list(column) for column in zip(*rows, strict=True))
    return Counted(tasks, workers, values, dict(gold), items=ITEMS)
