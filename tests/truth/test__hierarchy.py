from __future__ import annotations

import numpy as np
import pytest

from dure.truth import Answers, BadAnswers, FitOptions, Outcome, infer, majority
from dure.truth import _hierarchy as hierarchy
from dure.truth._rows import N_ANSWERS_OF_PART_MIN, group_by_task
from tests.truth.crowds import simulate

FITTED = ("shared-accuracy", "one-coin", "dawid-skene", "task-difficulty")


@pytest.mark.parametrize("method", FITTED)
def test_fit_tells_its_rounds_and_stops_when_told(method):
    answers = simulate([0.9, 0.6, 0.6, 0.55], n_tasks=200).answers
    told = []

    def progress(n_iterations, change):
        told.append(n_iterations)
        return n_iterations < 2

    options = FitOptions(change_max=0.0, progress=progress)
    result = infer(answers, method=method, options=options)

    assert told == [1, 2]
    assert (result.outcome, result.n_iterations) == (Outcome.STOPPED, 2)
    np.testing.assert_allclose(result.probability.sum(axis=1), 1.0)


@pytest.mark.parametrize("method", FITTED)
def test_result_is_what_its_habits_conclude(method):
    answers = simulate([0.9, 0.7, 0.6, 0.5], n_tasks=80, n_labels=3).answers
    gold = np.full(80, -1, np.int32)
    gold[:10] = 1

    result = infer(answers, method=method, gold_label=gold)
    again = hierarchy.conclude_rows(group_by_task(answers, gold), result.habits)

    assert again.tobytes() == result.probability.tobytes()


@pytest.mark.parametrize("method", FITTED)
def test_task_without_answers_has_the_prevalence_and_no_label(method):
    crowd = simulate([0.9] * 5, n_tasks=400, prevalence=[0.8, 0.2])
    more = Answers(
        crowd.answers.task_of_answer, crowd.answers.worker_of_answer,
        crowd.answers.label_of_answer, 401, 5, 2,
    )  # fmt: skip

    result = infer(more, method=method)

    assert result.label[400] == -1
    assert result.runner_up[400] == -1
    expected = 0.5 if method == "shared-accuracy" else 0.75
    assert result.probability[400, 0] == pytest.approx(expected, abs=0.05)


def test_parts_done_side_by_side_are_the_fit_of_twin_halves():
    # Two halves with the same answers and other workers: large enough that they are two parts.
    n_tasks = N_ANSWERS_OF_PART_MIN // 10 * 2
    half = simulate([0.9, 0.8, 0.7, 0.6, 0.55] * 4, n_tasks=n_tasks // 2, n_each=10).answers
    twins = Answers(
        np.concatenate([half.task_of_answer, half.task_of_answer + np.int32(n_tasks // 2)]),
        np.concatenate([half.worker_of_answer, half.worker_of_answer + np.int32(20)]),
        np.concatenate([half.label_of_answer] * 2),
        n_tasks, 40, 2,
    )  # fmt: skip

    result = infer(twins, options=FitOptions(n_iterations_max=2))

    np.testing.assert_allclose(
        result.probability[: n_tasks // 2], result.probability[n_tasks // 2 :], rtol=1e-9
    )
    np.testing.assert_allclose(result.skill[:20], result.skill[20:], rtol=1e-9)


def test_matrices_that_would_not_fit_in_memory_are_refused_and_auto_takes_coins(monkeypatch):
    answers = simulate([0.9, 0.8, 0.7], n_tasks=20, n_labels=4).answers
    monkeypatch.setattr(hierarchy, "N_CELLS_MAX", 47)

    with pytest.raises(BadAnswers) as refusal:
        infer(answers, method="dawid-skene")

    assert infer(answers).method == "one-coin"
    assert str(refusal.value) == (
        "Expected matrices of all workers to have at most 47 cells, got 48 of 3 workers and "
        "4 labels; the method one-coin needs two for each worker."
    )


@pytest.mark.parametrize("method", ["one-coin", "shared-accuracy"])
def test_a_thousand_labels_with_a_long_tail_are_no_trouble(method):
    weight = 1.0 / np.arange(1, 1001)
    crowd = simulate(
        [0.9] * 20 + [0.3] * 20, n_tasks=500, n_each=5, n_labels=1000,
        prevalence=weight / weight.sum(),
    )  # fmt: skip

    result = infer(crowd.answers, method=method)
    voted = majority(crowd.answers)

    # A label in the tail is believed a little less than the vote believes it.
    assert (result.label == crowd.truth).mean() > (voted.label == crowd.truth).mean() - 0.01
    np.testing.assert_allclose(result.probability.sum(axis=1), 1.0)


def test_a_thousand_labels_have_matrices_where_workers_are_few():
    crowd = simulate([0.8] * 5, n_tasks=20, n_labels=1000)

    result = infer(crowd.answers, method="dawid-skene")

    assert (result.label == crowd.truth).mean() > 0.85


def test_labels_too_many_for_the_answers_get_coins():
    many = simulate([0.8] * 5, n_tasks=20, n_labels=1000).answers
    few = simulate([0.8] * 5, n_tasks=20, n_labels=10).answers

    assert infer(many).method == "one-coin"
    assert infer(few).method == "dawid-skene"


@pytest.mark.parametrize("method", ["one-coin", "dawid-skene", "task-difficulty"])
def test_adversaries_are_heard_backwards(method):
    # Three in seven are wrong nine times in ten, which tells as much as being right so often.
    crowd = simulate([0.9] * 4 + [0.1] * 3, n_tasks=300, seed=2)

    result = infer(crowd.answers, method=method)

    assert (result.label == crowd.truth).mean() > 0.98
    assert (result.skill[4:] < 0.2).all()


@pytest.mark.parametrize("method", ["one-coin", "dawid-skene", "task-difficulty"])
def test_spammers_are_not_heard(method):
    crowd = simulate([0.85] * 3 + [0.5] * 8, n_tasks=400, seed=2)

    result = infer(crowd.answers, method=method)
    voted = majority(crowd.answers)

    assert (result.label == crowd.truth).mean() > (voted.label == crowd.truth).mean() + 0.05
    assert result.skill[:3].min() > result.skill[3:].max()
