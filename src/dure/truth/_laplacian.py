"""Scores tied by comparisons: a weighted graph and a ridge, solved, inverted and sampled.

The matrix is that of a Gaussian posterior's precision. Few items are done exactly; many by
conjugate gradients, and their variances from samples of the posterior.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from dure.truth._order_kernels import add_differences
from dure.truth._sums import OTHERS_MIN, summed
from dure.truth.types import Floats, Ints

# Up to so many items the inverse is exact; beyond, it takes too long.
N_ITEMS_EXACT_MAX = 1000
N_ROUNDS_MAX = 1000
SOLVED = 1e-10
# A sample is off by chance far more than by this.
SAMPLED = 1e-3
N_COLUMNS_AT_ONCE = 8


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Pairs of items with weights, and what each item's own prior adds to the diagonal."""

    first: Ints
    second: Ints
    weight: Floats
    ridge: float
    n_items: int

    def diagonal(self) -> Floats:
        """The matrix's diagonal, (n_items,)."""
        size = self.n_items
        ends = summed(self.first, self.weight, size)
        ends += summed(self.second, self.weight, size)
        return ends + self.ridge

    def dense(self) -> Floats:
        """The matrix itself, (n_items, n_items)."""
        size = self.n_items
        cells = self.first.astype(np.int64) * size + self.second
        flat = summed(cells, self.weight, size * size)
        off = flat.reshape(size, size)
        matrix: Floats = -(off + off.T)
        matrix[np.arange(size), np.arange(size)] = self.diagonal()
        return matrix

    def times(self, x: Floats) -> Floats:
        """The matrix times each column of `x`."""
        out: Floats = self.ridge * x
        add_differences(self.first, self.second, self.weight, x, out)
        return out


def solve(graph: Graph, right: Floats, *, start: Floats) -> Floats:
    """Return x with the graph's matrix times x = `right`, (n_items,)."""
    if graph.n_items <= N_ITEMS_EXACT_MAX:
        solved: Any = np.linalg.solve(graph.dense(), right)
        return np.asarray(solved, np.float64)
    return _by_gradients(graph, right[:, None], start[:, None], SOLVED)[:, 0]


def item_variances(graph: Graph, *, n_samples: int, seed: int) -> Floats:
    """Return each item's variance alone, which of many pairs takes a third of the time."""
    if graph.n_items <= N_ITEMS_EXACT_MAX:
        return variances(graph, n_samples=n_samples, seed=seed)[0]
    diagonal, squares = graph.diagonal(), np.zeros(graph.n_items)
    for x, noise in _sampled(graph, n_samples=n_samples, seed=seed):
        squares += ((x - noise / diagonal[:, None]) ** 2).sum(axis=1)
    found: Floats = 1.0 / diagonal + squares / n_samples
    return found


def variances(graph: Graph, *, n_samples: int, seed: int) -> tuple[Floats, Floats]:
    """Return each item's variance, and that of each pair's difference."""
    if graph.n_items <= N_ITEMS_EXACT_MAX:
        covariance: Any = np.linalg.inv(graph.dense())
        return variances_in(covariance, graph)
    diagonal = graph.diagonal()
    left, right = diagonal[graph.first], diagonal[graph.second]
    determinant = left * right - graph.weight**2
    squares, pair_squares = np.zeros(graph.n_items), np.zeros(len(graph.first))
    # What is known exactly given the neighbours is counted so, and only the rest is sampled:
    # P. Siden et al., Efficient covariance approximations for large sparse precision matrices,
    # Journal of Computational and Graphical Statistics 27(4), 2018.
    for x, noise in _sampled(graph, n_samples=n_samples, seed=seed):
        squares += ((x - noise / diagonal[:, None]) ** 2).sum(axis=1)
        a, b = noise[graph.first], noise[graph.second]
        given = ((right - graph.weight) / determinant)[:, None] * a
        given -= ((left - graph.weight) / determinant)[:, None] * b
        pair_squares += ((x[graph.first] - x[graph.second] - given) ** 2).sum(axis=1)
    item = 1.0 / diagonal + squares / n_samples
    alone = (left + right - 2.0 * graph.weight) / determinant
    most = (1.0 - OTHERS_MIN) / np.maximum(graph.weight, np.finfo(np.float64).tiny)
    return item, np.minimum(alone + pair_squares / n_samples, most)


def variances_in(covariance: Floats, graph: Graph) -> tuple[Floats, Floats]:
    """Return each item's variance and each pair's out of the whole covariance."""
    item = np.diagonal(covariance).copy()
    between = covariance[graph.first, graph.second]
    return item, np.maximum(item[graph.first] + item[graph.second] - 2.0 * between, 0.0)


def samples(graph: Graph, *, n_samples: int, seed: int) -> Iterator[Floats]:
    """Yield samples around zero, some columns of (n_items, n) at a time."""
    if graph.n_items <= N_ITEMS_EXACT_MAX:
        random = np.random.default_rng(seed)
        half = np.linalg.cholesky(graph.dense())
        noise = random.standard_normal((graph.n_items, n_samples))
        yield np.linalg.solve(half.T, noise)
        return
    for x, _ in _sampled(graph, n_samples=n_samples, seed=seed):
        yield x


def _sampled(graph: Graph, *, n_samples: int, seed: int) -> Iterator[tuple[Floats, Floats]]:
    """Yield samples by solving for noise as the comparisons and the prior have it.

    Source: G. Papandreou and A. L. Yuille, Gaussian sampling by local perturbations, NIPS 2010.
    """
    random = np.random.default_rng(seed)
    strength = np.sqrt(graph.weight)
    for begin in range(0, n_samples, N_COLUMNS_AT_ONCE):
        n_columns = min(N_COLUMNS_AT_ONCE, n_samples - begin)
        noise = np.sqrt(graph.ridge) * random.standard_normal((graph.n_items, n_columns))
        for column in range(n_columns):
            push = strength * random.standard_normal(len(strength))
            noise[:, column] += summed(graph.first, push, graph.n_items)
            noise[:, column] -= summed(graph.second, push, graph.n_items)
        yield _by_gradients(graph, noise, np.zeros_like(noise), SAMPLED), noise


def _by_gradients(graph: Graph, right: Floats, start: Floats, tolerance: float) -> Floats:
    """Solve for each column by conjugate gradients, each item scaled by its diagonal."""
    scale = 1.0 / graph.diagonal()[:, None]
    x = start.copy()
    residual = right - graph.times(x)
    enough = tolerance**2 * np.maximum((right**2 * scale).sum(axis=0), 1e-300)
    scaled = residual * scale
    direction = scaled.copy()
    size = (residual * scaled).sum(axis=0)
    for _ in range(N_ROUNDS_MAX):
        if (size <= enough).all():
            break
        ahead = graph.times(direction)
        length = size / np.maximum((direction * ahead).sum(axis=0), 1e-300)
        x += length * direction
        residual -= length * ahead
        scaled = residual * scale
        before, size = size, (residual * scaled).sum(axis=0)
        direction = scaled + size / np.maximum(before, 1e-300) * direction
    return x
