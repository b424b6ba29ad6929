from __future__ import annotations

import numpy as np
import pytest

from dure.truth import Habits, dawid_skene, one_coin
from dure.truth.habits import (
    ALIKE,
    CROWD_ACCURACY,
    CROWD_STRENGTH,
    EVEN,
    STRENGTH_MAX,
    Strengths,
    count_hits,
    learn_coins,
    learn_crowd,
    learn_matrices,
    learn_prevalence,
    learn_strength,
    share_coin,
    skill_interval,
    tell_without_own,
)
from tests.truth.crowds import simulate


def test_crowd_of_whom_nothing_is_known_is_believed_to_be_mostly_right():
    matrix, even = learn_crowd(np.zeros((3, 3)), Strengths(n_each=5.0))

    np.testing.assert_allclose(matrix.diagonal(), CROWD_ACCURACY)
    np.testing.assert_allclose(matrix.sum(axis=0), 1.0)
    assert even == pytest.approx(EVEN.mean)


def test_crowd_that_is_seen_enough_is_believed_as_seen():
    seen = np.array([[0.9, 0.4], [0.1, 0.6]])

    matrix, _ = learn_crowd(seen * 1e6, Strengths(n_each=5.0))

    np.testing.assert_allclose(matrix, seen, atol=1e-3)


def test_evenness_is_learned_from_how_labels_are_confused():
    even = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
    uneven = np.array([[0.6, 0.4, 0.0], [0.4, 0.6, 0.0], [0.0, 0.0, 1.0]])
    strengths = Strengths(n_each=5.0)

    _, of_even = learn_crowd(even * 2000, strengths)
    _, of_uneven = learn_crowd(uneven * 2000, strengths)

    assert of_even > 1.5 * of_uneven


@pytest.mark.parametrize("strength", [1.0, 4.0, 8.0])
def test_strength_is_recovered_where_many_workers_tell(strength):
    random = np.random.default_rng(4)
    chance = random.beta(0.8 * strength, 0.2 * strength, 3000)
    right = random.binomial(60, chance).astype(float)
    counts = np.stack([right, 60 - right], axis=1)[:, :, None]
    mean = np.tile(np.array([[0.8], [0.2]]), (3000, 1, 1))

    learned = ALIKE.mean
    for _ in range(30):
        learned = learn_strength(counts, mean, learned, belief=ALIKE)

    # The belief in a mean of 4 still draws a little.
    assert learned == pytest.approx(strength, rel=0.15)


def test_strength_without_answers_is_the_beliefs():
    strength = learn_strength(np.zeros((5, 2, 1)), np.full((5, 2, 1), 0.5), 30.0, belief=ALIKE)

    assert strength == pytest.approx(ALIKE.mean)


def test_worker_without_answers_is_a_newcomer_and_a_busy_one_is_as_seen():
    counts = np.zeros((3, 2, 2))
    counts[1] = [[900, 300], [100, 700]]
    counts[2] = [[80, 20], [20, 80]]

    concentration, newcomer, strengths = learn_matrices(counts, Strengths(n_each=5.0))
    chances = concentration / concentration.sum(axis=1, keepdims=True)

    np.testing.assert_allclose(concentration[0], newcomer)
    np.testing.assert_allclose(chances[1], [[0.9, 0.3], [0.1, 0.7]], atol=0.01)
    assert 0 < strengths.matrix < STRENGTH_MAX


@pytest.mark.parametrize("n_levels", [1, 2])
def test_answer_left_out_tells_nothing_of_its_worker(n_levels):
    random = np.random.default_rng(7)
    counts = random.gamma(1.0, size=(4, 3, 3 * n_levels))
    own = random.dirichlet(np.ones(3 * n_levels), size=2)
    workers, labels = np.array([0, 2], np.int32), np.array([1, 2], np.int32)
    counts[workers, labels] += own
    concentration, newcomer, strengths = learn_matrices(counts, Strengths(n_each=5.0))
    habits = Habits(concentration, newcomer, np.ones(3 * n_levels), 3, 0.0, 1.0, 0.1, 0.5)

    told = tell_without_own(
        habits, count_hits(counts), strengths.accuracy,
        worker_of_answer=workers, label_of_answer=labels, own=own,
    )  # fmt: skip

    strength = newcomer.sum(axis=0)[0]
    crowd = newcomer / strength
    right, wrong = count_hits(counts).sum(axis=0)
    usual = (right + CROWD_STRENGTH * CROWD_ACCURACY) / (right + wrong + CROWD_STRENGTH)
    for at, (worker, label) in enumerate(zip(workers, labels, strict=True)):
        others = counts[worker].copy()
        others[label] -= own[at]
        ((hits, misses),) = count_hits(others[None])
        accuracy = (hits + strengths.accuracy * usual) / (hits + misses + strengths.accuracy)
        mean = crowd.copy()
        state = np.arange(3 * n_levels)
        mean[state % 3, state] *= accuracy / (1 - accuracy) * (1 - usual) / usual
        believed = strength * mean / mean.sum(axis=0) + others
        np.testing.assert_allclose(told[at], (believed / believed.sum(axis=0))[label])


def test_coins_are_shrunk_to_the_crowd():
    hits = np.array([[0.0, 0.0], [90.0, 10.0], [1.0, 0.0]])

    concentration, newcomer, _ = learn_coins(hits, Strengths(n_each=5.0))
    right = concentration[:, 0] / concentration.sum(axis=1)

    np.testing.assert_allclose(concentration[0], newcomer)
    assert newcomer[0] / newcomer.sum() < right[1] < 0.9
    assert right[0] < right[2] < 1.0


def test_shared_coin_is_the_same_for_all():
    concentration, newcomer, strengths = share_coin(
        np.array([[30.0, 10.0], [0.0, 0.0]]), Strengths(n_each=5.0)
    )

    assert concentration.tolist() == [[65.0, 25.0], [65.0, 25.0]]
    assert newcomer.tolist() == [65.0, 25.0]
    assert strengths == Strengths(n_each=5.0)


def test_prevalence_is_even_without_tasks_and_as_seen_with_many():
    assert learn_prevalence(np.zeros(4), n_labels=2).tolist() == [0.25] * 4
    np.testing.assert_allclose(learn_prevalence(np.array([9e5, 1e5]), n_labels=2), [0.9, 0.1], 1e-3)


@pytest.mark.parametrize("method", [dawid_skene, one_coin])
@pytest.mark.parametrize("n_labels", [2, 6])
def test_skill_intervals_enclose_the_skill_and_cover_nine_in_ten(method, n_labels):
    covered = []
    for seed in range(5):
        accuracies = np.random.default_rng(seed).uniform(0.55, 0.95, 60)
        crowd = simulate(accuracies, n_tasks=400, n_each=8, n_labels=n_labels, seed=seed)

        result = method(crowd.answers)

        assert (result.skill_low <= result.skill).all()
        assert (result.skill <= result.skill_high).all()
        covered.append((result.skill_low <= crowd.accuracy) & (crowd.accuracy <= result.skill_high))
    # 300 intervals: two standard errors of .9 are .035; the truth of tasks is not certain either.
    assert np.mean(covered) == pytest.approx(0.9, abs=0.08)


def test_doubt_about_the_truth_and_few_answers_widen_the_interval():
    habits = dawid_skene(simulate([0.8] * 6, n_tasks=50).answers).habits
    widths = [
        np.subtract(
            *skill_interval(
                habits,
                n_given=np.full(6, n_given),
                doubt=np.full(6, doubt),
                strengths=Strengths(n_each=6.0),
            )[:0:-1]
        )
        for n_given, doubt in ((50.0, 0.0), (50.0, 10.0), (5.0, 0.0))
    ]

    assert (widths[0] > 0).all()
    assert (widths[0] < widths[1]).all()
    assert (widths[0] < widths[2]).all()
