"""Sums by code, and what keeps a difference of precisions above zero."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dure.truth.types import Floats, Ints

# What is left of a pair's uncertainty once its own votes are taken away is at least this part.
OTHERS_MIN = 1e-6


def summed(codes: Ints | NDArray[np.int64], values: Floats, n_codes: int) -> Floats:
    """Return the sum of each code's values."""
    total: Any = np.bincount(codes, weights=values, minlength=n_codes)
    # Of no codes at all, it would be whole numbers.
    return np.asarray(total, np.float64)
