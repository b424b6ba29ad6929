from __future__ import annotations

import numpy as np

from dure.truth._set_classes import (
    learn_classes,
    one_class,
    prevalence_of,
    settle_classes,
    shares_of,
)

# Drawn to how often labels belong on all tasks.
NEAR = 0.2


def test_two_kinds_of_tasks_are_told_apart():
    random = np.random.default_rng(1)
    is_first = random.random(400) < 0.3
    chance = np.where(is_first[:, None], [0.9, 0.8, 0.1, 0.5], [0.1, 0.1, 0.7, 0.5])
    evidence = _evidence(random, random.random((400, 4)) < chance)

    found = learn_classes(evidence, one_class(1 / (1 + np.exp(-evidence))))

    assert len(found.weight) == 2
    first = int(found.weight.argmin())
    assert abs(found.weight[first] - 0.3) < 0.1
    assert np.abs(found.chance[first] - [0.9, 0.8, 0.1, 0.5]).max() < NEAR
    right = (shares_of(evidence, found)[:, first] > 0.5) == is_first
    assert right.mean() > 0.9
    again = settle_classes(evidence, found)
    np.testing.assert_allclose(again.chance, found.chance, atol=0.02)


def test_independent_labels_and_few_tasks_are_of_one_kind():
    random = np.random.default_rng(2)
    independent = _evidence(random, random.random((400, 6)) < [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    few = _evidence(random, np.repeat(random.random((20, 1)) < 0.5, 6, axis=1))

    for evidence in (independent, few):
        start = one_class(1 / (1 + np.exp(-evidence)))
        assert len(learn_classes(evidence, start).weight) == 1
        assert settle_classes(evidence, start) is start


def test_rare_labels_are_drawn_to_how_often_labels_belong():
    chance = prevalence_of(np.array([[1.0, 0.0], [1.0, 0.0]]))

    assert 0.5 < chance[0] < 1.0
    assert 0.0 < chance[1] < 0.5


def _evidence(random, true):
    return np.where(true, 2.5, -2.5) + random.normal(0, 1.5, true.shape)
