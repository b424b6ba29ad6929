from __future__ import annotations

import numpy as np
import pytest

from dure.truth import Numbers, robust_mean
from dure.truth._number_fit import SPREAD_STRENGTH, WORKER_SPREAD_MIN, shrunk_spread


def test_spread_moves_from_the_crowd_s_to_the_worker_s_own():
    few, many = (shrunk_spread(np.array([9.0 * n]), np.array([n])) for n in (1, 10_000))

    assert few[0] == pytest.approx(np.sqrt((9 + SPREAD_STRENGTH) / (1 + SPREAD_STRENGTH)))
    assert many[0] == pytest.approx(3.0, rel=0.01)
    assert shrunk_spread(np.array([0.0]), np.array([10_000])) == [WORKER_SPREAD_MIN]


def test_bias_and_spread_are_found():
    random = np.random.default_rng(1)
    truth = random.normal(0, 30, 400)
    tasks, workers = np.divmod(np.arange(4000, dtype=np.int32), np.int32(10))
    own = np.array([1.0] * 8 + [4.0, 1.0])[workers]
    values = truth[tasks] + random.normal(0, 2, 4000) * own + np.where(workers == 9, 5.0, 0.0)

    result = robust_mean(Numbers(tasks, workers, values, 400, 10))

    bias, spread = result.habits.T
    assert (np.argmax(bias), np.argmax(spread), result.skill.argmin()) == (9, 8, 8)
    # Its units are of the tasks' spreads, which the odd two widen; the other eight have none.
    assert bias[9] - bias[:8].mean() > 8 * bias[:8].std()
    assert spread[8] > 2 * spread[:8].max()


def test_noise_is_taken_out_of_what_is_usual():
    random = np.random.default_rng(2)
    truth = random.normal(100, 3, 500)
    tasks, workers = np.divmod(np.arange(1500, dtype=np.int32), np.int32(3))
    values = truth[tasks] + random.normal(0, 6, 1500)
    mean = np.bincount(tasks, weights=values) / 3

    result = robust_mean(Numbers(tasks, workers, values, 500, 3))

    assert np.abs(result.estimate - truth).mean() < 0.95 * np.abs(mean - truth).mean()
