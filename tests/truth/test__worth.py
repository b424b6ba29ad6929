from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.truth import _copies, _worth
from tests.truth.test__copies import slow_groups
from tests.truth.test_value import checked_answers


@pytest.fixture(autouse=True, scope="module")
def _copies_are_seen_early():
    usual = _copies.EXCESS_MIN, _copies.SHARED_STRENGTH
    _copies.EXCESS_MIN, _copies.SHARED_STRENGTH = 0.3, 0.5
    yield
    _copies.EXCESS_MIN, _copies.SHARED_STRENGTH = usual


@given(checked_answers(), st.data())
def test_values_are_those_of_the_slow_twin(case, data):
    answers, truth = case
    n_answers = len(answers.task_of_answer)
    times = data.draw(st.lists(st.integers(0, 3), min_size=n_answers, max_size=n_answers))
    rows = zip(answers.task_of_answer, answers.worker_of_answer, answers.label_of_answer, times,
               strict=True)  # fmt: skip
    checked = sorted(tuple(map(int, row)) for row in rows if truth[row[0]] >= 0)

    worker, value = _worth.forecast_gains(
        answers,
        truth,
        truth[answers.task_of_answer] >= 0,
        order_of_answer=np.array(times, np.int64),
    )

    if answers.n_labels > 1:
        expected = [_slow_value(row, checked, truth.tolist(), answers.n_labels) for row in checked]
        assert worker.tolist() == [row[1] for row in checked]
        np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-12)
    else:
        assert value.tolist() == [0.0] * len(checked)


@given(checked_answers())
def test_pieces_of_any_size_give_the_same_values(case):
    answers, truth = case
    usual = _worth.N_CELLS_MAX
    whole = _gains(answers, truth)

    _worth.N_CELLS_MAX = 1
    try:
        pieces = _gains(answers, truth)
    finally:
        _worth.N_CELLS_MAX = usual

    assert pieces.tobytes() == whole.tobytes()


def _gains(answers, truth):
    order = np.zeros(len(answers.task_of_answer), np.int64)
    is_checked = truth[answers.task_of_answer] >= 0
    return _worth.forecast_gains(answers, truth, is_checked, order_of_answer=order)[1]


def _slow_value(row, checked, truth, n_labels):
    group = slow_groups(checked, truth)
    on_task = {}
    for one in checked:
        if one[0] == row[0]:
            on_task.setdefault((group[one[1]], one[2]), []).append(one)
    own = on_task[group[row[1]], row[2]]
    others = [rows for rows in on_task.values() if rows is not own]
    before, alone, without, together = (
        _log_score(some, row[0], checked, truth, n_labels)
        for some in ([], [[row]], others, [*others, own])
    )
    first = min(one[3] for one in own)
    n_first = sum(one[3] == first for one in own)
    part = (row[3] == first) / n_first
    return 0.5 * (alone - before + together - without) * part


def _log_score(some, task, checked, truth, n_labels):
    left = [one for other, one in enumerate(truth) if other != task and one >= 0]
    divisor = 1.0 + _worth.DEPENDENCE * max(0, len(some) - 1)
    odds = []
    for label in range(n_labels):
        told = sum(
            math.log(_chance(row, label, checked, truth, n_labels)) / len(rows)
            for rows in some
            for row in rows
        )
        odds.append((left.count(label) + _worth.PRIOR_SMOOTHING) * math.exp(told / divisor))
    return math.log(odds[truth[task]] / sum(odds))


def _chance(row, label, checked, truth, n_labels):
    """How likely the row's answer is where the label is true, by all other tasks."""
    task, worker, given, _ = row
    elsewhere = [one for one in checked if one[0] != task]
    own = [one for one in elsewhere if one[1] == worker and truth[one[0]] == label]
    crowd = [one for one in elsewhere if one[1] != worker]
    right = sum(one[2] == truth[one[0]] for one in crowd)
    coin = right + _worth.COIN_STRENGTH / n_labels
    coin /= len(crowd) + _worth.COIN_STRENGTH
    chance = coin if given == label else (1.0 - coin) / (n_labels - 1)
    asked = [one for one in crowd if truth[one[0]] == label]
    chance = _shrunk(asked, given, chance, _worth.CROWD_STRENGTH)
    return _shrunk(own, given, chance, _worth.WORKER_STRENGTH)


def _shrunk(rows, given, chance, strength):
    n_given = sum(one[2] == given for one in rows)
    return (n_given + strength * chance) / (len(rows) + strength)
