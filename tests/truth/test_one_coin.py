from __future__ import annotations

import numpy as np

from dure.truth import dawid_skene, one_coin
from tests.truth.crowds import simulate


def test_skill_is_recovered():
    accuracies = [0.95, 0.9, 0.8, 0.7, 0.6, 0.5]
    crowd = simulate(accuracies, n_tasks=1500, n_labels=4, seed=2)

    result = one_coin(crowd.answers)

    np.testing.assert_allclose(result.skill, accuracies, atol=0.04)


def test_few_answers_are_weighed_better_by_coins_than_by_matrices_of_many_labels():
    crowd = simulate([0.9] * 10 + [0.3] * 30, n_tasks=150, n_each=5, n_labels=12, seed=4)

    coins = (one_coin(crowd.answers).label == crowd.truth).mean()
    matrices = (dawid_skene(crowd.answers).label == crowd.truth).mean()

    assert coins >= matrices


def test_coins_take_two_numbers_for_each_worker():
    crowd = simulate([0.9] * 10, n_tasks=20, n_labels=50)

    assert one_coin(crowd.answers).habits.concentration.shape == (10, 2)
