"""Items that no comparison ties, apart: each part of a graph is a block of its matrix.

Blocks of one size are one stack, which is solved, inverted and sampled at once and exactly. A
block too large for that stands alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth.types import Floats, Ints

# Up to so many items the inverse is exact; beyond, it takes too long.
N_ITEMS_EXACT_MAX = 1000
# A stack has at most so many cells, and items times this many; so memory has a bound.
N_CELLS_MAX = 1 << 20
N_COLUMNS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Blocks of one size: `item` is (n_blocks, size), and pair `pair[i]` stands in `cell[i]`."""

    item: Ints
    pair: Ints
    cell: NDArray[np.int64]

    def matrices(self, weight: Floats, diagonal: Floats) -> Floats:
        """Return the blocks themselves, (n_blocks, size, size)."""
        n_blocks, size = self.item.shape
        cells = np.zeros((n_blocks, size, size))
        cells.reshape(-1)[self.cell] = -weight[self.pair]
        cells += cells.transpose(0, 2, 1)
        at = np.arange(size)
        cells[:, at, at] = diagonal[self.item]
        return cells


@dataclass(frozen=True, slots=True, eq=False)
class Large:
    """One large block: `first` and `second` are places in `item`, for the pairs `pair`."""

    item: Ints
    pair: Ints
    first: Ints
    second: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """All blocks of a graph, the largest first."""

    large: tuple[Large, ...]
    stacks: tuple[Stack, ...]


def components(first: Ints, second: Ints, n_items: int) -> Ints:
    """Number what is connected from the largest on; of equal size, the first item's first."""
    root = np.arange(n_items)
    while True:
        low = np.minimum(root[first], root[second])
        before = root.copy()
        np.minimum.at(root, before[first], low)
        np.minimum.at(root, before[second], low)
        root = root[root]
        if (root == before).all():
            break
    roots, place, sizes = np.unique(root, return_inverse=True, return_counts=True)
    number = np.empty(len(roots), np.int32)
    number[np.lexsort((roots, -sizes))] = np.arange(len(roots))
    found: Ints = number[place]
    return found


def parted(first: Ints, second: Ints, n_items: int) -> Blocks:
    """Return the blocks of a graph of these pairs."""
    component = components(first, second, n_items)
    sizes = np.bincount(component)
    item = np.argsort(component, kind="stable").astype(np.int32)
    begin = np.concatenate([[0], np.cumsum(sizes)])
    place = np.empty(n_items, np.int32)
    place[item] = np.arange(n_items) - begin[component[item]]
    block = component[first]
    pair = np.argsort(block, kind="stable").astype(np.int32)
    begin_pair = np.concatenate([[0], np.cumsum(np.bincount(block, minlength=len(sizes)))])
    large, stacks = [], []
    opened = 0
    while opened < len(sizes):
        size = int(sizes[opened])
        if size > N_ITEMS_EXACT_MAX:
            closed = opened + 1
        else:
            most = max(1, N_CELLS_MAX // (size * max(size, N_COLUMNS)))
            # Components are numbered from the largest on.
            alike = int(np.searchsorted(-sizes, -size, side="right"))
            closed = min(alike, opened + most)
        pairs = pair[begin_pair[opened] : begin_pair[closed]]
        items = item[begin[opened] : begin[closed]]
        if size > N_ITEMS_EXACT_MAX:
            large.append(Large(items, pairs, place[first[pairs]], place[second[pairs]]))
        else:
            row = (block[pairs] - opened).astype(np.int64)
            cell = (row * size + place[first[pairs]]) * size + place[second[pairs]]
            stacks.append(Stack(items.reshape(-1, size), pairs, cell))
        opened = closed
    return Blocks(tuple(large), tuple(stacks))
