from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dure.truth import BadAnswers, OnlineSets, infer_sets
from dure.truth._set_rows import group_sets
from dure.truth.multi_label import _evidence, _shares
from dure.truth.set_chances import tell_sets
from tests.truth.test_multi_label import _crowd

ROUNDING = {"rtol": 0.0, "atol": 1e-9}
# What is learned on the way is counted before the later answers are known.
LEARNED = 0.03


@pytest.mark.parametrize("sizes", [{}, {"least": 1, "most": 3}])
def test_with_habits_held_it_concludes_what_all_answers_do(sizes):
    sets = _crowd("nested", 1).sets
    first, later = _split(sets)
    fit = infer_sets(first, **sizes)

    online = OnlineSets(fit, first, learns=False)
    for row in later:
        online.add(**_answer(sets, row))

    rows = group_sets(sets, None)
    believed = fit.habits.reshape(-1, 2, 2, sets.n_labels)
    evidence = _evidence(rows, believed, fit.shared)
    probability, chosen, sureness = tell_sets(evidence, _shares(rows, fit.shared), fit.shared)
    verdicts = [online.verdict(task) for task in range(sets.n_tasks)]
    np.testing.assert_allclose([one.probability for one in verdicts], probability, **ROUNDING)
    np.testing.assert_allclose([one.sureness for one in verdicts], sureness, **ROUNDING)
    assert (np.array([one.chosen for one in verdicts]) == chosen).all()


@pytest.mark.parametrize("truth", ["independent", "nested"])
def test_learning_on_the_way_agrees_with_a_refit(truth):
    sets = _crowd(truth, 1).sets
    first, later = _split(sets)

    online = OnlineSets(infer_sets(first), first)
    for row in later:
        online.add(**_answer(sets, row))

    refit = infer_sets(sets)
    verdicts = [online.verdict(task) for task in range(sets.n_tasks)]
    same = np.array([one.chosen for one in verdicts]) == refit.chosen
    apart = np.abs(np.array([one.probability for one in verdicts]) - refit.probability)
    assert same.mean() > 0.98
    assert apart.mean() < LEARNED


def test_new_tasks_and_workers_join_and_known_sets_stay():
    crowd = _crowd("correlated", 2)
    gold = np.full(crowd.truth.shape, -1, np.int8)
    gold[0] = crowd.truth[0]
    fit = infer_sets(crowd.sets, gold_set=gold)
    online = OnlineSets(fit, crowd.sets, gold_set=gold)

    known = online.add(task=0, worker=40, chosen=~crowd.truth[0])
    new = online.add(task=300, worker=41, chosen=crowd.truth[0])

    assert (known.chosen == crowd.truth[0]).all()
    assert known.sureness == 1.0
    assert 0 < new.sureness < 1
    assert online.habits.shape == (42, 40)
    assert (online.habits[:40] == fit.habits).all()
    # One answer to a task that only it answers tells nothing of its worker.
    assert (online.habits[41] == fit.shared.newcomer).all()
    assert (online.habits[40] != fit.shared.newcomer).any()


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"task": 301}, "Expected a task from 0 to 300, got 301."),
        ({"worker": -1}, "Expected a worker from 0 to 40, got -1."),
        (
            {"chosen": np.zeros(3, bool)},
            "Expected chosen to be a bool array of shape (10,), got bool of shape (3,).",
        ),
    ],
)
def test_unknown_numbers_are_refused_and_change_nothing(answer, sentence):
    sets = _crowd("nested", 1).sets
    online = OnlineSets(infer_sets(sets), sets)

    with pytest.raises(BadAnswers) as refusal:
        online.add(**{"task": 300, "worker": 40, "chosen": np.zeros(10, bool)} | answer)

    assert str(refusal.value) == sentence
    assert len(online.habits) == 40


def test_fit_of_other_answers_is_refused():
    sets = _crowd("nested", 1).sets
    fit = infer_sets(sets)

    with pytest.raises(BadAnswers) as refusal:
        OnlineSets(replace(fit, habits=fit.habits[:5]), sets)

    assert str(refusal.value) == (
        "Expected a fit of these answers, with habits of shape (40, 40), got one of (5, 40); "
        "fit these answers first."
    )


def _split(sets):
    order = np.random.default_rng(1).permutation(len(sets.task_of_answer))
    kept = np.sort(order[: len(order) * 8 // 10])
    first = replace(
        sets,
        task_of_answer=sets.task_of_answer[kept],
        worker_of_answer=sets.worker_of_answer[kept],
        chosen=sets.chosen[kept],
    )
    return first, order[len(order) * 8 // 10 :]


def _answer(sets, row):
    return {
        "task": int(sets.task_of_answer[row]),
        "worker": int(sets.worker_of_answer[row]),
        "chosen": sets.chosen[row],
    }
