from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dure.truth import BadAnswers, reliability, score_labels, score_numbers

NAMES = ("accuracy", "log_loss", "brier", "calibration_error")
# Of 300 intervals of 90 %; the difference is more than four standard errors of the share.
COVERAGE_MIN = 0.82
CASE = json.loads((Path(__file__).parents[1] / "cases" / "score.json").read_text())


def test_scores_are_those_worked_by_hand():
    score = score_labels(np.array(CASE["probability"]), np.array(CASE["true_label"], np.int32))

    for name in (*NAMES, "n_scored"):
        assert getattr(score, name) == pytest.approx(CASE[name], rel=1e-12), name


def test_certain_and_wrong_costs_no_more_than_the_clip():
    score = score_labels(np.array([[1.0, 0.0]]), np.array([1], np.int32))

    assert score.log_loss == pytest.approx(-np.log(1e-6))
    assert (score.accuracy, score.brier, score.calibration_error) == (0.0, 2.0, 1.0)


def test_three_way_tie_earns_a_third():
    score = score_labels(np.full((1, 3), 1 / 3), np.array([2], np.int32))

    assert score.accuracy == pytest.approx(1 / 3)
    assert score.calibration_error == pytest.approx(0.0)


def test_nothing_known_scores_nothing():
    score = score_labels(np.array([[1.0, 0.0]]), np.array([-1], np.int32))

    assert score.n_scored == 0
    for name in NAMES:
        assert np.isnan([getattr(score, f"{name}{end}") for end in ("", "_low", "_high")]).all()


@pytest.mark.parametrize("n_tasks", [1, 2, 3, 30, 1000])
@pytest.mark.parametrize("gap", [0.0, 0.2])
def test_intervals_enclose_the_scores_and_stay_in_their_range(n_tasks, gap):
    score = score_labels(*_forecasts(n_tasks, gap=gap, seed=n_tasks))

    most = {"accuracy": 1.0, "log_loss": -np.log(1e-6), "brier": 2.0, "calibration_error": 1.0}
    for name in NAMES:
        low, high = getattr(score, f"{name}_low"), getattr(score, f"{name}_high")
        assert 0.0 <= low <= getattr(score, name) <= high <= most[name], name
        assert all(type(one) is float for one in (low, getattr(score, name), high)), name


def test_intervals_shrink_with_the_root_of_the_tasks():
    few, many = (score_labels(*_forecasts(n, gap=0.1, seed=4)) for n in (400, 40_000))

    for name in NAMES:
        ratio = _width(few, name) / _width(many, name)
        assert 7 < ratio < 14, name


@pytest.mark.parametrize("n_tasks", [60, 1000])
@pytest.mark.parametrize("gap", [0.0, 0.05, 0.2])
def test_intervals_cover_what_very_many_tasks_would_show(n_tasks, gap):
    true = score_labels(*_forecasts(1_000_000, gap=gap, seed=1))
    truth = {name: getattr(true, name) for name in NAMES} | {"calibration_error": gap}

    inside = dict.fromkeys(NAMES, 0)
    for seed in range(300):
        score = score_labels(*_forecasts(n_tasks, gap=gap, seed=1000 + seed))
        for name in NAMES:
            low, high = getattr(score, f"{name}_low"), getattr(score, f"{name}_high")
            inside[name] += low <= truth[name] <= high

    assert {name for name, n in inside.items() if n < COVERAGE_MIN * 300} == set()


def test_one_task_tells_nothing_of_the_spread():
    score = score_labels(np.array([[0.75, 0.25]]), np.array([0], np.int32))

    assert (score.log_loss_low, score.log_loss_high) == (0.0, -np.log(1e-6))
    assert (score.brier_low, score.brier_high) == (0.0, 2.0)
    assert (score.calibration_error, score.calibration_error_low) == (0.25, 0.0)


def test_wrong_and_always_sure_has_a_calibration_error_that_chance_can_t_make():
    score = score_labels(np.tile([1.0, 0.0], (200, 1)), np.repeat([0, 1], 100).astype(np.int32))

    assert score.calibration_error == 0.5
    assert score.calibration_error_low == pytest.approx(0.44, abs=0.01)
    assert score.calibration_error_high == pytest.approx(0.56, abs=0.01)


def test_same_input_gives_the_same_bits_and_comes_back_unchanged():
    probability, truth = _forecasts(50, gap=0.1, seed=2)
    before = probability.tobytes(), truth.tobytes()

    first, second = score_labels(probability, truth), score_labels(probability, truth)

    assert first == second
    assert (probability.tobytes(), truth.tobytes()) == before


def test_reliability_has_the_bins_of_the_calibration_error():
    probability, truth = _forecasts(500, gap=0.1, seed=3)

    bins = reliability(probability, truth)

    score = score_labels(probability, truth)
    filled = bins.n_tasks > 0
    gap = np.abs(bins.share_right - bins.probability)[filled] * bins.n_tasks[filled]
    assert gap.sum() / 500 == pytest.approx(score.calibration_error)
    assert (bins.n_tasks.tolist()[:5], bins.n_tasks.sum()) == ([0] * 5, 500)
    assert bins.n_tasks.dtype == np.int32
    places = np.arange(10)[filled]
    assert (places / 10 <= bins.probability[filled]).all()
    assert (bins.probability[filled] <= (places + 1) / 10).all()
    assert (bins.low[filled] <= bins.share_right[filled]).all()
    assert (bins.share_right[filled] <= bins.high[filled]).all()


def test_reliability_shares_the_point_and_leaves_unknown_tasks_out():
    probability = np.array([[0.5, 0.5], [0.75, 0.25], [1.0, 0.0], [1.0, 0.0]])

    bins = reliability(probability, np.array([1, 1, 0, -1], np.int32))

    nan = np.nan
    np.testing.assert_array_equal(bins.n_tasks, [0, 0, 0, 0, 0, 1, 0, 1, 0, 1])
    np.testing.assert_array_equal(
        bins.probability, [nan, nan, nan, nan, nan, 0.5, nan, 0.75, nan, 1.0]
    )
    np.testing.assert_array_equal(
        bins.share_right, [nan, nan, nan, nan, nan, 0.5, nan, 0.0, nan, 1.0]
    )
    assert np.isnan(bins.low).tolist() == (bins.n_tasks == 0).tolist()
    assert (bins.low[7], bins.high[9]) == (0.0, 1.0)


def test_reliability_covers_and_shrinks():
    inside = n_filled = 0
    for seed in range(100):
        bins = reliability(*_forecasts(400, gap=0.1, seed=seed))
        filled = bins.n_tasks > 0
        n_filled += int(filled.sum())
        right = bins.probability - 0.1
        inside += int(((bins.low <= right) & (right <= bins.high)).sum())

    few, many = (reliability(*_forecasts(n, gap=0.1, seed=4)) for n in (400, 40_000))
    assert inside >= COVERAGE_MIN * n_filled
    assert np.nanmax((many.high - many.low) / (few.high - few.low)) < 0.2


def test_nothing_known_leaves_ten_empty_bins():
    bins = reliability(np.array([[1.0, 0.0]]), np.array([-1], np.int32))

    assert bins.n_tasks.tolist() == [0] * 10
    for array in (bins.probability, bins.share_right, bins.low, bins.high):
        assert np.isnan(array).tolist() == [True] * 10


@pytest.mark.parametrize("function", [score_labels, reliability])
def test_shapes_that_do_not_fit_are_refused(function):
    with pytest.raises(BadAnswers) as refusal:
        function(np.array([0.5, 0.5]), np.array([0], np.int32))

    assert str(refusal.value) == "Expected probability to have 2 dimensions, got 1."


def test_numbers_are_scored_where_truth_and_estimate_are_known():
    nan = np.nan
    estimate = np.array([1.0, 5.0, 7.0, nan])

    score = score_numbers(estimate, estimate - 1, estimate + 1, np.array([1.0, 8.0, nan, 3.0]))

    assert (score.n_scored, score.coverage, score.mean_absolute_error) == (2, 0.5, 1.5)
    assert score.rmse == pytest.approx(np.sqrt(4.5))
    # Squares 0 and 9: a mean of 4.5 with a standard error of 4.5.
    assert (score.rmse_low, score.rmse_high) == pytest.approx(
        (0.0, np.sqrt(4.5 + 1.645 * 4.5)), 1e-3
    )
    assert score.coverage_low < 0.5 < score.coverage_high


def test_numbers_scored_by_one_task_have_no_upper_end():
    one = np.array([1.0])

    score = score_numbers(one, one, one, np.array([3.0]))

    assert (score.rmse_low, score.rmse, score.rmse_high) == (0.0, 2.0, np.inf)
    assert np.isnan(score_numbers(one, one, one, np.array([np.nan])).coverage_low)


@pytest.mark.parametrize("n_tasks", [30, 300])
def test_intervals_of_number_scores_hold_what_is_true_nine_times_of_ten(n_tasks):
    random = np.random.default_rng(3)
    held = []
    for _ in range(300):
        error = random.normal(0, 2, n_tasks)
        nothing = np.zeros(n_tasks)
        score = score_numbers(error, error - 2, error + 2, nothing)
        held.append(
            (
                score.rmse_low <= 2 <= score.rmse_high,
                score.coverage_low <= 0.6827 <= score.coverage_high,
            )
        )

    assert (np.mean(held, axis=0) > 0.85).all()


def _forecasts(n_tasks, *, gap, seed):
    """Say .5 to 1 of the first of two labels, which is true less often than said by `gap`."""
    random = np.random.default_rng(seed)
    top = random.uniform(0.5, 1.0, n_tasks)
    wrong = random.random(n_tasks) >= top - gap
    return np.stack([top, 1.0 - top], axis=1), wrong.astype(np.int32)


def _width(score, name):
    return getattr(score, f"{name}_high") - getattr(score, f"{name}_low")
