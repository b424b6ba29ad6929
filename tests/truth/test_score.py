from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dure.truth import score_labels, score_numbers

CASE = json.loads((Path(__file__).parents[1] / "cases" / "score.json").read_text())


def test_scores_are_those_worked_by_hand():
    score = score_labels(np.array(CASE["probability"]), np.array(CASE["true_label"], np.int32))

    for name in ("accuracy", "log_loss", "brier", "calibration_error", "n_scored"):
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
    assert np.isnan([score.accuracy, score.log_loss, score.brier, score.calibration_error]).all()


def test_numbers_are_scored_where_truth_and_estimate_are_known():
    nan = np.nan
    estimate = np.array([1.0, 5.0, 7.0, nan])

    score = score_numbers(estimate, estimate - 1, estimate + 1, np.array([1.0, 8.0, nan, 3.0]))

    assert (score.n_scored, score.coverage, score.mean_absolute_error) == (2, 0.5, 1.5)
    assert score.rmse == pytest.approx(np.sqrt(4.5))
