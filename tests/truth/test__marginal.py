from __future__ import annotations

import math

import numpy as np
import pytest

from dure.truth._marginal import digamma_rise, strengthen


@pytest.mark.parametrize(
    ("x", "n", "rise"),
    [
        (1.0, 1.0, 1.0),
        (1.0, 3.0, 1 + 1 / 2 + 1 / 3),
        (0.5, 0.5, 2 * math.log(2)),
        (0.25, 0.75, math.pi / 2 + 3 * math.log(2)),
        (3.5, 0.0, 0.0),
        (1e-6, 1.0, 1e6),
    ],
)
def test_digamma_rises_by_its_known_values(x, n, rise):
    assert digamma_rise(x, n) == pytest.approx(rise, rel=1e-9, abs=1e-9)


def test_digamma_rises_as_the_slope_of_the_log_gamma_function_does():
    def slope(x):
        step = 1e-5 * x
        return (math.lgamma(x + step) - math.lgamma(x - step)) / (2 * step)

    for x, n in ((1e-2, 0.3), (0.7, 12.0), (5.9, 0.2), (80.0, 900.0)):
        assert digamma_rise(x, n) == pytest.approx(slope(x + n) - slope(x), rel=1e-5)


def test_strengthen_is_the_slope_of_the_marginal_likelihood():
    random = np.random.default_rng(2)
    counts = random.poisson(3.0, (20, 3, 2)).astype(float)
    mean = random.dirichlet(np.ones(3), (20, 2)).transpose(0, 2, 1).copy()

    gained, spent = strengthen(counts, mean, 4.0)

    step = 1e-4
    rise = _log_likelihood(counts, mean, 4.0 + step) - _log_likelihood(counts, mean, 4.0 - step)
    assert gained - spent == pytest.approx(rise / (2 * step), rel=1e-5)


def _log_likelihood(counts, mean, strength):
    total = 0.0
    for case in range(counts.shape[0]):
        for column in range(counts.shape[2]):
            n, prior = counts[case, :, column], strength * mean[case, :, column]
            total += math.lgamma(strength) - math.lgamma(n.sum() + strength)
            total += sum(map(math.lgamma, n + prior)) - sum(map(math.lgamma, prior))
    return total
