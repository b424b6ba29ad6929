from __future__ import annotations

import numpy as np
import pytest

from dure.truth import (
    BadAnswers,
    Numbers,
    Outcome,
    code_numbers,
    robust_mean,
    score_numbers,
)
from tests.truth.real_sets import AFFECT, load_numbers

# Pooled over the seven affect sets; the aim is .90.
COVERAGE_WITHIN = 0.03


def test_wild_answer_moves_the_estimate_by_less_than_a_spread():
    calm = robust_mean(_one_task([10, 11, 9, 10, 12]))
    wild = robust_mean(_one_task([10, 11, 9, 10, 1e9]))

    assert 9.5 < calm.estimate[0] < 11
    assert 9 < wild.estimate[0] < 13
    assert wild.high[0] < 100


def test_biased_worker_is_corrected_where_others_can_tell():
    random = np.random.default_rng(1)
    truth = random.normal(50, 20, 80)
    tasks, workers = np.divmod(np.arange(80 * 5, dtype=np.int32), np.int32(5))
    values = truth[tasks] + random.normal(0, 3, 400) + np.where(workers == 0, 12.0, 0.0)
    # Three of the five answer each task, so the biased one counts for a third where present.
    kept = (workers - tasks) % 5 < 3
    numbers = Numbers(tasks[kept], workers[kept], values[kept], 80, 5)

    result = robust_mean(numbers)

    error = np.abs(result.estimate - truth).mean()
    plain = np.bincount(tasks[kept], weights=values[kept]) / result.n_answers
    assert error < 0.95 * np.abs(plain - truth).mean()
    assert result.skill.argmin() == 0


def test_known_values_are_held():
    result = robust_mean(_one_task([10, 11, 9]), gold_value=np.array([20.0]))

    assert (result.estimate[0], result.low[0], result.high[0]) == (20.0, 20.0, 20.0)


def test_one_answer_says_nothing_of_its_spread():
    result = robust_mean(_one_task([5]))

    assert (result.estimate[0], result.low[0], result.high[0]) == (5.0, -np.inf, np.inf)
    assert result.outcome is Outcome.SPREAD_UNKNOWN


def test_full_agreement_leaves_the_smallest_step_as_doubt():
    coded = code_numbers(["a", "a", "b", "b"], ["v", "w", "v", "w"], [3.0, 3.0, 3.5, 3.5])

    result = robust_mean(coded.numbers)

    assert result.low.tolist() == [2.5, 3.0]
    assert result.high.tolist() == [3.5, 4.0]


def test_more_answers_never_hide_a_task_without_any():
    tasks = np.array([0, 0], np.int32)
    numbers = Numbers(tasks, np.array([0, 1], np.int32), np.array([1.0, 2.0]), 2, 3)

    result = robust_mean(numbers)

    assert result.estimate[0] == pytest.approx(1.5)
    assert np.isnan([result.estimate[1], result.low[1], result.high[1], result.skill[2]]).all()


def test_questions_of_very_different_size_keep_their_own_spread():
    random = np.random.default_rng(2)
    tasks, workers = np.divmod(np.arange(4 * 60, dtype=np.int32), np.int32(60))
    scale = np.array([1.0, 10.0, 1e4, 1e7])
    values = scale[tasks] * (5 + random.normal(0, 1, 240))

    result = robust_mean(Numbers(tasks, workers, values, 4, 60))

    assert (np.abs(result.estimate / scale - 5) < 0.5).all()
    assert ((result.high - result.low) / scale < 6).all()


def test_correlation_widens_the_interval_and_leaves_the_estimate():
    numbers = _one_task([1, 2, 3, 4, 7])

    apart, together = (
        robust_mean(numbers, correlation=0.0),
        robust_mean(numbers, correlation=1.0),
    )

    assert apart.estimate[0] == together.estimate[0]
    assert together.high[0] - together.low[0] > 2 * (apart.high[0] - apart.low[0])


def test_options_out_of_range_are_refused():
    with pytest.raises(BadAnswers) as refusal:
        robust_mean(_one_task([1]), correlation=-1.0)

    assert str(refusal.value) == "Expected correlation from 0 to 1, got -1.0."


def test_real_affect_ratings_are_estimated_as_well_as_by_the_mean_and_covered():
    ratios, covered = [], []
    for name in AFFECT:
        coded, truth = load_numbers(name)
        numbers = coded.numbers
        result = robust_mean(numbers)
        score = score_numbers(result.estimate, result.low, result.high, truth)
        total = np.bincount(numbers.task_of_answer, weights=numbers.value_of_answer)
        mean = total / result.n_answers
        ratios.append(score.rmse / np.sqrt(np.mean((mean - truth) ** 2)))
        covered.append(score.coverage)

    assert np.mean(ratios) <= 1.0
    assert abs(np.mean(covered) - 0.9) <= COVERAGE_WITHIN


def _one_task(values):
    n_workers = len(values)
    workers = np.arange(n_workers, dtype=np.int32)
    return Numbers(np.zeros_like(workers), workers, np.array(values, np.float64), 1, n_workers)
