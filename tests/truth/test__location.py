from __future__ import annotations

import numpy as np
import pytest

from dure.truth import NumberCrowd
from dure.truth._location import Rows, locate, off_scale, on_scale, pulled_back


def test_centre_is_where_the_weighted_pulls_cancel():
    values = np.array([1.0, 2.0, 2.5, 3.0, 50.0])
    bias, spread = np.array([0.0, 0.1, -0.2, 0.0, 0.3]), np.array([1.0, 1.0, 2.0, 0.8, 1.0])

    found = locate(_crowd(), _rows(values, bias, spread))

    off = values - found.spread * bias - found.centre
    weight = pulled_back(off / found.spread, spread, 4.0) / spread**2
    assert (weight * off).sum() == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_allclose(found.share, weight / weight.sum(), rtol=1e-9)


def test_task_alone_is_concluded_as_among_others():
    random = np.random.default_rng(1)
    tasks = np.repeat(np.arange(3, dtype=np.int32), [4, 9, 2])
    values = random.normal(5, 2, 15)
    bias, spread = random.normal(0, 0.2, 15), random.uniform(0.8, 2, 15)

    together = locate(_crowd(), Rows(tasks, values, bias, spread, 3))
    own = tasks == 1
    alone = locate(_crowd(), _rows(values[own], bias[own], spread[own]))

    assert alone.estimate[0] == pytest.approx(together.estimate[1], rel=1e-9)
    assert alone.half[0] == pytest.approx(together.half[1], rel=1e-9)


def test_estimate_leans_to_what_is_usual_the_more_the_less_is_known():
    values = np.array([1.0, 2.0, 3.0])
    crowd = _crowd(centre=10.0, variance=4.0)

    few, many = (
        locate(crowd, _rows(one, np.zeros(len(one)), np.ones(len(one))))
        for one in (values, np.tile(values, 9))
    )

    assert 2.0 < many.estimate[0] < few.estimate[0] < 10.0
    assert many.lean[0] < few.lean[0]


def test_pivot_is_the_mean_step_from_predictions_beyond_answers():
    values, told = np.array([4.0, 5.0, 6.0]), np.array([3.0, np.nan, 4.0])

    rows = Rows(np.zeros(3, np.int32), values, np.zeros(3), np.ones(3), 1, told)
    before, after = (locate(_crowd(pivot=amount), rows) for amount in (0.0, 1.0))

    assert before.pivot[0] == pytest.approx(1.5)
    assert after.estimate[0] == pytest.approx(before.estimate[0] + 1.5)


def test_numbers_go_onto_the_log_scale_and_back_within_bounds():
    crowd = _crowd(scale="log", floor=0.5, low=0.0, high=100.0)

    there = on_scale(crowd, np.array([0.0, 1.0, 1e9]))

    np.testing.assert_allclose(there, np.log([0.5, 1.0, 100.0]))
    np.testing.assert_allclose(off_scale(crowd, np.append(there, 1e9)), [0.5, 1, 100, 100])


def _rows(values, bias, spread):
    return Rows(np.zeros(len(values), np.int32), values, bias, spread, 1)


def _crowd(*, scale="plain", floor=0.0, low=-np.inf, high=np.inf, **more):
    return NumberCrowd(
        scale,
        floor,
        low,
        high,
        **{
            "log_variance": 0.5,
            "log_variance_differs": 0.3,
            "distance": 1.0,
            "pull": 4.0,
            "correlation": 0.5,
            "freedom": 20,
            **more,
        },
    )
