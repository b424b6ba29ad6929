from __future__ import annotations

import math

import numpy as np
import pytest

from dure.truth import Answers
from dure.truth._deserving import Rivals, log_chance_of_so_many, weigh


def test_so_many_wrong_majorities_are_as_likely_as_drawn():
    random = np.random.default_rng(0)
    drawn = random.binomial(20, random.beta(1.76, 9.23, 200_000))

    for n_wrong in (1, 4, 10):
        assert math.exp(log_chance_of_so_many(n_wrong, 20)) == pytest.approx(
            (drawn >= n_wrong).mean(), rel=0.1
        )
    assert log_chance_of_so_many(0, 20) == 0.0
    assert log_chance_of_so_many(900_000, 1_000_000) < -10


def test_parts_follow_the_better_workers_and_the_known_labels():
    answers, rivals = _split(n_good_with_surprising=True)
    against, other = _split(n_good_with_surprising=False)
    known = Rivals(rivals.surprising, rivals.popular, rivals.surprising)

    assert weigh(answers, rivals).skill > 1
    assert weigh(against, other).skill < -1
    assert weigh(answers, rivals).gold == 0.0
    assert weigh(answers, known).gold > 1


def test_crowd_without_better_workers_tells_nothing_by_skill():
    tasks, workers = np.divmod(np.arange(60, dtype=np.int32), np.int32(6))
    labels = (workers < 2).astype(np.int32)
    answers = Answers(tasks, workers, labels, 10, 6, 2)
    zeros = np.zeros(10, np.int32)

    reasons = weigh(answers, Rivals(zeros + 1, zeros, zeros - 1))

    assert reasons.skill == 0.0


def _split(*, n_good_with_surprising):
    """Twenty tasks where both say 0 or both 1, then ten where surprising is 1 and popular 0."""
    random = np.random.default_rng(1)
    tasks, workers = np.divmod(np.arange(30 * 20, dtype=np.int32), np.int32(20))
    accuracy = np.where(workers < 8, 0.95, 0.6)
    pick = np.where(tasks < 20, tasks % 2, int(n_good_with_surprising))
    is_right = random.random(len(tasks)) < accuracy
    labels = np.where(is_right, pick, 1 - pick).astype(np.int32)
    task = np.arange(30)
    surprising = np.where(task < 20, task % 2, 1).astype(np.int32)
    popular = np.where(task < 20, task % 2, 0).astype(np.int32)
    none = np.full(30, -1, np.int32)
    return Answers(tasks, workers, labels, 30, 20, 2), Rivals(surprising, popular, none)
