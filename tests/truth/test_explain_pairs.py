from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from dure.truth import (
    LEFT,
    RIGHT,
    BadAnswers,
    Before,
    before_votes,
    code_pairs,
    explain_pair,
    infer_pairs,
    order_of,
)
from tests.truth.order_laws import simulated_pairs


@pytest.mark.parametrize("tie", [-0.5, 1.0])
def test_weights_sum_to_the_verdict_of_the_fit(tie):
    votes, _ = simulated_pairs(n_items=10, n_workers=8, n_votes=200, seed=2, tie=tie)
    two = np.stack([votes.left_of_answer, votes.right_of_answer], axis=1)
    asked, task = np.unique(two, axis=0, return_inverse=True)
    left, right = asked.T
    ranking = infer_pairs(votes)
    habits = ranking.habits

    before = before_votes(
        ranking, votes, task_of_answer=task.ravel(), left_of_task=left, right_of_task=right
    )

    chance = order_of(ranking, left, right)
    for at in range(0, len(left), 7):
        rows = np.flatnonzero(task.ravel() == at)
        found = explain_pair(
            Before(*(float(one[at]) for one in before)),
            habits.workers[votes.worker_of_answer[rows]],
            votes.side_of_answer[rows],
            same_within=habits.same_within,
        )
        np.testing.assert_allclose(found.chance, chance[at], atol=1e-7)
        whole = found.prior + found.left + found.right + found.weight_of_answer.sum()
        assert whole == pytest.approx(found.log_odds, abs=1e-9)
        odds = np.log(chance[at, found.label]) - np.log(chance[at, found.runner_up])
        assert found.log_odds == pytest.approx(odds, abs=1e-5)


def test_votes_weigh_for_their_side_and_better_workers_more():
    workers = np.array([[2, 0, 0, 0.1, 0.1, 0.1], [1, 0, 0, 0.1, 0.1, 0.1]] * 2, float)
    sides = np.array([LEFT, LEFT, RIGHT, LEFT], np.int32)

    found = explain_pair(Before(0.4, -0.3, 1.0), workers, sides, knows_ties=False)

    weight = found.weight_of_answer
    assert (found.label, found.runner_up) == (LEFT, RIGHT)
    assert weight[0] > weight[1] > 0 > weight[2]
    assert weight[1] == pytest.approx(weight[3])
    assert found.left > 0
    assert found.right > 0


def test_two_items_that_nobody_compared_are_even():
    found = explain_pair(Before(0, 0, 2.0), np.empty((0, 6)), np.empty(0, np.int32))

    assert found.log_odds == pytest.approx(0)
    np.testing.assert_allclose(found.chance, [0.5, 0.5, 0])


def test_rows_that_do_not_fit_are_refused():
    with pytest.raises(BadAnswers) as refusal:
        explain_pair(Before(0, 0, 1.0), np.empty((0, 6)), np.array([LEFT], np.int32))

    assert str(refusal.value) == (
        "Expected a row of 6 for each of 1 votes, got an array of shape (0, 6); "
        "give each vote its worker's row."
    )


def test_explaining_needs_no_compiled_code():
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            (
                "import dure.truth.explain_pairs, dure.truth.explain_rankings, sys; "
                "print('numba' in sys.modules)"
            ),
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "False\n"


def test_votes_of_another_task_on_the_same_two_count_as_other_comparisons():
    coded = code_pairs(
        ["t", "t", "u"], ["v", "w", "v"], ["left", "left", "right"],
        items={"t": ("a", "b"), "u": ("b", "a")},
    )  # fmt: skip
    ranking = infer_pairs(coded.comparisons)

    left, right, _ = before_votes(
        ranking,
        coded.comparisons,
        task_of_answer=coded.task_of_answer,
        left_of_task=coded.left_of_task,
        right_of_task=coded.right_of_task,
    )

    assert left[0] > right[0]
