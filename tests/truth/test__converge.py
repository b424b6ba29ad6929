from __future__ import annotations

import numpy as np

from dure.truth import Outcome
from dure.truth._converge import Fit, iterate


def test_stops_when_the_mean_change_is_small():
    fit = iterate(_halve, 8.0, change_max=1.0, n_iterations_max=99)

    assert fit == Fit(1.0, Outcome.SETTLED, 3, 1.0)


def test_stops_after_so_many_rounds_and_says_so():
    fit = iterate(_halve, 8.0, change_max=0.0, n_iterations_max=2)

    assert fit == Fit(2.0, Outcome.NOT_SETTLED, 2, 2.0)


def test_stops_when_told_and_not_before():
    told = []

    def progress(n_iterations, change):
        told.append((n_iterations, change))
        return None if n_iterations < 2 else False

    fit = iterate(_halve, 8.0, change_max=0.0, n_iterations_max=9, progress=progress)

    assert fit == Fit(2.0, Outcome.STOPPED, 2, 2.0)
    assert told == [(1, 4.0), (2, 2.0)]


def test_stops_when_told_by_numpy():
    fit = iterate(
        _halve, 8.0, change_max=0.0, n_iterations_max=9, progress=lambda *_: np.float64(1) > 2
    )

    assert fit == Fit(4.0, Outcome.STOPPED, 1, 4.0)


def _halve(number):
    return number / 2, number / 2
