from __future__ import annotations

import numpy as np

from dure.truth.chances import divisors, log_chances, odds


def test_matrix_weighs_each_label_by_its_share_of_the_state():
    concentration = np.array([[[3.0, 1.0], [1.0, 1.0]]])

    log_matrix, log_coin = log_chances(concentration, n_labels=2)

    np.testing.assert_allclose(np.exp(log_matrix), [[[0.75, 0.5], [0.25, 0.5]]])
    assert log_coin.size == 0


def test_coin_weighs_the_right_label_against_any_one_wrong_one():
    log_matrix, log_coin = log_chances(np.array([[3.0, 1.0]]), n_labels=4)

    np.testing.assert_allclose(np.exp(log_coin), [9.0])
    assert log_matrix.size == 0


def test_odds_stay_finite():
    np.testing.assert_allclose(odds(np.array([0.0, 0.5, 1.0])), [1 / 999, 1.0, 999.0])


def test_divisors_count_answers_by_what_they_say_and_are_never_below_one():
    # Nothing said, one answer alone, three that say the same, three of which two say half as much.
    said, most = np.array([0.0, 2.0, 3.0, 2.0]), np.array([0.0, 2.0, 1.0, 1.0])

    assert divisors(said, most, correlation=0.5).tolist() == [1.0, 1.0, 2.0, 1.5]
