"""Rankings in canonical order, and the pairs of items that they tell of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dure.truth._blocks import Blocks, components, parted
from dure.truth._order_kernels import fill_pairs, mark_pairs
from dure.truth.types import Ints, Rankings
from dure.truth.validate import BadAnswers

# Each answer is looked at as all pairs of its items.
N_PAIRS_MAX = 50_000_000
# Pairs are numbered in a table of so many cells; where more are needed, by sorting them.
N_CELLS_MAX = 1 << 24


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """Answers of one length: row i ranks `item[i]`, and `pair[i]` are the numbers of its pairs."""

    worker: Ints
    item: Ints
    pair: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """All answers by length, those of the expert as the worker `n_workers`."""

    lists: tuple[Lists, ...]
    first: Ints
    second: Ints
    n_items: int
    n_workers: int
    blocks: Blocks


def put_in_order(rankings: Rankings, gold: Rankings | None) -> Orders:
    """Sort the answers, so that the order of the rows changes nothing."""
    expert = rankings.n_workers
    parts = _by_length(rankings, rankings.worker_of_answer)
    if gold is not None:
        known = _by_length(gold, np.full(len(gold.worker_of_answer), expert, np.int32))
        for length, (worker, item) in known.items():
            ahead, before = parts.get(length, (worker[:0], item[:0]))
            parts[length] = np.concatenate([ahead, worker]), np.concatenate([before, item])
    n_pairs = sum(len(item) * (length * (length - 1) // 2) for length, (_, item) in parts.items())
    if n_pairs > N_PAIRS_MAX:
        raise BadAnswers(
            f"Expected answers with at most {N_PAIRS_MAX} pairs of items in all, got {n_pairs}; "
            "ask for fewer items at a time, or fit parts of the answers."
        )
    ordered = []
    for length in sorted(parts):
        worker, item = parts[length]
        order = np.lexsort((*item.T[::-1], worker))
        ordered.append((worker[order], item[order]))
    return _with_pairs(ordered, rankings.n_items, rankings.n_workers)


def _by_length(rankings: Rankings, worker: Ints) -> dict[int, tuple[Ints, Ints]]:
    """Answers by their length, where there is something to compare."""
    lengths = np.diff(rankings.starts)
    parts = {}
    for length in np.unique(lengths[lengths > 1]).tolist():
        rows = np.flatnonzero(lengths == length)
        places = rankings.starts[rows][:, None] + np.arange(length)
        parts[length] = worker[rows], rankings.item_of_place[places]
    return parts


def _with_pairs(ordered: Sequence[tuple[Ints, Ints]], n_items: int, n_workers: int) -> Orders:
    items = [item for _, item in ordered]
    numbers, first, second = _numbered(items, n_items)
    return Orders(
        lists=tuple(
            Lists(worker, item, pair) for (worker, item), pair in zip(ordered, numbers, strict=True)
        ),
        first=first,
        second=second,
        n_items=n_items,
        n_workers=n_workers,
        blocks=parted(first, second, n_items),
    )


def _numbered(items: Sequence[Ints], n_items: int) -> tuple[list[Ints], Ints, Ints]:
    """Number all pairs of one answer, in a table of each component's where that is small."""
    ahead = [item[:, :-1].ravel() for item in items]
    behind = [item[:, 1:].ravel() for item in items]
    none = np.empty(0, np.int32)
    component = components(np.concatenate([none, *ahead]), np.concatenate([none, *behind]), n_items)
    sizes = np.bincount(component)
    if (sizes**2).sum() > N_CELLS_MAX:
        return _numbered_by_sorting(items, n_items)
    order = np.argsort(component, kind="stable").astype(np.int32)
    opens = np.cumsum(sizes) - sizes
    place = np.empty(n_items, np.int32)
    place[order] = np.arange(n_items) - opens[component[order]]
    cells_before = np.cumsum(sizes**2) - sizes**2
    begin = cells_before[component] + sizes[component] * place
    number = np.zeros((sizes**2).sum(), np.int32)
    for item in items:
        mark_pairs(item, place, begin, number)
    cells = np.flatnonzero(number)
    number[cells] = np.arange(len(cells))
    numbers = []
    for n_answers, length in (item.shape for item in items):
        numbers.append(np.empty((n_answers, length * (length - 1) // 2), np.int32))
    for item, pair in zip(items, numbers, strict=True):
        fill_pairs(item, place, begin, number, pair)
    # Rows of cells follow each other as items do within their components.
    row = np.searchsorted(begin[order], cells, side="right") - 1
    second = order[opens[component[order[row]]] + cells - begin[order[row]]]
    return numbers, order[row], second


def _numbered_by_sorting(items: Sequence[Ints], n_items: int) -> tuple[list[Ints], Ints, Ints]:
    keys = []
    for item in items:
        ahead, behind = np.triu_indices(item.shape[1], 1)
        low = np.minimum(item[:, ahead], item[:, behind]).astype(np.int64)
        keys.append(low * n_items + np.maximum(item[:, ahead], item[:, behind]))
    pairs, number = np.unique(np.concatenate([key.ravel() for key in keys]), return_inverse=True)
    flat = np.split(number.astype(np.int32), np.cumsum([key.size for key in keys])[:-1])
    first, second = np.divmod(pairs, n_items)
    numbers = [own.reshape(key.shape) for own, key in zip(flat, keys, strict=True)]
    return numbers, first.astype(np.int32), second.astype(np.int32)
