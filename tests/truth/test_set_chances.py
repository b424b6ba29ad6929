from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dure.truth.set_chances import (
    EVIDENCE_MAX,
    SetHabits,
    label_chances,
    tell_sets,
    temper,
    vote_shares,
    word_weights,
)

ROUNDING = {"rtol": 1e-9, "atol": 1e-12}
# Candidates and single changes find the likeliest of all sets nearly always; never far from it.
NEARLY_LIKELIEST = 0.95


@st.composite
def cases(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, SetHabits]:
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    n_labels, n_classes = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    least = draw(st.integers(0, n_labels))
    most = draw(st.integers(least, n_labels))
    shared = habits(
        class_weight=random.dirichlet(np.ones(n_classes)),
        class_chance=random.uniform(0.02, 0.98, (n_classes, n_labels)),
        least=least,
        most=most,
        vote_weight=draw(st.sampled_from([0.0, 0.1])),
    )
    evidence = random.normal(0.0, draw(st.sampled_from([0.5, 4.0])), (3, n_labels))
    return evidence, random.uniform(0.05, 0.95, (3, n_labels)), shared


@settings(deadline=None, max_examples=50)
@given(cases())
def test_chances_and_sets_are_those_of_all_sets_summed_up(case):
    evidence, shares, shared = case

    probability, chosen, sureness = tell_sets(evidence, shares, shared)

    for task in range(len(evidence)):
        sets, of_fit = _all_sets(evidence[task], shared)
        mixed = (1.0 - shared.vote_weight) * of_fit @ sets + shared.vote_weight * shares[task]
        np.testing.assert_allclose(probability[task], mixed, **ROUNDING)
        by_vote = np.where(sets, shares[task], 1.0 - shares[task]).prod(axis=1)
        whole = (1.0 - shared.vote_weight) * of_fit + shared.vote_weight * by_vote
        place = int(np.flatnonzero((sets == chosen[task]).all(axis=1))[0])
        assert sureness[task] == pytest.approx(whole[place])
        assert sureness[task] >= NEARLY_LIKELIEST * whole.max()
    size = chosen.sum(axis=1)
    assert (shared.least <= size).all()
    assert (size <= shared.most).all()


@settings(deadline=None, max_examples=50)
@given(cases())
def test_one_task_alone_is_told_as_among_others(case):
    evidence, shares, shared = case

    alone = [tell_sets(evidence[[t]], shares[[t]], shared)[0][0] for t in range(len(evidence))]

    np.testing.assert_allclose(label_chances(evidence, shares, shared), alone, **ROUNDING)


def test_label_that_goes_with_another_is_likelier_beside_it():
    shared = habits(class_weight=[0.5, 0.5], class_chance=[[0.9, 0.9], [0.1, 0.1]])
    nothing, first = np.zeros((1, 2)), np.array([[3.0, 0.0]])
    shares = np.full((1, 2), 0.5)

    before, after = (label_chances(one, shares, shared)[0] for one in (nothing, first))

    assert before.tolist() == pytest.approx([0.5, 0.5])
    assert after[1] > 0.75


def test_sizes_that_nothing_speaks_for_are_still_kept():
    shared = habits(class_weight=[1.0], class_chance=[[0.5] * 40], least=30, most=40)

    _, chosen, sureness = tell_sets(np.full((1, 40), -EVIDENCE_MAX), np.full((1, 40), 0.1), shared)

    assert chosen.sum() == 30
    assert np.isfinite(sureness).all()


def test_answers_that_all_say_one_thing_are_divided_and_never_beyond_the_bound():
    shared = habits(class_weight=[1.0], class_chance=[[0.5]], correlation=0.5, sharpness=2.0)
    three, endless = np.array([[3.0]]), np.array([[900.0]])

    # Three answers of one unit count three times: 2 / (1 + .5 * 2).
    assert temper(three, three, np.array([[1.0]]), shared).item() == pytest.approx(1.0)
    assert endless * temper(endless, endless, endless, shared) == pytest.approx(EVIDENCE_MAX)
    assert temper(three * 0, three * 0, three * 0, shared).item() == 2.0


def test_words_weigh_what_workers_find_and_invent():
    # Of ten that belong seven are chosen, of ten that do not one.
    believed = np.array([[[9.0], [3.0]], [[1.0], [7.0]]]).reshape(1, 4)

    weights = word_weights(believed, n_labels=1)

    assert weights[0, :, 0].tolist() == pytest.approx([np.log(0.3 / 0.9), np.log(7.0)])


def test_votes_lean_to_how_often_all_choose_a_label():
    shared = habits(class_weight=[1.0], class_chance=[[0.5]], popularity=[0.2])

    shares = vote_shares(np.array([[0.0], [3.0]]), np.array([0.0, 3.0]), shared)

    assert shares[:, 0].tolist() == pytest.approx([0.2, 0.8])


def habits(*, class_weight, class_chance, least=0, most=None, vote_weight=0.0, **more):
    chance = np.array(class_chance, np.float64)
    n_labels = chance.shape[1]
    return SetHabits(
        class_weight=np.array(class_weight, np.float64),
        class_chance=chance,
        newcomer=np.ones(4 * n_labels),
        popularity=np.array(more.get("popularity", [0.5] * n_labels)),
        correlation=more.get("correlation", 0.0),
        sharpness=more.get("sharpness", 1.0),
        vote_weight=vote_weight,
        vote_smoothing=1.0,
        least=least,
        most=n_labels if most is None else most,
    )


def _all_sets(evidence, shared):
    sets = np.array(list(product([False, True], repeat=shared.n_labels)))
    chance = shared.class_chance[:, None, :]
    of_class = np.where(sets, chance, 1.0 - chance).prod(axis=2)
    weight = (shared.class_weight @ of_class) * np.exp(sets @ evidence)
    size = sets.sum(axis=1)
    weight[(size < shared.least) | (size > shared.most)] = 0.0
    return sets, weight / weight.sum()
