"""The compiled loop behind orders of items: a weighted graph times many vectors at once."""

from __future__ import annotations

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
