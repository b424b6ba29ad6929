"""Scores tied by comparisons: a weighted graph and a ridge, solved, inverted and sampled.

The matrix is that of a Gaussian posterior's precision. What no comparison ties is done apart.
Few items are done exactly; many by conjugate gradients, and their variances from samples of the
posterior.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dure.truth._blocks import Blocks, Large, parted
from dure.truth._order_kernels import add_differences
from dure.truth._sums import OTHERS_MIN, summed
from dure.truth.types import Floats, Ints

N_ROUNDS_MAX = 1000
SOLVED = 1e-10
# A sample is off by chance far more than by this.
SAMPLED = 1e-3
N_COLUMNS_AT_ONCE = 8


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Pairs of items with weights, and what each item's own prior adds to the diagonal.

    `blocks` is how it falls apart, as `parted` says; found again wherever it is not given.
    """

    first: Ints
    second: Ints
    weight: Floats
    ridge: float
    n_items: int
    blocks: Blocks | None = None

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

    def part(self, large: Large) -> Graph:
        """Return one of its large blocks as a graph of its own."""
        return Graph(
            large.first, large.second, self.weight[large.pair], self.ridge, len(large.item)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of some blocks of one size: variances, and samples around zero.

    `item` is (n_blocks, size), and `drawn` (n_blocks, n_samples, size).
    """

    item: Ints
    variance: Floats
    pair: Ints
    between: Floats
    drawn: Floats


def solve(graph: Graph, right: Floats, *, start: Floats) -> Floats:
    """Return x with the graph's matrix times x = `right`, (n_items,)."""
    blocks, solved = _blocks(graph), np.empty(graph.n_items)
    for large in blocks.large:
        x, begin = right[large.item][:, None], start[large.item][:, None]
        solved[large.item] = _by_gradients(graph.part(large), x, begin, SOLVED)[:, 0]
    diagonal = graph.diagonal()
    for stack in blocks.stacks:
        matrices = stack.matrices(graph.weight, diagonal)
        solved[stack.item] = np.linalg.solve(matrices, right[stack.item][:, :, None])[:, :, 0]
    return solved


def item_variances(graph: Graph, *, n_samples: int, seed: int) -> Floats:
    """Return each item's variance alone, which of many pairs takes a third of the time."""
    return _variances(graph, n_samples=n_samples, seed=seed, of_pairs=False)[0]


def variances(graph: Graph, *, n_samples: int, seed: int) -> tuple[Floats, Floats]:
    """Return each item's variance, and that of each pair's difference."""
    return _variances(graph, n_samples=n_samples, seed=seed, of_pairs=True)


def posterior(graph: Graph, *, n_samples: int, seed: int, of_pairs: bool) -> Iterator[Known]:
    """Yield what is known of some blocks after others; without `of_pairs` no pair's variance."""
    random, blocks = np.random.default_rng(seed), _blocks(graph)
    for large in blocks.large:
        known = _of_large(graph.part(large), n_samples=n_samples, random=random, of_pairs=of_pairs)
        variance, between, drawn = known
        yield Known(large.item[None], variance[None], large.pair, between, drawn.T[None])
    diagonal = graph.diagonal()
    for stack in blocks.stacks:
        matrices = stack.matrices(graph.weight, diagonal)
        covariance: Any = np.linalg.inv(matrices)
        half = np.linalg.cholesky(matrices)
        noise = random.standard_normal((*stack.item.shape, n_samples))
        drawn = np.linalg.solve(half.transpose(0, 2, 1), noise).transpose(0, 2, 1)
        variance, between = _in_stack(covariance, stack.cell, of_pairs=of_pairs)
        yield Known(stack.item, variance, stack.pair, between, np.ascontiguousarray(drawn))


def _blocks(graph: Graph) -> Blocks:
    if graph.blocks is not None:
        return graph.blocks
    return parted(graph.first, graph.second, graph.n_items)


def _variances(graph: Graph, *, n_samples: int, seed: int, of_pairs: bool) -> tuple[Floats, Floats]:
    random, blocks = np.random.default_rng(seed), _blocks(graph)
    item, pair = np.empty(graph.n_items), np.empty(len(graph.first) if of_pairs else 0)
    for large in blocks.large:
        variance, between, _ = _of_large(
            graph.part(large), n_samples=n_samples, random=random, of_pairs=of_pairs
        )
        item[large.item] = variance
        if of_pairs:
            pair[large.pair] = between
    diagonal = graph.diagonal()
    for stack in blocks.stacks:
        covariance: Any = np.linalg.inv(stack.matrices(graph.weight, diagonal))
        item[stack.item], between = _in_stack(covariance, stack.cell, of_pairs=of_pairs)
        if of_pairs:
            pair[stack.pair] = between
    return item, pair


def _in_stack(
    covariance: Floats, cell: NDArray[np.int64], *, of_pairs: bool
) -> tuple[Floats, Floats]:
    """Return each item's variance, and each pair's out of the whole covariance."""
    size = covariance.shape[1]
    item = np.diagonal(covariance, axis1=1, axis2=2)
    if not of_pairs:
        return item, np.empty(0)
    first, second = np.divmod(cell, size)
    # A block's row of cells is its item, counted through all blocks.
    flat, opens = item.reshape(-1), first // size * size
    together = flat[first] + flat[opens + second]
    return item, np.maximum(together - 2.0 * covariance.reshape(-1)[cell], 0.0)


def _of_large(
    graph: Graph, *, n_samples: int, random: np.random.Generator, of_pairs: bool
) -> tuple[Floats, Floats, Floats]:
    """Return each item's variance, each pair's and the samples, (n_items, n_samples)."""
    diagonal = graph.diagonal()
    left, right = diagonal[graph.first], diagonal[graph.second]
    determinant = left * right - graph.weight**2
    squares, pair_squares = np.zeros(graph.n_items), np.zeros(len(graph.first))
    drawn = []
    # What is known exactly given the neighbours is counted so, and only the rest is sampled:
    # P. Siden et al., Efficient covariance approximations for large sparse precision matrices,
    # Journal of Computational and Graphical Statistics 27(4), 2018.
    for x, noise in _sampled(graph, n_samples=n_samples, random=random):
        drawn.append(x)
        squares += ((x - noise / diagonal[:, None]) ** 2).sum(axis=1)
        if of_pairs:
            a, b = noise[graph.first], noise[graph.second]
            given = ((right - graph.weight) / determinant)[:, None] * a
            given -= ((left - graph.weight) / determinant)[:, None] * b
            pair_squares += ((x[graph.first] - x[graph.second] - given) ** 2).sum(axis=1)
    item = 1.0 / diagonal + squares / n_samples
    alone = (left + right - 2.0 * graph.weight) / determinant
    most = (1.0 - OTHERS_MIN) / np.maximum(graph.weight, np.finfo(np.float64).tiny)
    between = np.minimum(alone + pair_squares / n_samples, most)
    return item, between if of_pairs else between[:0], np.concatenate(drawn, axis=1)


def _sampled(
    graph: Graph, *, n_samples: int, random: np.random.Generator
) -> Iterator[tuple[Floats, Floats]]:
    """Yield samples by solving for noise as the comparisons and the prior have it.

    Source: G. Papandreou and A. L. Yuille, Gaussian sampling by local perturbations, NIPS 2010.
    """
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
