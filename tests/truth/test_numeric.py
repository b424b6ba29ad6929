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
from dure.truth._spread import medians
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


def test_quantities_err_by_factors_and_are_lifted():
    random = np.random.default_rng(5)
    truth = np.exp(random.normal(5, 2, 60))
    # As people do: too low by almost half a spread.
    numbers = _crowd(truth, lambda true, n: true * np.exp(random.normal(-0.4, 1.0, n)), n_each=40)

    result = robust_mean(numbers)

    assert result.scale == "log"
    mean = np.bincount(numbers.task_of_answer, weights=numbers.value_of_answer) / 40
    middle = medians(numbers.task_of_answer, numbers.value_of_answer, 60)
    ours, *usual = (np.abs(np.log(one / truth)).mean() for one in (result.estimate, mean, middle))
    assert ours < 0.85 * min(usual)
    assert (result.low > 0).all()


def test_amounts_stay_on_the_plain_scale():
    random = np.random.default_rng(6)
    truth = random.uniform(1, 60, 60)
    amounts = _crowd(truth, lambda true, n: np.abs(true + random.normal(0, 3, n)))
    ratings = _crowd(truth, lambda true, n: random.integers(1, 11, n).astype(float))

    assert robust_mean(amounts).scale == robust_mean(ratings).scale == "plain"


def test_answers_beyond_the_bounds_count_as_the_bound():
    wild = _one_task([10, 11, 9, 10, 1e9])
    cut = _one_task([10, 11, 9, 10, 20])

    assert robust_mean(wild, high=20.0).estimate == robust_mean(cut, high=20.0).estimate


def test_scale_with_ends_is_estimated_as_well_as_by_the_mean_where_answers_pile_up():
    random = np.random.default_rng(7)
    truth = random.uniform(0, 40, 100)

    def rate(true, n):
        return np.where(random.random(n) < true / 60, random.uniform(20, 100, n), 0.0)

    numbers = _crowd(truth, rate)
    mean = np.bincount(numbers.task_of_answer, weights=numbers.value_of_answer) / 10

    result = robust_mean(numbers, low=0.0, high=100.0)

    assert result.crowd.unit > 0
    assert np.abs(result.estimate - mean).mean() < 2.0


def test_bounds_that_nobody_comes_near_change_nothing():
    random = np.random.default_rng(8)
    numbers = _crowd(random.uniform(10, 50, 30), lambda true, n: true + random.normal(0, 3, n))

    near, far = robust_mean(numbers), robust_mean(numbers, low=-1e6, high=1e6)

    assert (near.estimate == far.estimate).all()


def test_known_values_tell_what_all_get_wrong_and_how_surely():
    random = np.random.default_rng(9)
    truth = random.normal(50, 20, 100)
    numbers = _crowd(truth, lambda true, n: true + 8 + random.normal(0, 5, n))
    gold = np.where(np.arange(100) < 40, truth, np.nan)

    alone, told = robust_mean(numbers), robust_mean(numbers, gold_value=gold)

    rest = np.isnan(gold)
    alone_error, told_error = (np.abs(one.estimate - truth)[rest].mean() for one in (alone, told))
    assert told_error < 0.5 * alone_error
    assert ((told.low <= truth) & (truth <= told.high))[rest].mean() > 0.8
    # Nothing is wrong with single tasks, so their answers err alone.
    assert told.crowd.correlation < alone.crowd.correlation


def test_predictions_move_estimates_only_where_known_values_show_that_they_help():
    random = np.random.default_rng(10)
    truth = random.normal(0, 10, 80)
    numbers = _crowd(truth, lambda true, n: 0.6 * true + random.normal(0, 2, n))
    # All see part of the truth, and expect the others to see less.
    helpful = (0.2 * truth)[numbers.task_of_answer]
    harmful = (0.9 * truth)[numbers.task_of_answer]
    gold = np.where(np.arange(80) < 30, truth, np.nan)

    untold = robust_mean(numbers, predictions=helpful)
    told = robust_mean(numbers, predictions=helpful, gold_value=gold)
    misled = robust_mean(numbers, predictions=harmful, gold_value=gold)

    assert (untold.estimate == robust_mean(numbers).estimate).all()
    assert (untold.crowd.pivot, told.crowd.pivot, misled.crowd.pivot) == (0.0, 1.0, 0.0)
    rest = np.isnan(gold)
    errors = [np.abs(one - truth)[rest].mean() for one in (untold.estimate, untold.pivot)]
    assert errors[1] < 0.5 * errors[0]
    assert (told.estimate[rest] == told.pivot[rest]).all()
    assert np.isnan(told.pivot[~rest]).all()
    assert robust_mean(numbers).pivot is None


@pytest.mark.parametrize(("n_workers", "n_each"), [(3, 3), (20, 2), (10, 5)])
def test_few_answers_a_task_let_no_worker_rule(n_workers, n_each):
    random = np.random.default_rng(12)
    truth = random.normal(100, 5, 300)
    tasks = np.repeat(np.arange(300, dtype=np.int32), n_each)
    workers = np.concatenate([random.permutation(n_workers)[:n_each] for _ in truth])
    values = truth[tasks] + random.normal(0, 6, len(tasks))
    mean = np.bincount(tasks, weights=values) / n_each

    result = robust_mean(Numbers(tasks, workers.astype(np.int32), values, 300, n_workers))

    assert np.abs(result.estimate - truth).mean() < np.abs(mean - truth).mean()
    assert result.habits[:, 1].max() < 1.4 * result.habits[:, 1].min()


def test_skill_is_told_surer_the_more_a_worker_answered():
    random = np.random.default_rng(11)
    numbers = _crowd(random.normal(0, 9, 300), lambda true, n: true + random.normal(0, 2, n))
    kept = (numbers.worker_of_answer > 0) | (numbers.task_of_answer < 10)
    few = Numbers(
        numbers.task_of_answer[kept],
        numbers.worker_of_answer[kept],
        numbers.value_of_answer[kept],
        300,
        10,
    )

    result = robust_mean(few)

    width = result.skill_high - result.skill_low
    assert width[0] > 1.5 * width[1:].max()


def test_recorded_estimates_with_wild_answers_beat_the_median():
    for name in ("est_lorenz2011", "est_becker2017", "est_gurcay2015"):
        coded, truth = load_numbers(name)
        numbers = coded.numbers
        result = robust_mean(numbers)
        middle = medians(numbers.task_of_answer, numbers.value_of_answer, numbers.n_tasks)
        ours, theirs = (
            np.sqrt(np.mean(np.log(one / truth) ** 2)) for one in (result.estimate, middle)
        )

        assert result.scale == "log"
        # gurcay2015 is a tie, the others clear.
        assert ours < (1.0 if name == "est_gurcay2015" else 0.85) * theirs


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"low": 2.0, "high": 1.0},
            "Expected low to be less than high, got 2.0 and 1.0; swap them?",
        ),
        (
            {"predictions": np.array([1.0])},
            (
                "Expected predictions to be a float64 array of shape (2,), got float64 of shape "
                "(1,); convert it with numpy.asarray(..., dtype=numpy.float64)."
            ),
        ),
        (
            {"predictions": np.array([1.0, np.inf])},
            (
                "Expected numbers from -1e+150 to 1e+150 in predictions or nan (unknown), got inf "
                "at position 1; leave it out."
            ),
        ),
    ],
)
def test_bounds_and_predictions_that_do_not_fit_are_refused(options, sentence):
    with pytest.raises(BadAnswers) as refusal:
        robust_mean(_one_task([1, 2]), **options)

    assert str(refusal.value) == sentence


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


def _crowd(truth, answer, *, n_each=10):
    """Let ten workers answer each task."""
    tasks, workers = np.divmod(np.arange(len(truth) * n_each, dtype=np.int32), np.int32(n_each))
    return Numbers(tasks, workers, answer(truth[tasks], len(tasks)), len(truth), n_each)


def _one_task(values):
    n_workers = len(values)
    workers = np.arange(n_workers, dtype=np.int32)
    return Numbers(np.zeros_like(workers), workers, np.array(values, np.float64), 1, n_workers)
