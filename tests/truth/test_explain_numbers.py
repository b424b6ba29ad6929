from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dure.truth import (
    BadAnswers,
    Numbers,
    explain_number_answers,
    explain_numbers,
    robust_mean,
)
from tests.truth.laws import random_numbers
from tests.truth.real_sets import load_numbers

SUM = {"rel": 1e-9, "abs": 1e-6}


@settings(max_examples=40, deadline=None, derandomize=True)
@given(random_numbers(), st.sampled_from([(None, None), (-20.0, 30.0)]))
def test_parts_sum_to_the_estimate(numbers, bounds):
    estimates = robust_mean(numbers, low=bounds[0], high=bounds[1])

    for task in np.flatnonzero(estimates.n_answers):
        told = explain_numbers(estimates, numbers, task=int(task))

        total = told.start + told.pull_of_answer.sum() + told.lean + told.bound
        assert total == pytest.approx(told.estimate, **SUM)
        assert told.estimate == pytest.approx(estimates.estimate[task], **SUM)
        assert told.share_of_answer.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["joy", "est_gurcay2015"])
def test_parts_sum_on_either_scale(name):
    coded, _ = load_numbers(name)
    estimates = robust_mean(coded.numbers)

    for task in range(10):
        told = explain_numbers(estimates, coded.numbers, task=task)

        total = told.start + told.pull_of_answer.sum() + told.lean + told.bound
        assert total == pytest.approx(estimates.estimate[task], rel=1e-9)


def test_high_answers_pull_up_and_low_ones_down_and_wild_ones_no_more_than_far_ones():
    values = np.array([8.0, 9.0, 10.0, 11.0, 40.0, 1e9])
    numbers = Numbers(np.zeros(6, np.int32), np.arange(6, dtype=np.int32), values, 1, 6)
    strangers = np.tile([0.0, 1.0], (6, 1))

    told = explain_number_answers(robust_mean(numbers).crowd, strangers, values)

    pulls = told.pull_of_answer
    assert pulls[0] < pulls[1] < pulls[2] < pulls[3] < pulls[4]
    assert pulls[0] < 0 < pulls[4]
    assert pulls[5] < 1.5 * pulls[4]
    assert told.share_of_answer.argmin() == 5


def test_predictions_that_count_are_part_of_the_pulls():
    random = np.random.default_rng(1)
    truth = random.normal(0, 10, 40)
    tasks, workers = np.divmod(np.arange(240, dtype=np.int32), np.int32(6))
    numbers = Numbers(tasks, workers, 0.6 * truth[tasks] + random.normal(0, 2, 240), 40, 6)
    predictions = 0.2 * truth[tasks]
    gold = np.where(np.arange(40) < 20, truth, np.nan)
    estimates = robust_mean(numbers, gold_value=gold, predictions=predictions)

    told = explain_numbers(estimates, numbers, task=30, predictions=predictions)

    assert estimates.crowd.pivot == 1.0
    assert told.estimate == pytest.approx(estimates.estimate[30])
    assert told.start + told.pull_of_answer.sum() + told.lean == pytest.approx(told.estimate)


def test_nothing_to_explain_is_refused():
    numbers = Numbers(*[np.zeros(1, np.int32)] * 2, np.ones(1), 2, 1)
    estimates = robust_mean(numbers)

    with pytest.raises(BadAnswers, match=r"^Expected a task from 0 to 1, got 2\.$"):
        explain_numbers(estimates, numbers, task=2)
    with pytest.raises(BadAnswers, match=r"^Expected at least one answer to explain, got none\.$"):
        explain_numbers(estimates, numbers, task=1)


def test_a_newcomer_counts_as_the_crowd_does():
    coded, _ = load_numbers("joy")
    crowd = robust_mean(coded.numbers).crowd
    newcomers = np.tile([crowd.bias, 1.0], (3, 1))

    told = explain_number_answers(crowd, newcomers, np.array([0.0, 20.0, 40.0]))

    np.testing.assert_allclose(told.share_of_answer, 1 / 3)
