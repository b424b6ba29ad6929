from __future__ import annotations

import numpy as np
import pytest

from dure.truth._spread import medians, resolution, shrink_log_scales, t_percentile_95


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


def test_scales_seen_little_are_drawn_to_the_typical_one():
    scales = np.array([1.0, 1e4, 1e4, 0.0])

    shrunk = shrink_log_scales(scales, np.array([200, 2, 200, 1], np.int32), fallback=5.0)

    assert shrunk[0] == pytest.approx(1.0, rel=0.2)
    assert shrunk[2] == pytest.approx(1e4, rel=0.2)
    assert 1.0 < shrunk[3] < shrunk[1] < 1e4


def test_without_any_scale_the_fallback_stands():
    assert shrink_log_scales(np.zeros(2), np.ones(2, np.int32), fallback=5.0).tolist() == [5.0, 5.0]
