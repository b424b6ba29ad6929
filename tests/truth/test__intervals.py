from __future__ import annotations

import numpy as np
import pytest

from dure.truth._intervals import wilson


def test_wilson_has_its_known_ends():
    # 8 of 10 at 90 %: from the formula by hand.
    low, high = wilson(np.array([0.8]), np.array([10.0]))

    assert low[0] == pytest.approx(0.5407, abs=1e-4)
    assert high[0] == pytest.approx(0.9315, abs=1e-4)


def test_wilson_without_cases_knows_nothing():
    low, high = wilson(np.array([0.5]), np.array([0.0]))

    assert low[0] == pytest.approx(0.0, abs=1e-4)
    assert high[0] == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("share", [0.0, 0.03, 0.5, 1.0])
def test_wilson_encloses_the_share_and_narrows(share):
    few = wilson(np.array([share]), np.array([5.0]))
    many = wilson(np.array([share]), np.array([500.0]))

    assert 0 <= few[0][0] <= many[0][0] <= share <= many[1][0] <= few[1][0] <= 1


@pytest.mark.parametrize("chance", [0.5, 0.9])
def test_wilson_covers_nine_in_ten(chance):
    n_right = np.random.default_rng(1).binomial(40, chance, 4000)

    low, high = wilson(n_right / 40, np.full(4000, 40.0))

    assert ((low <= chance) & (chance <= high)).mean() == pytest.approx(0.9, abs=0.05)
