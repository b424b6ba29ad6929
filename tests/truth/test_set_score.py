from __future__ import annotations

import numpy as np
import pytest

from dure.truth import BadAnswers, score_sets


def test_scores_are_those_counted_by_hand():
    probability = np.array([[0.9, 0.2], [0.6, 0.7], [0.5, 0.5], [np.nan, np.nan]])
    chosen = np.array([[True, False], [True, True], [True, True], [False, False]])
    sureness = np.array([0.75, 0.45, 0.3, np.nan])
    truth = np.array([[1, 0], [1, 0], [-1, -1], [1, 1]], np.int8)

    score = score_sets(probability, chosen, sureness, truth)

    assert (score.n_scored, score.exact, score.label_error) == (2, 0.5, 0.25)
    assert score.f1 == pytest.approx(2 * 2 / (3 + 2))
    assert score.log_loss == pytest.approx(-np.log([0.9, 0.8, 0.6, 0.3]).mean())
    assert score.calibration_error == pytest.approx((0.25 + 0.45) / 2)
    assert 0 < score.exact_low < 0.5 < score.exact_high < 1


def test_without_truth_there_is_no_score():
    score = score_sets(
        np.ones((1, 1)), np.ones((1, 1), bool), np.ones(1), np.full((1, 1), -1, np.int8)
    )

    assert score.n_scored == 0
    assert np.isnan(score.exact)


def test_nothing_to_find_and_nothing_found_is_all_found():
    score = score_sets(
        np.full((1, 1), 0.1), np.zeros((1, 1), bool), np.ones(1), np.zeros((1, 1), np.int8)
    )

    assert (score.f1, score.exact) == (1.0, 1.0)


def test_truth_of_another_form_is_refused():
    with pytest.raises(BadAnswers):
        score_sets(np.ones((1, 2)), np.ones((1, 2), bool), np.ones(1), np.zeros((1, 1), np.int8))
