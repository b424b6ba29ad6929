from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from dure.truth import Answers, FitOptions, dawid_skene, one_coin, score_labels, shared_accuracy
from dure.truth._hierarchy import conclude_rows
from dure.truth._rows import group_by_task
from dure.truth.calibrate import (
    CORRELATION_LEAST,
    SHARPNESS_GRID,
    SHARPNESS_SPREAD,
    learn_sharpness,
)
from tests.truth.crowds import simulate


def test_errors_apart_leave_the_least_correlation_and_errors_together_raise_it():
    apart = simulate([0.8] * 10, n_tasks=500, seed=1)
    together = simulate([0.9] * 10, n_tasks=500, hard=0.4, n_labels=4, seed=1)

    of_apart = dawid_skene(apart.answers).habits.correlation
    of_together = dawid_skene(together.answers).habits.correlation

    assert of_apart == pytest.approx(CORRELATION_LEAST, abs=0.1)
    assert of_together == 1.0


def test_one_answer_a_task_tells_nothing_of_correlation():
    crowd = simulate([0.8] * 10, n_tasks=200, n_each=1)

    assert dawid_skene(crowd.answers).habits.correlation == CORRELATION_LEAST


def test_correlation_given_is_used():
    crowd = simulate([0.8] * 5, n_tasks=50)

    result = dawid_skene(crowd.answers, options=FitOptions(correlation=0.25))

    assert result.habits.correlation == 0.25


@pytest.mark.parametrize("method", [dawid_skene, one_coin])
def test_without_known_labels_nothing_is_sharpened(method):
    assert method(simulate([0.8] * 5, n_tasks=50).answers).habits.sharpness == 1.0


@pytest.mark.parametrize("method", [dawid_skene, one_coin])
def test_known_labels_mend_probabilities_that_are_too_sure_or_not_sure_enough(method):
    # Answers of a crowd that errs apart deserve more than usual, those of copyists less.
    apart = simulate([0.75] * 12, n_tasks=600, seed=3)
    copied = simulate([0.7] * 3 + [0.7] * 9, n_tasks=600, n_copyists=9, seed=3)
    losses = []
    for crowd in (apart, copied):
        gold = np.where(np.arange(600) < 150, crowd.truth, -1).astype(np.int32)
        rest = np.where(gold == -1, crowd.truth, -1).astype(np.int32)
        options = FitOptions(correlation=0.5)
        told = method(crowd.answers, gold_label=gold, options=options)
        alone = method(crowd.answers, options=options)
        losses.append((score_labels(alone.probability, rest), score_labels(told.probability, rest)))

        assert losses[-1][1].log_loss < losses[-1][0].log_loss

    assert method(apart.answers, gold_label=_gold(apart), options=options).habits.sharpness > 1.0
    assert method(copied.answers, gold_label=_gold(copied), options=options).habits.sharpness < 1.0


def test_known_tasks_are_left_out_of_what_they_are_judged_by():
    # Nobody knows anything here. A fit that keeps what a known task told of its workers would
    # find their answers to it right, and be sure of the next.
    crowd = simulate([0.5] * 40, n_tasks=60, n_each=4, seed=5)
    gold = np.where(np.arange(60) < 50, crowd.truth, -1).astype(np.int32)

    result = dawid_skene(crowd.answers, gold_label=gold)

    assert result.habits.sharpness < 1.3
    assert result.probability[50:].max() < 0.9


@pytest.mark.parametrize("method", [dawid_skene, one_coin, shared_accuracy])
def test_known_tasks_are_left_out_as_if_their_answers_had_not_come(method):
    # With an answer or two of each worker, one's own answer is most of what is known of oneself.
    crowd = simulate([0.5] * 180, n_tasks=60, n_each=3, seed=5)
    result = method(crowd.answers, gold_label=crowd.truth)
    options = FitOptions(correlation=result.habits.correlation)
    losses = np.zeros(len(SHARPNESS_GRID))
    for task in range(60):
        left = method(_without(crowd.answers, task), gold_label=crowd.truth, options=options)
        rows = group_by_task(crowd.answers, None)
        for at, sharpness in enumerate(SHARPNESS_GRID):
            habits = replace(left.habits, sharpness=sharpness)
            losses[at] -= np.log(conclude_rows(rows, habits)[task, crowd.truth[task]])

    refitted = SHARPNESS_GRID[
        (losses + 0.5 * (np.log(SHARPNESS_GRID) / SHARPNESS_SPREAD) ** 2).argmin()
    ]

    # Three steps of the grid: what holds for all workers has seen each task.
    assert abs(np.log(result.habits.sharpness / refitted)) < 0.16
    assert refitted < 1.2


def test_many_labels_and_many_known_tasks_take_little_memory():
    crowd = simulate([0.7] * 6, n_tasks=400, n_labels=300)
    tracemalloc.start()
    rows = group_by_task(crowd.answers, crowd.truth)
    habits = dawid_skene(crowd.answers).habits
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()

    learn_sharpness(
        rows, habits, np.eye(300)[crowd.truth], hits=np.full((6, 2), 200.0), strength=4.0
    )
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()

    # A matrix for each answer would be 1.7 GB.
    assert peak < 100e6


def _without(answers, task):
    kept = answers.task_of_answer != task
    columns = (answers.task_of_answer, answers.worker_of_answer, answers.label_of_answer)
    return Answers(
        *(one[kept] for one in columns), answers.n_tasks, answers.n_workers, answers.n_labels
    )


def _gold(crowd):
    return np.where(np.arange(len(crowd.truth)) < 150, crowd.truth, -1).astype(np.int32)
