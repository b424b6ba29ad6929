from __future__ import annotations

import numpy as np
import pytest

from dure.truth._spread import (
    medians,
    resolution,
    t_percentile_95,
    task_spreads,
    typical_spread,
)


@pytest.mark.parametrize(
    ("freedom", "percentile"),
    # Source: any table of Student's t, .95 one-sided.
    [
        (1, 6.314),
        (2, 2.920),
        (3, 2.353),
        (5, 2.015),
        (10, 1.812),
        (30, 1.697),
        (10**6, 1.645),
    ],
)
def test_percentiles_are_the_table_s(freedom, percentile):
    assert t_percentile_95(freedom) == pytest.approx(percentile, rel=0.01)


def test_medians_equal_numpy_s():
    random = np.random.default_rng(4)
    codes = random.integers(0, 9, 100).astype(np.int32)
    values = random.normal(size=100)

    found = medians(codes, values, 10)

    expected = [np.median(values[codes == code]) for code in range(9)]
    np.testing.assert_allclose(found[:9], expected, rtol=1e-15)
    assert np.isnan(found[9])


def test_resolution_is_the_smallest_step():
    assert resolution(np.array([3.0, 1.0, 1.5, 3.0])) == 0.5
    assert resolution(np.array([3.0, 3.0])) == 0.0


def test_spreads_seen_little_are_drawn_to_the_typical_one():
    n_answers = np.array([200, 2, 200, 1], np.int32)
    task = np.repeat(np.arange(4, dtype=np.int32), n_answers)
    random = np.random.default_rng(0)
    distance = np.abs(random.normal(size=len(task))) * np.array([1.0, 1e4, 1e4, 0.0])[task]

    typical = typical_spread(task, distance, n_answers)
    shrunk = task_spreads(task, distance, n_answers, typical)

    assert shrunk[0] == pytest.approx(1.0, rel=0.3)
    assert shrunk[2] == pytest.approx(1e4, rel=0.3)
    assert 1.0 < shrunk[3] < shrunk[1] < 1e4


def test_one_task_alone_has_the_spread_it_has_among_others():
    n_answers = np.array([5, 9, 3], np.int32)
    task = np.repeat(np.arange(3, dtype=np.int32), n_answers)
    distance = np.abs(np.random.default_rng(1).normal(size=17)) * np.array([1.0, 9.0, 3.0])[task]
    typical = typical_spread(task, distance, n_answers)

    together = task_spreads(task, distance, n_answers, typical)

    own = np.zeros(9, np.int32)
    alone = task_spreads(own, distance[task == 1], n_answers[1:2], typical)
    assert alone[0] == together[1]


def test_without_any_spread_told_the_usual_distance_stands():
    task, once = np.arange(2, dtype=np.int32), np.ones(2, np.int32)
    typical = typical_spread(task, np.array([5.0, 5.0]), once)

    assert np.isnan(typical.log_variance)
    assert task_spreads(task, np.array([5.0, 5.0]), once, typical).tolist() == [5.0, 5.0]
