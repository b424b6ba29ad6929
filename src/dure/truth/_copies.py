"""Workers whose wrong answers are the same far more often than the crowd's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Longs = NDArray[np.int64]

# Copies share this part of the wrong answers that others would not share. Honest pairs do not:
# see docs/truth/value.md.
EXCESS_MIN = 0.6
# The shared part is shrunk to the crowd's as if so many wrong answers more of each were seen.
SHARED_STRENGTH = 3.0
# Wrong answers that very many gave tell little of who copies; the most frequent are passed over.
N_PAIRS_MAX = 1 << 22
N_ROWS_MAX = 1 << 20


def group_copies(task: Longs, worker: Longs, label: Longs, true: Longs) -> Longs:
    """Return each worker's group: the least code of those whose errors are one person's.

    Rows are checked answers in order of task and worker; workers are coded without gaps.
    """
    n_workers = int(worker.max()) + 1
    wrong = np.flatnonzero(label != true)
    order = wrong[np.lexsort((worker[wrong], label[wrong], task[wrong]))]
    n_each = _cells(task[order], label[order])[1]
    kept = np.repeat(n_each <= _largest_cell(n_each), n_each)
    order = order[kept]
    pairs, n_same = _pairs(task[order], label[order], worker[order], n_workers)
    if not len(pairs):
        return np.arange(n_workers)
    usual = _usual(task, task[order], label[order])
    one, other = np.divmod(pairs, n_workers)
    # Most pairs shared too little, whichever their other tasks in common are.
    n_wrong = np.bincount(worker[order], minlength=n_workers)
    n_missed = len(np.unique(task)) - np.bincount(worker)
    fewest = np.maximum(n_wrong[one] - n_missed[other], n_same)
    fewest += np.maximum(n_wrong[other] - n_missed[one], n_same)
    may_be = _are_copies(n_same, fewest, usual)
    one, other, n_same = one[may_be], other[may_be], n_same[may_be]
    n_beside = _n_wrong_beside(one, other, task, worker, order, n_workers)
    n_beside += _n_wrong_beside(other, one, task, worker, order, n_workers)
    are_copies = _are_copies(n_same, n_beside, usual)
    return _joined(one[are_copies], other[are_copies], n_workers)


def _are_copies(n_same: Longs, n_wrong: Longs, usual: float) -> NDArray[np.bool_]:
    """Tell whether so many of the wrong answers of two are the same that chance is no reason."""
    shared = (2.0 * n_same + 2.0 * SHARED_STRENGTH * usual) / (n_wrong + 2.0 * SHARED_STRENGTH)
    return shared - usual > EXCESS_MIN * (1.0 - usual)


def _cells(task: Longs, label: Longs) -> tuple[Longs, Longs]:
    """Return where each stretch of one task and label starts and how long it is."""
    is_new = np.ones(len(task), bool)
    is_new[1:] = (np.diff(task) != 0) | (np.diff(label) != 0)
    starts = np.flatnonzero(is_new)
    return starts, np.diff(starts, append=len(task))


def _largest_cell(n_each: Longs) -> int:
    """Return up to which size all cells together have no more pairs than are looked at."""
    size, n_cells = np.unique(n_each, return_counts=True)
    n_pairs = np.cumsum(n_cells * (size * (size - 1) // 2))
    fitting = size[n_pairs <= N_PAIRS_MAX]
    return int(fitting[-1]) if len(fitting) else 0


def _pairs(task: Longs, label: Longs, worker: Longs, n_workers: int) -> tuple[Longs, Longs]:
    """Return the pairs of workers with the same wrong answers, as one key, and how many."""
    starts, n_each = _cells(task, label)
    n_after = np.repeat(starts + n_each, n_each) - np.arange(len(task)) - 1
    found = [np.empty(0, np.int64)]
    first, step = np.flatnonzero(n_after > 0), 1
    while len(first):
        found.append(worker[first] * n_workers + worker[first + step])
        step += 1
        first = first[n_after[first] >= step]
    pairs, n_same = np.unique(np.concatenate(found), return_counts=True)
    return pairs, n_same.astype(np.int64)


def _usual(task_of_answer: Longs, task: Longs, label: Longs) -> float:
    """Return how often somebody else on a task gives the same wrong answer."""
    _, n_each = _cells(task, label)
    n_others = np.bincount(task_of_answer)[task] - 1
    return float((n_each * (n_each - 1)).sum() / n_others.sum())


def _n_wrong_beside(
    one: Longs, other: Longs, task: Longs, worker: Longs, wrong: Longs, n_workers: int
) -> Longs:
    """Return how many wrong answers the one of each pair gave where the other answered too."""
    answered = task * n_workers + worker
    by_worker = wrong[np.argsort(worker[wrong], kind="stable")]
    n_wrong = np.bincount(worker[wrong], minlength=n_workers)
    starts = np.cumsum(n_wrong) - n_wrong
    counts = np.zeros(len(one), np.int64)
    bounds = np.searchsorted(
        np.cumsum(n_wrong[one]) // N_ROWS_MAX, np.arange(n_wrong[one].sum() // N_ROWS_MAX + 2)
    )
    for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        pair = np.repeat(np.arange(first, last), n_wrong[one[first:last]])
        place = np.arange(len(pair)) - np.searchsorted(pair, pair)
        key = task[by_worker[starts[one[pair]] + place]] * n_workers + other[pair]
        at = np.minimum(np.searchsorted(answered, key), len(answered) - 1)
        counts += np.bincount(pair[answered[at] == key], minlength=len(one))
    return counts


def _joined(one: Longs, other: Longs, n_workers: int) -> Longs:
    """Return the least code that pairs connect each worker with."""
    group = np.arange(n_workers)
    while True:
        before = group.copy()
        least = np.minimum(group[one], group[other])
        np.minimum.at(group, one, least)
        np.minimum.at(group, other, least)
        group = group[group]
        if (group == before).all():
            return group
