from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dure.truth import Answers, BadAnswers, OnlineChoices, infer
from dure.truth._hierarchy import conclude_rows
from dure.truth._rows import group_by_task
from tests.truth.crowds import simulate
from tests.truth.real_sets import load_choices

FITTED = ("shared-accuracy", "one-coin", "dawid-skene", "task-difficulty")
ROUNDING = {"rtol": 0.0, "atol": 1e-12}
# What is learned on the way is counted before the later answers are known.
LEARNED = 0.03


@pytest.mark.parametrize("method", FITTED)
@pytest.mark.parametrize("name", ["temp", "music"])
def test_with_habits_held_it_concludes_what_all_answers_do(method, name):
    coded, _ = load_choices(name)
    first, later = _split(coded.answers, seed=1)
    fit = infer(first, method=method)

    online = OnlineChoices(fit, first, learns=False)
    for row in later:
        online.add(**_answer(coded.answers, row))

    together = conclude_rows(group_by_task(coded.answers, None), fit.habits)
    ours = np.array([online.probability(task) for task in range(coded.answers.n_tasks)])
    np.testing.assert_allclose(ours, together, **ROUNDING)


@pytest.mark.parametrize("name", ["rte", "temp", "d_possent", "sp_amt"])
def test_learning_on_the_way_agrees_with_a_refit(name):
    coded, _ = load_choices(name)
    first, later = _split(coded.answers, seed=1)

    online = OnlineChoices(infer(first), first)
    for row in later:
        online.add(**_answer(coded.answers, row))

    refit = infer(coded.answers)
    ours = np.array([online.probability(task) for task in range(coded.answers.n_tasks)])
    assert (ours.argmax(axis=1) == refit.label).mean() > 0.97
    assert np.abs(ours - refit.probability).sum(axis=1).mean() / 2 < LEARNED


@pytest.mark.parametrize("method", FITTED)
def test_new_tasks_and_workers_join_as_newcomers(method):
    crowd = simulate([0.9, 0.8, 0.7], n_tasks=40)
    fit = infer(crowd.answers, method=method)
    online = OnlineChoices(fit, crowd.answers)

    for task in range(40, 80):
        for worker in range(3, 9):
            row = online.add(task=task, worker=worker, label=1)

    assert row.argmax() == 1
    assert row.sum() == pytest.approx(1.0)
    assert online.habits.concentration.shape[0] == 9
    assert (online.habits.concentration[:3] == fit.habits.concentration).all()
    # Always with the others: the newcomers are believed more than when they came.
    assert online.habits.concentration[3].sum() > fit.habits.newcomer.sum()


def test_known_labels_stay_and_teach():
    crowd = simulate([0.9, 0.8, 0.7], n_tasks=40)
    gold = np.full(40, -1, np.int32)
    gold[0] = 1 - crowd.truth[0]
    online = OnlineChoices(infer(crowd.answers, gold_label=gold), crowd.answers, gold_label=gold)

    row = online.add(task=0, worker=3, label=int(crowd.truth[0]))

    assert row[gold[0]] == 1.0
    newcomer = online.habits.concentration[3]
    wrong = newcomer[crowd.truth[0], gold[0]] / newcomer[:, gold[0]].sum()
    before = (
        online.habits.newcomer[crowd.truth[0], gold[0]] / online.habits.newcomer[:, gold[0]].sum()
    )
    assert wrong > before


def test_first_fit_may_be_of_nothing():
    nothing = Answers(*[np.empty(0, np.int32)] * 3, 0, 0, 3)
    online = OnlineChoices(infer(nothing), nothing)

    row = online.add(task=0, worker=0, label=2)

    assert row.argmax() == 2


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"task": 5, "worker": 0, "label": 0}, "Expected a task from 0 to 4, got 5."),
        ({"task": 0, "worker": 4, "label": 0}, "Expected a worker from 0 to 3, got 4."),
        ({"task": 0, "worker": -1, "label": 0}, "Expected a worker from 0 to 3, got -1."),
        ({"task": 4, "worker": 3, "label": 2}, "Expected a label from 0 to 1, got 2."),
    ],
)
def test_unknown_numbers_are_refused_and_change_nothing(answer, sentence):
    crowd = simulate([0.9, 0.8, 0.7], n_tasks=4)
    online = OnlineChoices(infer(crowd.answers), crowd.answers)

    with pytest.raises(BadAnswers) as refusal:
        online.add(**answer)

    assert str(refusal.value) == sentence
    assert online.habits.concentration.shape[0] == 3
    online.add(task=4, worker=3, label=1)


def test_votes_have_no_habits_to_go_on_from():
    crowd = simulate([0.9, 0.8, 0.7], n_tasks=4)

    with pytest.raises(BadAnswers) as refusal:
        OnlineChoices(infer(crowd.answers, method="majority"), crowd.answers)

    assert str(refusal.value) == (
        "Expected a fit of these answers that learned habits, got one of majority; "
        "fit them by another method first."
    )


def _split(answers, *, seed):
    order = np.random.default_rng(seed).permutation(len(answers.task_of_answer))
    kept = np.sort(order[: len(order) * 8 // 10])
    first = replace(
        answers,
        task_of_answer=answers.task_of_answer[kept],
        worker_of_answer=answers.worker_of_answer[kept],
        label_of_answer=answers.label_of_answer[kept],
    )
    return first, order[len(order) * 8 // 10 :]


def _answer(answers, row):
    return {
        "task": int(answers.task_of_answer[row]),
        "worker": int(answers.worker_of_answer[row]),
        "label": int(answers.label_of_answer[row]),
    }
