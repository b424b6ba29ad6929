from __future__ import annotations

import math

import numpy as np
import pytest

from dure.truth import _kernels

# The same sums in the same order, so only the last bits could differ.
CLOSE = {"rtol": 1e-12, "atol": 1e-13}
NO_MATRIX, NO_COIN = np.empty((0, 0, 0)), np.empty(0)


@pytest.mark.parametrize("n_levels", [1, 2])
def test_start_is_the_smoothed_vote_and_split_votes_make_hard_tasks(n_levels):
    rows = _Rows(n_levels)
    probability = np.empty((rows.n_tasks, rows.n_states))

    _kernels.start_from_votes(
        rows.starts, rows.labels, rows.gold, probability, n_labels=3, smoothing=0.5
    )

    for task in range(rows.n_tasks):
        votes = np.bincount(rows.labels_of(task), minlength=3) + 0.5
        shares = votes / votes.sum()
        hard = min(max(2 * (1 - shares.max()), 0.1), 0.9)
        twin = shares if n_levels == 1 else np.concatenate([shares * (1 - hard), shares * hard])
        np.testing.assert_allclose(probability[task], rows.held(twin, task), **CLOSE)


@pytest.mark.parametrize("n_levels", [1, 2])
@pytest.mark.parametrize("has_matrices", [True, False])
def test_believe_renews_and_counts_as_its_twin_does(n_levels, has_matrices):
    rows = _Rows(n_levels, has_matrices=has_matrices)
    before = rows.random.dirichlet(np.ones(rows.n_states), rows.n_tasks)
    probability = before.copy()
    counts, hits, mass = rows.nothing_counted()

    change = _kernels.believe(
        0, rows.n_tasks, rows.starts, rows.workers, rows.labels, rows.log_matrix, rows.log_coin,
        rows.log_prevalence, rows.gold, probability, counts, hits, mass, 3,
    )  # fmt: skip

    twin = before.copy()
    twin_counts, twin_hits, twin_mass = rows.nothing_counted()
    for task in rows.answered:
        twin[task] = rows.held(_softmax(rows.logs(task)), task)
        twin_mass += twin[task]
        for worker, label in rows.given(task):
            if has_matrices:
                twin_counts[worker, label] += twin[task]
            else:
                twin_hits[worker] += [twin[task, label], 1 - twin[task, label]]
    np.testing.assert_allclose(probability, twin, **CLOSE)
    np.testing.assert_allclose(counts, twin_counts, **CLOSE)
    np.testing.assert_allclose(hits, twin_hits, **CLOSE)
    np.testing.assert_allclose(mass, twin_mass, **CLOSE)
    assert change == pytest.approx(np.abs(twin - before).sum())


@pytest.mark.parametrize("n_levels", [1, 2])
@pytest.mark.parametrize("has_matrices", [True, False])
def test_conclude_tempers_folds_and_mixes_as_its_twin_does(n_levels, has_matrices):
    rows = _Rows(n_levels, has_matrices=has_matrices)
    result = np.empty((rows.n_tasks, 3))

    _kernels.conclude(
        0, rows.n_tasks, rows.starts, rows.workers, rows.labels, rows.log_matrix, rows.log_coin,
        rows.log_prevalence, rows.gold, 0.6, 1.3, 0.2, 0.5, result,
    )  # fmt: skip

    for task in range(rows.n_tasks):
        tempered = rows.tempered(task, correlation=0.6, sharpness=1.3)
        folded = tempered.reshape(-1, 3).max(axis=0)
        votes = np.bincount(rows.labels_of(task), minlength=3) + 0.5
        mixed = 0.8 * folded / folded.sum() + 0.2 * votes / votes.sum()
        np.testing.assert_allclose(result[task], rows.held(mixed, task), **CLOSE)
    np.testing.assert_allclose(result.sum(axis=1), 1.0, **CLOSE)


@pytest.mark.parametrize("has_matrices", [True, False])
def test_fail_together_multiplies_errors_as_its_twin_does(has_matrices):
    rows = _Rows(1, has_matrices=has_matrices)

    together, n_pairs = _kernels.fail_together(
        0, rows.n_tasks, rows.starts, rows.workers, rows.labels, rows.log_matrix, rows.log_coin,
        rows.log_prevalence, rows.gold, 3,
    )  # fmt: skip

    twin, twin_pairs = 0.0, 0
    for task in range(rows.n_tasks):
        row = rows.held(_softmax(rows.logs(task)), task)
        errors = []
        for worker, label in rows.given(task):
            usually = row @ rows.chance_right(worker)
            spread = math.sqrt(max(usually * (1 - usually), _kernels.VARIANCE_MIN))
            errors.append((row[label] - usually) / spread)
        pairs = [(a, b) for a in range(len(errors)) for b in range(len(errors)) if a != b]
        twin += sum(errors[a] * errors[b] for a, b in pairs)
        twin_pairs += len(pairs)
    assert together == pytest.approx(twin)
    assert n_pairs == twin_pairs > 0


def test_doubt_is_the_variance_of_being_right():
    rows = _Rows(1)
    probability = rows.random.dirichlet(np.ones(3), rows.n_tasks)
    twin = np.zeros(6)
    for task in range(rows.n_tasks):
        for worker, label in rows.given(task):
            twin[worker] += probability[task, label] * (1 - probability[task, label])

    doubt, n_given = np.zeros(6), np.zeros(6)
    _kernels.add_doubt(rows.starts, rows.workers, rows.labels, probability, doubt, n_given)

    np.testing.assert_allclose(doubt, twin, **CLOSE)
    assert n_given.tolist() == np.bincount(rows.workers, minlength=6).tolist()


def test_codes_are_counted():
    counts = np.zeros(4, np.int64)

    _kernels.count_codes(np.array([2, 0, 2, 3], np.int32), counts)

    assert counts.tolist() == [1, 0, 2, 1]


def test_kernels_are_done_in_parts_as_in_one():
    rows = _Rows(1)
    whole, parts = np.empty((rows.n_tasks, 3)), np.empty((rows.n_tasks, 3))
    arguments = (
        rows.starts, rows.workers, rows.labels, rows.log_matrix, rows.log_coin,
        rows.log_prevalence, rows.gold, 0.6, 1.0, 0.1, 0.5,
    )  # fmt: skip

    _kernels.conclude(0, rows.n_tasks, *arguments, whole)
    _kernels.conclude(0, 7, *arguments, parts)
    _kernels.conclude(7, rows.n_tasks, *arguments, parts)

    assert whole.tobytes() == parts.tobytes()


class _Rows:
    """Random answers to 20 tasks, some without any, two of them known; and what workers do."""

    def __init__(self, n_levels, *, has_matrices=True):
        self.random = np.random.default_rng(5)
        self.n_tasks, self.n_workers, self.n_states = 20, 6, 3 * n_levels
        n_answers = self.random.integers(0, 6, self.n_tasks)
        self.starts = np.concatenate([[0], np.cumsum(n_answers)])
        self.answered = np.flatnonzero(n_answers)
        self.workers = self.random.integers(0, 6, self.starts[-1]).astype(np.int32)
        self.labels = self.random.integers(0, 3, self.starts[-1]).astype(np.int32)
        self.gold = np.full(self.n_tasks, -1, np.int32)
        self.gold[[3, 11]] = 2, 0
        chances = self.random.dirichlet(np.ones(3), (6, self.n_states)).transpose(0, 2, 1)
        self.log_matrix = np.log(chances).copy() if has_matrices else NO_MATRIX
        self.log_coin = NO_COIN if has_matrices else self.random.normal(1.0, 1.0, 6)
        self.log_prevalence = np.log(self.random.dirichlet(np.ones(self.n_states)))

    def given(self, task):
        rows = range(self.starts[task], self.starts[task + 1])
        return [(self.workers[row], self.labels[row]) for row in rows]

    def labels_of(self, task):
        return self.labels[self.starts[task] : self.starts[task + 1]]

    def says(self, worker, label):
        if len(self.log_matrix):
            return self.log_matrix[worker, label]
        return np.where(np.arange(self.n_states) == label, self.log_coin[worker], 0.0)

    def logs(self, task):
        return self.log_prevalence + sum(self.says(*one) for one in self.given(task))

    def tempered(self, task, *, correlation, sharpness):
        logs = self.logs(task)
        best = int(logs.argmax())
        all_said = [self.log_prevalence, *(self.says(*one) for one in self.given(task))]
        each = np.abs([says[best] - says for says in all_said])
        with np.errstate(invalid="ignore"):
            divisor = 1 + correlation * (each.sum(axis=0) / each.max(axis=0) - 1)
        return _softmax((logs - logs.max()) * sharpness / np.where(logs == logs.max(), 1, divisor))

    def chance_right(self, worker):
        if len(self.log_matrix):
            return np.exp(self.log_matrix[worker].diagonal())
        odds = math.exp(self.log_coin[worker]) / 2
        return np.full(3, odds / (1 + odds))

    def held(self, row, task):
        if self.gold[task] < 0:
            return row
        known = np.where(np.arange(len(row)) % 3 == self.gold[task], row, 0.0)
        return known / known.sum()

    def nothing_counted(self):
        has_matrices = len(self.log_matrix) > 0
        return (
            np.zeros((6, 3, self.n_states) if has_matrices else (0, 0, 0)),
            np.zeros((0 if has_matrices else 6, 2)),
            np.zeros(self.n_states),
        )


def _softmax(logs):
    chances = np.exp(logs - logs.max())
    return chances / chances.sum()
