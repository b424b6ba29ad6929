"""Votes on pairs in canonical order, and how likely each was."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dure.truth._blocks import Blocks, parted
from dure.truth.types import LEFT, RIGHT, SAME, Comparisons, Floats, Ints

# An expert errs only where two items are nearly equal: so much more precise than the crowd.
EXPERT_PRECISION = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """Votes, those of the expert last, and the pairs they are on, `first` below `second`.

    `toward[i]` is 1 where the vote's left is the pair's first, else -1; `side` is 1 for a vote
    for the left, -1 for the right and 0 for the same. The expert is the worker `n_workers`.
    """

    pair: NDArray[np.int64]
    toward: Floats
    worker: Ints
    side: Floats
    first: Ints
    second: Ints
    n_items: int
    n_workers: int
    knows_ties: bool
    blocks: Blocks

    @property
    def is_expert(self) -> NDArray[np.bool_]:
        """Which votes are the expert's."""
        found: NDArray[np.bool_] = self.worker == self.n_workers
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Of each vote: what is left unexplained, and how much it tells, by the lead and by the tie.

    The lead is how much the left leads in log odds, the tie the log odds for the same.
    """

    log_chance: Floats
    lead_slope: Floats
    tie_slope: Floats
    lead_information: Floats
    tie_information: Floats
    both_information: Floats


def put_in_order(comparisons: Comparisons, gold: Comparisons | None) -> Votes:
    """Sort the votes, so that the order of the rows changes nothing."""
    parts = [comparisons]
    if gold is not None:
        expert = np.full(len(gold.worker_of_answer), comparisons.n_workers, np.int32)
        parts.append(replace(gold, worker_of_answer=expert))
    left = np.concatenate([part.left_of_answer for part in parts])
    right = np.concatenate([part.right_of_answer for part in parts])
    worker = np.concatenate([part.worker_of_answer for part in parts])
    given = np.concatenate([part.side_of_answer for part in parts])
    order = np.lexsort((given, worker, right, left))
    left, right, worker, given = left[order], right[order], worker[order], given[order]
    size = max(1, comparisons.n_items)
    low, high = np.minimum(left, right).astype(np.int64), np.maximum(left, right)
    keys, pair = np.unique(low * size + high, return_inverse=True)
    first, second = (one.astype(np.int32) for one in np.divmod(keys, size))
    return Votes(
        pair=pair.astype(np.int64, copy=False),
        toward=np.where(left < right, 1.0, -1.0),
        worker=worker,
        side=np.where(given == LEFT, 1.0, np.where(given == RIGHT, -1.0, 0.0)),
        first=first,
        second=second,
        n_items=comparisons.n_items,
        n_workers=comparisons.n_workers,
        knows_ties=bool((comparisons.side_of_answer == SAME).any()),
        blocks=parted(first, second, comparisons.n_items),
    )


def chances(lead: Floats, tie: Floats) -> Floats:
    """Return the chances of left, right and same, on a new last axis.

    Source: R. R. Davidson, On extending the Bradley-Terry model to accommodate ties in paired
    comparison experiments, JASA 65, 1970.
    """
    logs = np.stack([lead / 2.0, -lead / 2.0, np.broadcast_to(tie, np.shape(lead))], axis=-1)
    logs -= logs.max(axis=-1, keepdims=True)
    rows = np.exp(logs)
    shares: Floats = rows / rows.sum(axis=-1, keepdims=True)
    return shares


def moments(lead: Floats, tie: Floats, side: Floats) -> Moments:
    """Return the derivatives of each vote's log chance."""
    top = np.maximum(np.abs(lead) / 2.0, tie)
    left, right, same = np.exp(lead / 2.0 - top), np.exp(-lead / 2.0 - top), np.exp(tie - top)
    total = left + right + same
    left, right, same = left / total, right / total, same / total
    expected = left - right
    said = np.where(side == 0.0, tie, side * lead / 2.0)
    return Moments(
        log_chance=said - top - np.log(total),
        lead_slope=(side - expected) / 2.0,
        tie_slope=(side == 0.0) - same,
        lead_information=(left + right - expected**2) / 4.0,
        tie_information=same * (1.0 - same),
        both_information=-expected * same / 2.0,
    )
