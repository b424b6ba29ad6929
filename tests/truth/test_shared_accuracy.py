from __future__ import annotations

import numpy as np
import pytest

from dure.truth import Answers, majority, shared_accuracy


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


def _crowd(*, accuracy, seed):
    tasks, workers = (codes.ravel().astype(np.int32) for codes in np.mgrid[0:400, 0:10])
    chance = np.random.default_rng(seed)
    truth = chance.integers(0, 2, 400)[tasks]
    right = chance.random(len(tasks)) < accuracy
    labels = np.where(right, truth, 1 - truth).astype(np.int32)
    return Answers(tasks, workers, labels, 400, 10, 2)
