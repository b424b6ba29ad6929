from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dure.truth import BadAnswers, Numbers, OnlineNumbers, robust_mean
from dure.truth._location import Rows, ends, locate, on_scale
from tests.truth.real_sets import load_numbers

SAME = {"rtol": 1e-9, "atol": 1e-9}
# Of how far estimates lie apart: what is learned on the way is counted before later answers.
LEARNED = 0.05


@pytest.mark.parametrize("name", ["joy", "valence", "est_lorenz2011"])
def test_with_habits_held_it_concludes_what_all_answers_do(name):
    coded, _ = load_numbers(name)
    numbers = coded.numbers
    first, later = _split(numbers)
    fit = robust_mean(first)
    online = OnlineNumbers(fit, first, learns=False)

    for row in later:
        online.add(**_answer(numbers, row))

    own = fit.habits[numbers.worker_of_answer]
    value = on_scale(fit.crowd, numbers.value_of_answer)
    rows = Rows(numbers.task_of_answer, value, own[:, 0], own[:, 1], numbers.n_tasks)
    low, estimate, high = ends(fit.crowd, locate(fit.crowd, rows))
    ours = [online.estimate(task) for task in range(numbers.n_tasks)]
    np.testing.assert_allclose([one.estimate for one in ours], estimate, **SAME)
    np.testing.assert_allclose([one.low for one in ours], low, **SAME)
    np.testing.assert_allclose([one.high for one in ours], high, **SAME)


@pytest.mark.parametrize("name", ["anger", "valence"])
def test_learning_on_the_way_agrees_with_a_refit(name):
    coded, _ = load_numbers(name)
    numbers = coded.numbers
    first, later = _split(numbers)

    online = OnlineNumbers(robust_mean(first), first)
    for row in later:
        online.add(**_answer(numbers, row))

    refit = robust_mean(numbers)
    ours = np.array([online.estimate(task).estimate for task in range(numbers.n_tasks)])
    assert np.abs(ours - refit.estimate).mean() < LEARNED * refit.estimate.std()
    assert np.corrcoef(online.habits[:, 0], refit.habits[:, 0])[0, 1] > 0.95
    assert np.corrcoef(online.habits[:, 1], refit.habits[:, 1])[0, 1] > 0.95


def test_new_tasks_and_workers_join_as_newcomers():
    fit, numbers = _small()
    online = OnlineNumbers(fit, numbers)

    for worker in range(3, 7):
        found = online.add(task=30, worker=worker, value=50.0 + worker)

    assert found.low < 54.5 < found.high
    assert found.n_answers == 4
    assert online.habits.shape == (7, 2)
    assert (online.habits[:3] == fit.habits).all()


def test_known_values_stay_and_teach():
    fit, numbers = _small()
    gold = np.full(30, np.nan)
    gold[0] = 50.0
    online = OnlineNumbers(fit, numbers, gold_value=gold)

    found = online.add(task=0, worker=3, value=90.0)

    assert (found.estimate, found.low, found.high) == (50.0, 50.0, 50.0)
    assert online.habits[3, 0] > 0
    assert online.habits[3, 1] > 1


def test_first_fit_may_be_of_nothing():
    nothing = Numbers(*[np.empty(0, np.int32)] * 2, np.empty(0), 0, 0)
    online = OnlineNumbers(robust_mean(nothing), nothing)

    found = online.add(task=0, worker=0, value=3.0)

    assert (found.estimate, found.low, found.high) == (3.0, -np.inf, np.inf)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"task": 31, "worker": 0, "value": 0.0}, "Expected a task from 0 to 30, got 31."),
        ({"task": 0, "worker": 4, "value": 0.0}, "Expected a worker from 0 to 3, got 4."),
        (
            {"task": 30, "worker": 3, "value": np.nan},
            "Expected a value from -1e+150 to 1e+150, got nan.",
        ),
    ],
)
def test_unknown_numbers_are_refused_and_change_nothing(answer, sentence):
    online = OnlineNumbers(*_small())

    with pytest.raises(BadAnswers) as refusal:
        online.add(**answer)

    assert str(refusal.value) == sentence
    assert online.habits.shape == (3, 2)
    online.add(task=30, worker=3, value=1.0)


def test_fit_of_other_answers_is_refused():
    fit, numbers = _small()

    with pytest.raises(BadAnswers) as refusal:
        OnlineNumbers(fit, replace(numbers, n_tasks=31))

    assert str(refusal.value) == (
        "Expected a fit of these 31 tasks and 3 workers, got one of 30 and 3; "
        "fit these answers first."
    )


def _small():
    random = np.random.default_rng(1)
    tasks, workers = np.divmod(np.arange(90, dtype=np.int32), np.int32(3))
    values = random.normal(50, 10, 30)[tasks] + random.normal(0, 3, 90)
    numbers = Numbers(tasks, workers, values, 30, 3)
    return robust_mean(numbers), numbers


def _split(numbers):
    """All but a fifth of the answers, and the rows of that fifth in random order."""
    order = np.random.default_rng(1).permutation(len(numbers.task_of_answer))
    later = order[: len(order) // 5]
    kept = np.sort(order[len(order) // 5 :])
    first = replace(
        numbers,
        task_of_answer=numbers.task_of_answer[kept],
        worker_of_answer=numbers.worker_of_answer[kept],
        value_of_answer=numbers.value_of_answer[kept],
    )
    return first, later


def _answer(numbers, row):
    return {
        "task": int(numbers.task_of_answer[row]),
        "worker": int(numbers.worker_of_answer[row]),
        "value": float(numbers.value_of_answer[row]),
    }
