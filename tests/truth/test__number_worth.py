from __future__ import annotations

import math
import statistics

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dure.truth import Numbers, _number_worth
from tests.truth.laws import who_answered

# Sums less one of their parts differ in the last bits from sums of the others.
SAME = {"rtol": 1e-6, "atol": 1e-7}


@st.composite
def checked_numbers(draw):
    tasks, workers, n_tasks, n_workers = draw(who_answered())
    value = st.integers(-50, 50).map(float) | st.just(1000.0)
    values = draw(st.lists(value, min_size=len(tasks), max_size=len(tasks)))
    truth = draw(st.lists(value | st.just(math.nan), min_size=n_tasks, max_size=n_tasks))
    numbers = Numbers(tasks, workers, np.array(values, np.float64), n_tasks, n_workers)
    return numbers, np.array(truth, np.float64)


@given(checked_numbers())
def test_values_are_those_of_the_slow_twin(case):
    numbers, truth = case
    rows = zip(numbers.task_of_answer, numbers.worker_of_answer, numbers.value_of_answer,
               strict=True)  # fmt: skip
    checked = sorted((int(t), int(w), float(x)) for t, w, x in rows if not math.isnan(truth[t]))

    worker, value = _number_worth.number_gains(numbers, truth)

    assert worker.tolist() == [row[1] for row in checked]
    np.testing.assert_allclose(value, _slow_values(checked, truth.tolist()), **SAME)


def _slow_values(checked, truth):
    known = [one for one in truth if not math.isnan(one)]
    if not checked or len(known) < 3 or len(set(known)) == 1:
        return [0.0] * len(checked)
    middle, spread = statistics.fmean(known), statistics.pstdev(known)
    scaled = [(one - middle) / spread for one in truth]
    rows = [(task, worker, (given - middle) / spread) for task, worker, given in checked]
    far = sorted(abs(x - scaled[t]) for t, _, x in rows)
    place = 0.9 * (len(far) - 1)
    below, above = far[math.floor(place)], far[math.ceil(place)]
    most = 2 * max(below + (place % 1) * (above - below), 1e-3)
    errors = {(t, w): max(-most, min(most, x - scaled[t])) for t, w, x in rows}
    return [_slow_value(row, rows, errors, scaled) for row in rows]


def _slow_value(row, rows, errors, truth):
    on_task = [one for one in rows if one[0] == row[0]]
    others = [one for one in on_task if one[1] != row[1]]
    before, alone, without, together = (
        _log_score(some, row[0], errors, truth) for some in ([], [row], others, on_task)
    )
    return 0.5 * (alone - before) + 0.5 * (together - without)


def _log_score(some, task, errors, truth):
    pull, precision = _before([one for one in truth if not math.isnan(one)], truth[task])
    for one in some:
        bias, variance = _habits(one, errors)
        share = 1 / variance / (1 + 0.3 * (len(some) - 1))
        precision, pull = precision + share, pull + share * (one[2] - bias)
    distance = (truth[task] - pull / precision) ** 2 * precision
    return 0.5 * math.log(precision) - 2.5 * math.log1p(distance / 4)


def _before(known, true):
    centre, variance = statistics.median(known), 1.0
    for _ in range(20):
        weights = [_weight(one, centre, variance) for one in known]
        centre = sum(w * x for w, x in zip(weights, known, strict=True)) / sum(weights)
        squares = sum(w * (x - centre) ** 2 for w, x in zip(weights, known, strict=True))
        variance = max(squares / len(known), 0.01)
    left = list(known)
    left.remove(true)
    weights = [_weight(one, centre, variance) for one in left]
    squares = sum(w * (x - centre) ** 2 for w, x in zip(weights, left, strict=True))
    precision = 1 / max(squares / len(left), 0.01)
    mean = sum(w * x for w, x in zip(weights, left, strict=True)) / sum(weights)
    return precision * mean, precision


def _weight(true, centre, variance):
    return 5 / (4 + (true - centre) ** 2 / variance)


def _habits(row, errors):
    task, worker, _ = row
    own = [error for (t, w), error in errors.items() if w == worker and t != task]
    crowd = [error**2 for (t, w), error in errors.items() if w != worker and t != task]
    bias = sum(own) / (len(own) + 5)
    usual = (sum(crowd) + 1) / (len(crowd) + 1)
    squares = max(0.0, sum(error**2 for error in own) - len(own) * bias**2)
    return bias, max((squares + 5 * usual) / (len(own) + 5), 1e-6)
