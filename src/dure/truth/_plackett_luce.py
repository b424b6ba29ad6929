"""Rankings as choices one after another: how likely each was, and what it tells.

Answers of one length are one array, so that sums run from the last place without a mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dure.truth import _laplacian as laplacian
from dure.truth._blocks import Blocks, components
from dure.truth._order_kernels import FAR, fill_pairs, mark_pairs
from dure.truth._pair_votes import EXPERT_PRECISION
from dure.truth.types import Floats, Ints, Rankings
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


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """Of answers of one length and each place: strength, and sums over the choices so far.

    `inverse` sums one over what was left to choose from, `inverse_square` its square; the last
    place is no choice.
    """

    strength: Floats
    inverse: Floats
    inverse_square: Floats
    log_chance: Floats


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


def choices(item: Ints, precision: Floats, score: Floats) -> Choices:
    """Return what the answers of one length say at these scores."""
    lead = precision[:, None] * score[item]
    top = lead.max(axis=1, keepdims=True)
    lead = np.maximum(lead - top, -FAR)
    strength = np.exp(lead)
    left = np.cumsum(strength[:, ::-1], axis=1)[:, ::-1]
    inverse = 1.0 / left
    inverse[:, -1] = 0.0
    return Choices(
        strength=strength,
        inverse=np.cumsum(inverse, axis=1),
        inverse_square=np.cumsum(inverse**2, axis=1),
        log_chance=(lead - np.log(left))[:, :-1].sum(axis=1),
    )


def pulls(precision: Floats, told: Choices) -> Floats:
    """Return how each answer pulls at the score of each of its items, (n, length)."""
    chosen = np.ones_like(told.strength)
    chosen[:, -1] = 0.0
    pulled: Floats = precision[:, None] * (chosen - told.strength * told.inverse)
    return pulled


def ties(precision: Floats, told: Choices) -> Floats:
    """Return how much each answer tells of each pair of its items, (n, pairs).

    The curvature of a ranking's log chance is that of comparisons of all its pairs.
    """
    first, second = np.triu_indices(told.strength.shape[1], 1)
    strong = told.strength[:, first] * told.strength[:, second]
    tied: Floats = precision[:, None] ** 2 * strong * told.inverse_square[:, first]
    return tied


def of_precision(
    item: Ints, precision: Floats, score: Floats, variance: Floats, told: Choices
) -> tuple[Floats, Floats]:
    """Return the slope and information of each answer's worker's precision.

    Expected over what is not known of the scores, as for comparisons.
    """
    at = score[item]
    inverse = np.diff(told.inverse, axis=1, prepend=0.0)
    mean = np.cumsum((told.strength * at)[:, ::-1], axis=1)[:, ::-1] * inverse
    square = np.cumsum((told.strength * at**2)[:, ::-1], axis=1)[:, ::-1] * inverse
    spread = (square - mean**2)[:, :-1].sum(axis=1)
    chance = told.strength * told.inverse - told.strength**2 * told.inverse_square
    doubt = (chance * variance[item]).sum(axis=1)
    slope = (at - mean)[:, :-1].sum(axis=1) - precision * doubt
    return slope, np.maximum(spread, 0.0) + doubt


def precision_of(worker: Ints, own: Floats) -> Floats:
    """Return the precision of each answer's worker; the expert comes after all others."""
    precision: Floats = np.append(own, EXPERT_PRECISION)[worker]
    return precision


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
        blocks=laplacian.parted(first, second, n_items),
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
