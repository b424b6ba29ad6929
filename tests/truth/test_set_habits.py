from __future__ import annotations

import numpy as np

from dure.truth.set_habits import SetStrengths, learn_choosers, set_skills

N_LABELS = 4


def test_worker_s_lean_is_found_and_few_words_stay_with_the_crowd():
    random = np.random.default_rng(1)
    finds, invents = np.full(30, 0.7), np.full(30, 0.1)
    finds[0], invents[1] = 0.3, 0.5
    n_words = np.full(30, 200)
    n_words[2] = 0
    counts = _counts(random, finds, invents, n_words)

    strengths = SetStrengths(5.0, np.zeros((30, 2)), np.full(2, 0.5))
    for _ in range(5):
        believed, newcomer, strengths = learn_choosers(counts, strengths)

    chance = believed[:, 1] / believed.sum(axis=1)
    assert np.abs(chance[0, 1] - 0.3).max() < 0.1
    assert np.abs(chance[1, 0] - 0.5).max() < 0.12
    crowd = newcomer[1] / newcomer.sum(axis=0)
    assert np.abs(crowd[1] - 0.7).max() < 0.06
    np.testing.assert_allclose(chance[2], crowd, atol=0.03)


def test_skill_is_over_labels_as_they_occur_and_surer_with_more_words():
    believed = np.ones((3, 2, 2, N_LABELS))
    believed[:, 1, 1], believed[:, 0, 0] = 4.0, 9.0
    prevalence = np.full(N_LABELS, 0.25)

    skill, low, high = set_skills(
        believed, prevalence=prevalence, n_given=np.array([5.0, 500.0, 0.0]), doubt=np.zeros(3)
    )

    np.testing.assert_allclose(skill[:2], 0.25 * 0.8 + 0.75 * 0.9)
    assert (low[:2] < skill[:2]).all()
    assert (skill[:2] < high[:2]).all()
    assert high[1] - low[1] < 0.2 * (high[0] - low[0])
    assert np.isnan([skill[2], low[2], high[2]]).all()


def test_doubt_about_the_truth_widens_the_interval():
    believed = np.full((1, 2, 2, N_LABELS), 2.0)
    given = {"prevalence": np.full(N_LABELS, 0.5), "n_given": np.array([50.0])}

    sure, unsure = (set_skills(believed, doubt=np.array([d]), **given) for d in (0.0, 40.0))

    assert (unsure[2] - unsure[1] > sure[2] - sure[1]).all()


def _counts(random, finds, invents, n_words):
    counts = np.zeros((len(finds), 2, 2, N_LABELS))
    for state, chance in enumerate((invents, finds)):
        chosen = random.binomial(n_words[:, None], chance[:, None], (len(finds), N_LABELS))
        counts[:, 1, state] = chosen
        counts[:, 0, state] = n_words[:, None] - chosen
    return counts
