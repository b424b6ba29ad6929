from __future__ import annotations

import numpy as np
import pytest

from dure.truth._set_kernels import (
    count_sets,
    count_votes,
    doubt_sets,
    fail_together_sets,
    hear,
    sort_into_classes,
)

STARTS = np.array([0, 3, 3, 4], np.int64)
WORKERS = np.array([0, 1, 2, 1], np.int32)
RANDOM = np.random.default_rng(4)
CHOSEN = RANDOM.integers(0, 2, (4, 20)).astype(np.uint8)
PROBABILITY = RANDOM.uniform(0.1, 0.9, (3, 20))
TASKS = [0, 0, 0, 2]
UNKNOWN = np.zeros(3, np.uint8)


def test_what_answers_say_is_summed_up():
    weights = RANDOM.normal(size=(3, 2, 20))
    said, loud, most = np.zeros((3, 3, 20))

    hear(STARTS, WORKERS, CHOSEN, weights, said, loud, most)

    words = np.take_along_axis(weights[WORKERS], CHOSEN[:, None].astype(int), 1)[:, 0]
    np.testing.assert_allclose(said, [words[:3].sum(0), np.zeros(20), words[3]])
    np.testing.assert_allclose(loud, [abs(words[:3]).sum(0), np.zeros(20), abs(words[3])])
    np.testing.assert_allclose(most, [abs(words[:3]).max(0), np.zeros(20), abs(words[3])])


@pytest.mark.parametrize("known", [False, True])
def test_words_are_counted_but_for_what_agrees_with_itself(known):
    counts, votes = np.zeros((3, 2, 2, 20)), np.zeros((3, 20))

    count_sets(STARTS, WORKERS, CHOSEN, PROBABILITY, UNKNOWN + known, counts)
    count_votes(STARTS, CHOSEN, votes)

    expected = np.zeros_like(counts)
    for row, (task, worker) in enumerate(zip(TASKS, WORKERS, strict=True)):
        part = 1.0 if known else [2 / 3, None, 0.0][task]
        for label in range(20):
            expected[worker, CHOSEN[row, label], :, label] += part * np.array(
                [1 - PROBABILITY[task, label], PROBABILITY[task, label]]
            )
    np.testing.assert_allclose(counts, expected)
    assert votes.tolist() == [CHOSEN[:3].sum(0).tolist(), [0.0] * 20, CHOSEN[3].tolist()]


def test_doubt_is_the_variance_of_how_many_words_are_right():
    doubt = np.zeros(3)

    doubt_sets(STARTS, WORKERS, PROBABILITY, doubt)

    variance = (PROBABILITY * (1 - PROBABILITY)).sum(1)
    np.testing.assert_allclose(doubt, [variance[0], variance[0] + variance[2], variance[0]])


def test_residuals_are_multiplied_by_pairs_and_known_tasks_left_out():
    right = RANDOM.uniform(0.6, 0.9, (3, 2, 20))

    together, n_pairs = fail_together_sets(STARTS, WORKERS, CHOSEN, PROBABILITY, right, UNKNOWN)
    nothing = fail_together_sets(STARTS, WORKERS, CHOSEN, PROBABILITY, right, UNKNOWN + 1)

    usual = PROBABILITY[TASKS] * right[WORKERS, 1] + (1 - PROBABILITY[TASKS]) * right[WORKERS, 0]
    was = np.where(CHOSEN, PROBABILITY[TASKS], 1 - PROBABILITY[TASKS])
    residual = (was - usual) / np.sqrt(usual * (1 - usual))
    pairs = [(0, 1), (0, 2), (1, 2)]
    assert together == pytest.approx(sum((residual[i] * residual[j]).sum() for i, j in pairs))
    assert (n_pairs, nothing) == (60, (0.0, 0.0))


def test_tasks_are_sorted_into_kinds_by_bayes_rule():
    ratio = np.exp(RANDOM.normal(0, 3, (3, 20)))
    weight, chance = np.array([0.3, 0.7]), RANDOM.uniform(0.05, 0.95, (2, 20))
    share, mass, sums = np.empty((3, 2)), np.zeros(2), np.zeros((2, 20))

    rise = sort_into_classes(ratio, np.log(weight), chance, share, mass, sums)

    likely = weight * (1 + chance * (ratio[:, None] - 1)).prod(2)
    expected = likely / likely.sum(1, keepdims=True)
    belongs = chance * ratio[:, None] / (1 - chance + chance * ratio[:, None])
    assert rise == pytest.approx(np.log(likely.sum(1)).sum())
    np.testing.assert_allclose(share, expected)
    np.testing.assert_allclose(mass, expected.sum(0))
    np.testing.assert_allclose(sums, (expected[:, :, None] * belongs).sum(0))
