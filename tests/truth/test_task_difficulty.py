from __future__ import annotations

import numpy as np
import pytest

from dure.truth import Answers, dawid_skene, majority, task_difficulty
from tests.truth.crowds import simulate
from tests.truth.real_sets import load_choices


@pytest.mark.parametrize("n_labels", [2, 4])
def test_hard_tasks_on_which_most_are_led_to_one_wrong_label_are_told_apart(n_labels):
    random = np.random.default_rng(8)
    n_tasks, n_workers = 800, 9
    truth = random.integers(0, n_labels, n_tasks)
    is_hard = random.random(n_tasks) < 0.3
    lure = (truth + random.integers(1, n_labels, n_tasks)) % n_labels
    tasks, workers = np.divmod(np.arange(n_tasks * n_workers), n_workers)
    is_right = random.random(len(tasks)) < np.where(is_hard[tasks], 0.4, 0.97)
    labels = np.where(is_right, truth[tasks], lure[tasks])
    columns = (one.astype(np.int32) for one in (tasks, workers, labels))
    answers = Answers(*columns, n_tasks, n_workers, n_labels)

    told_apart = (task_difficulty(answers).label == truth).mean()

    assert told_apart > (dawid_skene(answers).label == truth).mean()
    assert told_apart > (majority(answers).label == truth).mean()


def test_recorded_crowd_with_hard_tasks_is_labelled_no_worse():
    coded, truth = load_choices("weather_amt")
    known = truth >= 0

    told_apart = (task_difficulty(coded.answers).label == truth)[known].mean()

    assert told_apart >= (dawid_skene(coded.answers).label == truth)[known].mean()


def test_every_label_has_an_easy_and_a_hard_kind():
    coded, _ = load_choices("temp")

    habits = task_difficulty(coded.answers).habits

    assert habits.concentration.shape == (len(coded.workers), 2, 4)
    assert habits.prevalence.shape == (4,)


def test_two_answers_a_task_can_not_tell_kinds_apart():
    crowd = simulate([0.8] * 6, n_tasks=40, n_each=2)

    assert task_difficulty(crowd.answers).method == "dawid-skene"
