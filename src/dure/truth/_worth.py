"""How much better a forecast of the truth an answer makes, leaving its own task out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth._copies import group_copies
from dure.truth.types import Answers, Floats, Ints

Longs = NDArray[np.int64]

# Truths added to each label.
PRIOR_SMOOTHING = 1.0
# The crowd's habits are shrunk to one accuracy for all labels, and a worker's to the crowd's, as if
# so many answers to tasks of that truth were seen.
CROWD_STRENGTH = 5.0
WORKER_STRENGTH = 5.0
# The crowd's accuracy is shrunk to a coin's as if so many answers were seen.
COIN_STRENGTH = 2.0
# The log odds of n answers are divided by 1 + DEPENDENCE * (n - 1), for answers fail together. Less
# than makes the best forecasts (.3), so that who repeats what all say adds less: measured, see
# docs/truth/value.md.
DEPENDENCE = 0.1
# Answers times labels in memory at once.
N_CELLS_MAX = 1 << 21


@dataclass(frozen=True, slots=True, eq=False)
class _Checked:
    """The checked answers in order of task and worker, with counts of them."""

    task: Longs
    worker: Longs
    label: Longs
    true: Longs
    n_labels: int
    # How often each worker gave a label where another was true: sorted keys and their counts.
    key: Longs
    n_of_key: Longs
    # How often each worker answered where a label was true, and the crowd gave a label there.
    n_of_worker: Floats
    n_of_crowd: Floats
    right_of_worker: Floats
    # Workers who copy have one group.
    group: Longs
    # When each answer was given: copies are paid for the first of them.
    order: Longs


def forecast_gains(
    answers: Answers, truth: Ints, is_checked: NDArray[np.bool_], *, order_of_answer: Longs
) -> tuple[Longs, Floats]:
    """Return each checked answer's worker and value."""
    if not is_checked.any() or answers.n_labels < 2:
        worker = answers.worker_of_answer[is_checked].astype(np.int64)
        return worker, np.zeros(len(worker))
    checked, names = _count(answers, truth, is_checked, order_of_answer)
    log_prior = _log_prior(truth, answers.n_labels)
    starts = np.flatnonzero(np.diff(checked.task, prepend=-1))
    value = np.empty(len(checked.task))
    for first, last in _pieces(starts, len(value), N_CELLS_MAX // answers.n_labels):
        rows = slice(first, last)
        value[rows] = _values(checked, rows, log_prior)
    return names[checked.worker], value


def _values(checked: _Checked, rows: slice, log_prior: Floats) -> Floats:
    """Return the value of the answers to some tasks: half alone, half beside the others."""
    true = checked.true[rows]
    told = _log_chance(checked, rows)
    prior = log_prior[true]
    alone = _log_score(prior + told, true) - prior[np.arange(len(true)), true]
    same, n_same = _repeats(checked, rows)
    # The answers of copies count as one together, and are left out together.
    once = told / n_same[:, None]
    own = np.zeros((same.max() + 1, checked.n_labels))
    np.add.at(own, same, once)
    starts = np.flatnonzero(np.diff(checked.task[rows], prepend=-1))
    n_rows = np.diff(starts, append=len(true))
    total = np.repeat(np.add.reduceat(once, starts), n_rows, axis=0)
    n = np.repeat(np.add.reduceat(1.0 / n_same, starts), n_rows)[:, None]
    together = total / (1.0 + DEPENDENCE * (n - 1.0))
    without = (total - own[same]) / (1.0 + DEPENDENCE * np.maximum(n - 2.0, 0.0))
    added = _log_score(prior + together, true) - _log_score(prior + without, true)
    return 0.5 * (alone + added) * _part(same, checked.order[rows])


def _repeats(checked: _Checked, rows: slice) -> tuple[Longs, Floats]:
    """Return which answers are repeats of each other, and how many of each there are."""
    label, group = checked.label[rows], checked.group[checked.worker[rows]]
    cell = (_place(checked.task[rows]) * len(checked.group) + group) * checked.n_labels + label
    _, same, n = np.unique(cell, return_inverse=True, return_counts=True)
    return same, n[same].astype(np.float64)


def _part(same: Longs, order: Longs) -> Floats:
    """Return which part of a value each of those who repeat one answer gets: it is the first's."""
    first = np.full(same.max() + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, same, order)
    is_first = (order == first[same]).astype(np.float64)
    part: Floats = is_first / np.bincount(same, weights=is_first)[same]
    return part


def _log_score(log_odds: Floats, true: Longs) -> Floats:
    top = log_odds.max(axis=1)
    total = np.log(np.exp(log_odds - top[:, None]).sum(axis=1)) + top
    score: Floats = log_odds[np.arange(len(true)), true] - total
    return score


def _log_prior(truth: Ints, n_labels: int) -> Floats:
    """Return the log shares of labels among the truths, without one of the row's own label."""
    n = np.bincount(truth[truth >= 0], minlength=n_labels).astype(np.float64)
    left = n[None, :] - np.eye(n_labels) + PRIOR_SMOOTHING
    # A label that is never true has no task to be left out of.
    left = np.maximum(left, PRIOR_SMOOTHING)
    log_prior: Floats = np.log(left / left.sum(axis=1, keepdims=True))
    return log_prior


def _log_chance(checked: _Checked, rows: slice) -> Floats:
    """Return how likely each answer was from its worker under each truth, its task left out."""
    n_labels = checked.n_labels
    worker, label, true = checked.worker[rows], checked.label[rows], checked.true[rows]
    at = np.arange(len(true))
    every = np.arange(n_labels)
    given = _n_given(checked, (worker[:, None] * n_labels + every) * n_labels + label[:, None])
    asked = checked.n_of_worker[worker]
    # The crowd without this worker and without this task.
    crowd_given = checked.n_of_crowd[:, label].T - given
    crowd_asked = checked.n_of_crowd.sum(axis=1) - asked
    same, n_on_task, n_right = _on_task(checked.task[rows], label, label == true, n_labels)
    crowd_given[at, true] -= same - 1.0
    crowd_asked[at, true] -= n_on_task - 1.0
    given[at, true] -= 1.0
    asked[at, true] -= 1.0
    right = np.trace(checked.n_of_crowd) - checked.right_of_worker[worker]
    right += (label == true) - n_right
    coin = (right + COIN_STRENGTH / n_labels) / (crowd_asked.sum(axis=1) + COIN_STRENGTH)
    base = np.repeat(((1.0 - coin) / (n_labels - 1))[:, None], n_labels, axis=1)
    base[at, label] = coin
    crowd = (crowd_given + CROWD_STRENGTH * base) / (crowd_asked + CROWD_STRENGTH)
    chance: Floats = (given + WORKER_STRENGTH * crowd) / (asked + WORKER_STRENGTH)
    return np.log(chance)


def _count(
    answers: Answers, truth: Ints, is_checked: NDArray[np.bool_], order_of_answer: Longs
) -> tuple[_Checked, Longs]:
    """Return the checked answers in order, and the names of the workers that gave them."""
    task = answers.task_of_answer[is_checked].astype(np.int64)
    names, worker = np.unique(answers.worker_of_answer[is_checked], return_inverse=True)
    label = answers.label_of_answer[is_checked].astype(np.int64)
    order = np.lexsort((label, worker, task))
    task, worker, label = task[order], worker[order].astype(np.int64), label[order]
    true = truth[task].astype(np.int64)
    n_labels = answers.n_labels
    asked = worker * n_labels + true
    key, n_of_key = np.unique(asked * n_labels + label, return_counts=True)
    checked = _Checked(
        task=task,
        worker=worker,
        label=label,
        true=true,
        n_labels=n_labels,
        key=key,
        n_of_key=n_of_key.astype(np.int64),
        n_of_worker=_table(asked, len(names), n_labels),
        n_of_crowd=_table(true * n_labels + label, n_labels, n_labels),
        right_of_worker=np.bincount(worker[label == true], minlength=len(names)).astype(np.float64),
        group=group_copies(task, worker, label, true),
        order=order_of_answer[is_checked][order],
    )
    return checked, names.astype(np.int64)


def _table(cell: Longs, n_rows: int, n_columns: int) -> Floats:
    counts = np.bincount(cell, minlength=n_rows * n_columns)
    return counts.reshape(n_rows, n_columns).astype(np.float64)


def _n_given(checked: _Checked, key: Longs) -> Floats:
    """Return how often each key was counted."""
    at = np.minimum(np.searchsorted(checked.key, key), len(checked.key) - 1)
    return np.where(checked.key[at] == key, checked.n_of_key[at], 0).astype(np.float64)


def _on_task(
    task: Longs, label: Longs, is_right: NDArray[np.bool_], n_labels: int
) -> tuple[Floats, ...]:
    """Return how many answers each row's task has: with the row's label, in all, and right."""
    of_task = _place(task)
    cell = of_task * n_labels + label
    same = np.bincount(cell)[cell].astype(np.float64)
    n_each = np.bincount(of_task)[of_task].astype(np.float64)
    right = np.bincount(of_task[is_right], minlength=of_task[-1] + 1)[of_task]
    return same, n_each, right.astype(np.float64)


def _place(task: Longs) -> Longs:
    """Number the tasks of rows in order from 0."""
    return np.cumsum(np.diff(task, prepend=task[0]) != 0)


def _pieces(starts: Longs, n_rows: int, n_rows_max: int) -> list[tuple[int, int]]:
    """Return stretches of whole tasks, each of at most so many rows unless one task has more."""
    bounds, first = [0], 0
    for start in starts[1:].tolist():
        if start - bounds[-1] > n_rows_max and first > bounds[-1]:
            bounds.append(first)
        first = start
    if n_rows - bounds[-1] > n_rows_max and first > bounds[-1]:
        bounds.append(first)
    return list(zip(bounds, [*bounds[1:], n_rows], strict=True))
