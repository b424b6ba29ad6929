from __future__ import annotations

import math

import numpy as np
from hypothesis import given

from dure.truth import _worth
from tests.truth.test_value import checked_answers


@given(checked_answers())
def test_values_are_those_of_the_slow_twin(case):
    answers, truth = case
    rows = zip(answers.task_of_answer, answers.worker_of_answer, answers.label_of_answer,
               strict=True)  # fmt: skip
    checked = sorted(tuple(map(int, row)) for row in rows if truth[row[0]] >= 0)

    worker, value = _worth.forecast_gains(answers, truth, truth[answers.task_of_answer] >= 0)

    expected = [_slow_value(row, checked, truth.tolist(), answers.n_labels) for row in checked]
    if answers.n_labels > 1:
        assert worker.tolist() == [row[1] for row in checked]
        np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-12)
    assert (value == 0).all() or answers.n_labels > 1


@given(checked_answers())
def test_pieces_of_any_size_give_the_same_values(case):
    answers, truth = case
    is_checked = truth[answers.task_of_answer] >= 0
    whole = _worth.forecast_gains(answers, truth, is_checked)[1]
    usual = _worth.N_CELLS_MAX

    _worth.N_CELLS_MAX = 1
    try:
        pieces = _worth.forecast_gains(answers, truth, is_checked)[1]
    finally:
        _worth.N_CELLS_MAX = usual

    assert pieces.tobytes() == whole.tobytes()


def _slow_value(row, checked, truth, n_labels):
    task, worker, _ = row
    on_task = [one for one in checked if one[0] == task]
    others = [one for one in on_task if one[1] != worker]
    before, alone, without, together = (
        _log_score(some, task, checked, truth, n_labels) for some in ([], [row], others, on_task)
    )
    return 0.5 * (alone - before) + 0.5 * (together - without)


def _log_score(some, task, checked, truth, n_labels):
    left = [one for other, one in enumerate(truth) if other != task and one >= 0]
    divisor = 1.0 + _worth.DEPENDENCE * max(0, len(some) - 1)
    odds = []
    for label in range(n_labels):
        told = sum(math.log(_chance(row, label, checked, truth, n_labels)) for row in some)
        odds.append((left.count(label) + _worth.PRIOR_SMOOTHING) * math.exp(told / divisor))
    return math.log(odds[truth[task]] / sum(odds))


def _chance(row, label, checked, truth, n_labels):
    """How likely the row's answer is where the label is true, by all other tasks."""
    task, worker, given = row
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
