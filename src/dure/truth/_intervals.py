"""Intervals of chances of which few cases were seen."""

from __future__ import annotations

import numpy as np

from dure.truth.types import Floats

# The 95th percentile of the normal distribution: a 90 % interval leaves 5 % on each side.
NORMAL_95 = 1.6448536269514722


def wilson(share: Floats, n_cases: Floats) -> tuple[Floats, Floats]:
    """Return the ends of the 90 % interval of a chance, seen as `share` of `n_cases`.

    They always enclose the share; without cases they are 0 and 1. Source: E. B. Wilson, Probable
    inference, the law of succession, and statistical inference, JASA 22, 1927.
    """
    n = np.maximum(n_cases, 1e-9)
    square = NORMAL_95**2
    middle = (share + square / (2.0 * n)) / (1.0 + square / n)
    spread = np.sqrt(share * (1.0 - share) / n + square / (4.0 * n**2))
    half = NORMAL_95 / (1.0 + square / n) * spread
    return np.clip(middle - half, 0.0, share), np.clip(middle + half, share, 1.0)
