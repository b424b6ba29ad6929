"""The compiled loops behind orders of items. Their numpy twins are the specification."""

from __future__ import annotations

import math

from numba import njit

from dure.truth.types import Floats, Ints


@njit(cache=True, nogil=True)
def add_differences(first: Ints, second: Ints, weight: Floats, x: Floats, out: Floats) -> None:
    """Add the graph's Laplacian times `x`, (n_items, n_columns), to `out`."""
    n_columns = x.shape[1]
    for pair in range(first.shape[0]):
        i, j, w = first[pair], second[pair], weight[pair]
        for column in range(n_columns):
            pull = w * (x[i, column] - x[j, column])
            out[i, column] += pull
            out[j, column] -= pull


@njit(cache=True, nogil=True)
def fill_moments(lead: Floats, tie: Floats, side: Floats, out: Floats) -> None:
    """Fill the columns of `out`, (n, 6), as `moments` of comparisons has them."""
    for i in range(lead.shape[0]):
        half = lead[i] / 2.0
        top = max(abs(half), tie[i])
        left, right = math.exp(half - top), math.exp(-half - top)
        same = math.exp(tie[i] - top)
        total = left + right + same
        left, right, same = left / total, right / total, same / total
        expected = left - right
        is_same = side[i] == 0.0
        said = tie[i] if is_same else side[i] * half
        row = out[i]
        row[0] = said - top - math.log(total)
        row[1] = (side[i] - expected) / 2.0
        row[2] = (1.0 if is_same else 0.0) - same
        row[3] = (left + right - expected * expected) / 4.0
        row[4] = same * (1.0 - same)
        row[5] = -expected * same / 2.0
