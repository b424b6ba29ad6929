from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.truth import _copies


@st.composite
def checked_rows(draw):
    """Rows of (task, worker, label), some workers copies of others; and the truths."""
    n_tasks, n_workers = draw(st.integers(1, 8)), draw(st.integers(2, 6))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    truth = random.integers(0, 3, n_tasks).tolist()
    given_labels = random.integers(0, 3, (n_workers, n_tasks))
    given_labels[n_workers // 2 :] = given_labels[0]
    noise = random.random((n_workers, n_tasks)) < draw(st.sampled_from([0.0, 0.1, 0.3]))
    given_labels[noise] = 0
    answered = random.random((n_workers, n_tasks)) < 0.8
    answered[:, 0] = True
    rows = [(task, worker, int(given_labels[worker, task]))
            for task in range(n_tasks) for worker in range(n_workers)
            if answered[worker, task]]  # fmt: skip
    return rows, truth


@given(checked_rows(), st.sampled_from([0.5, 3.0]))
def test_groups_are_those_of_the_slow_twin(case, strength):
    rows, truth = case
    usual = _copies.SHARED_STRENGTH

    _copies.SHARED_STRENGTH = strength
    try:
        groups, expected = _groups(rows, truth), slow_groups(rows, truth)
    finally:
        _copies.SHARED_STRENGTH = usual

    assert groups.tolist() == [expected[worker] for worker in range(len(groups))]


@pytest.mark.parametrize("n_rows_max", [1, 7])
def test_looking_at_few_rows_at_a_time_changes_nothing(monkeypatch, n_rows_max):
    rows, truth = _crowd_with_a_copyist()
    expected = _groups(rows, truth)

    monkeypatch.setattr(_copies, "N_ROWS_MAX", n_rows_max)

    assert _groups(rows, truth).tolist() == expected.tolist()


def test_a_copyist_joins_whom_he_copies_and_nobody_else():
    rows, truth = _crowd_with_a_copyist()

    assert _groups(rows, truth).tolist() == [0, 1, 2, 3, 4, 2]


def test_without_rare_wrong_answers_nobody_is_a_copyist(monkeypatch):
    rows, truth = _crowd_with_a_copyist()
    monkeypatch.setattr(_copies, "N_PAIRS_MAX", 0)

    assert _groups(rows, truth).tolist() == [0, 1, 2, 3, 4, 5]


def slow_groups(rows, truth):
    """The least worker that chains of copies connect each worker with."""
    label = {row[:2]: row[2] for row in rows}
    workers = sorted({row[1] for row in rows})
    wrong = {pair for pair, given_label in label.items() if given_label != truth[pair[0]]}
    usual = _shared(label, wrong, [(one, other) for one in workers for other in workers
                                   if one != other], 0.0, 0.0)  # fmt: skip
    group = {worker: worker for worker in workers}
    for one, other in combinations(workers, 2):
        shared = _shared(
            label, wrong, [(one, other), (other, one)], usual, 2 * _copies.SHARED_STRENGTH
        )
        if shared - usual > _copies.EXCESS_MIN * (1 - usual):
            least, most = sorted((group[one], group[other]))
            group = {worker: least if now == most else now for worker, now in group.items()}
    return group


def _shared(label, wrong, pairs, usual, strength):
    """How often wrong answers of the one are the other's too, where he answered."""
    beside = [(task, worker, other) for task, worker in sorted(wrong) for one, other in pairs
              if worker == one and (task, other) in label]  # fmt: skip
    n_same = sum(label[task, one] == label[task, other] for task, one, other in beside)
    n_beside = len(beside)
    return (n_same + strength * usual) / (n_beside + strength) if n_beside else 0.0


def _groups(rows, truth):
    task, worker, label = np.array(rows, np.int64).T
    return _copies.group_copies(task, worker, label, np.array(truth)[task])


def _crowd_with_a_copyist():
    """Five who err by themselves, three times of ten, and one who copies the third."""
    random = np.random.default_rng(3)
    truth = random.integers(0, 3, 60)
    labels = np.where(random.random((5, 60)) < 0.7, truth, (truth + 1) % 3)
    labels = np.vstack([labels, labels[2]])
    rows = [(task, worker, int(labels[worker, task])) for task in range(60) for worker in range(6)]
    return rows, truth.tolist()
