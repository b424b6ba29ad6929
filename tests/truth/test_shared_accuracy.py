from __future__ import annotations

import csv

import numpy as np
import pytest

from dure.truth import Answers, code_choices, infer, majority, shared_accuracy, workers_differ_by
from tests.truth.real_sets import real_set

# Dealt at random, answers say nothing of workers: none of the deals may look as if they did.
STANDARD_ERRORS_OF_CHANCE_MAX = 3.0


def test_label_is_the_majoritys():
    answers = _crowd(accuracy=0.75, seed=1)

    assert (shared_accuracy(answers).label == majority(answers).label).all()


@pytest.mark.parametrize("accuracy", [0.6, 0.8, 0.95])
def test_accuracy_of_the_crowd_is_recovered(accuracy):
    answers = _crowd(accuracy=accuracy, seed=2)

    # 4,000 answers leave a standard error below .01; the prior draws the ends towards .7.
    np.testing.assert_allclose(shared_accuracy(answers).skill, accuracy, atol=0.03)


def test_known_labels_inform_the_accuracy():
    answers = _crowd(accuracy=0.8, seed=3)
    wrong = (1 - majority(answers).label).astype(np.int32)

    informed = shared_accuracy(answers, gold_label=wrong)

    assert (informed.label == wrong).all()
    assert informed.skill[0] < 0.5


def test_workers_alike_differ_by_little_and_unlike_ones_by_much():
    alike = _crowd(accuracy=0.8, seed=5)
    labels = np.where(alike.worker_of_answer < 2, 0, alike.label_of_answer).astype(np.int32)
    unlike = Answers(
        alike.task_of_answer, alike.worker_of_answer, labels, alike.n_tasks, alike.n_workers, 2
    )

    assert abs(workers_differ_by(alike)) < STANDARD_ERRORS_OF_CHANCE_MAX
    assert workers_differ_by(unlike) > 3 * STANDARD_ERRORS_OF_CHANCE_MAX


@pytest.mark.parametrize("name", ["rte", "temp", "d_possent"])
def test_recorded_answers_dealt_to_workers_at_random_are_counted_as_votes(name):
    with (real_set(name) / "answers.csv").open() as file:
        rows = list(csv.DictReader(file))
    tasks, labels = [row["task"] for row in rows], [row["answer"] for row in rows]
    chance = np.random.default_rng(0)
    place = {task: chance.permutation(100) for task in set(tasks)}
    seen = dict.fromkeys(place, 0)
    workers = []
    for task in tasks:
        workers.append(f"w{place[task][seen[task]]}")
        seen[task] += 1

    coded = code_choices(tasks, workers, labels)

    assert infer(coded.answers).method == "shared-accuracy"


def _crowd(*, accuracy, seed):
    tasks, workers = (codes.ravel().astype(np.int32) for codes in np.mgrid[0:400, 0:10])
    chance = np.random.default_rng(seed)
    truth = chance.integers(0, 2, 400)[tasks]
    right = chance.random(len(tasks)) < accuracy
    labels = np.where(right, truth, 1 - truth).astype(np.int32)
    return Answers(tasks, workers, labels, 400, 10, 2)
