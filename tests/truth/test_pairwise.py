from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dure.truth import (
    LEFT,
    RIGHT,
    SAME,
    BadAnswers,
    Comparisons,
    Outcome,
    infer_pairs,
    order_of,
)
from tests.truth.order_laws import (
    bits,
    check_intervals,
    check_same_up_to_names,
    part_of,
    random_comparisons,
    renamed,
    simulated_pairs,
)

# Of 90 % intervals, over crowds drawn from the model.
COVERAGE_MIN, COVERAGE_MAX = 0.84, 0.97
SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=15, deadline=None)
@given(random_comparisons(), SEEDS)
def test_laws(comparisons, seed):
    random = np.random.default_rng(seed)
    before = bits(comparisons)
    items = random.permutation(comparisons.n_items).astype(np.int32)
    workers = random.permutation(comparisons.n_workers).astype(np.int32)
    order = random.permutation(len(comparisons.side_of_answer))

    result = infer_pairs(comparisons)
    shuffled = infer_pairs(part_of(comparisons, order))
    other = infer_pairs(renamed(comparisons, items, workers))

    assert bits(comparisons) == before
    assert bits(infer_pairs(comparisons)) == bits(result)
    assert bits(shuffled) == bits(result)
    check_intervals(result)
    check_same_up_to_names(other, result, items, workers)


@settings(max_examples=8, deadline=None)
@given(random_comparisons())
def test_swapping_the_sides_of_all_votes_turns_leans_around_and_nothing_else(comparisons):
    side = comparisons.side_of_answer
    swapped = replace(
        comparisons,
        left_of_answer=comparisons.right_of_answer,
        right_of_answer=comparisons.left_of_answer,
        side_of_answer=np.where(side == SAME, SAME, 1 - side).astype(np.int32),
    )

    result, expected = infer_pairs(swapped), infer_pairs(comparisons)

    np.testing.assert_allclose(result.score, expected.score, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        result.habits.newcomer[1], -expected.habits.newcomer[1], rtol=1e-5, atol=1e-6
    )


def test_intervals_of_scores_and_ranks_cover_the_truth_as_often_as_they_say():
    scores, ranks, wide = [], [], []
    for seed in range(6):
        comparisons, truth = simulated_pairs(n_items=30, n_workers=20, n_votes=900, seed=seed)
        result = infer_pairs(comparisons)
        place = (-truth).argsort().argsort() + 1
        scores.append(((result.low <= truth) & (truth <= result.high)).mean())
        ranks.append(((result.rank_low <= place) & (place <= result.rank_high)).mean())
        wide.append((result.rank_high - result.rank_low).mean())

    assert COVERAGE_MIN <= np.mean(scores) <= COVERAGE_MAX
    # Ranks are whole numbers, so that their intervals hold a little more than they must.
    assert COVERAGE_MIN <= np.mean(ranks) <= 0.99
    assert np.mean(wide) < 15


def test_chance_that_an_item_is_more_is_as_often_right_as_it_says():
    stated, right = [], []
    for seed in range(6):
        comparisons, truth = simulated_pairs(n_items=30, n_workers=20, n_votes=500, seed=seed)
        first, second = np.triu_indices(30, 1)
        chance = order_of(infer_pairs(comparisons), first, second)[:, 0]
        stated.append(np.maximum(chance, 1 - chance))
        right.append((chance > 0.5) == (truth[first] > truth[second]))
    stated, right = np.concatenate(stated), np.concatenate(right)

    for low in (0.5, 0.6, 0.7, 0.8, 0.9):
        inside = (stated >= low) & (stated < low + 0.1)
        assert abs(stated[inside].mean() - right[inside].mean()) < 0.05


def test_careless_workers_are_found_and_weigh_less():
    comparisons, truth = simulated_pairs(n_items=25, n_workers=12, n_votes=1500, seed=3)
    random = np.random.default_rng(4)
    careless = comparisons.worker_of_answer < 6
    side = np.where(careless, random.integers(0, 3, 1500), comparisons.side_of_answer)
    spoiled = replace(comparisons, side_of_answer=side.astype(np.int32))

    result = infer_pairs(spoiled)

    assert result.skill[:6].max() < np.median(result.skill[6:])
    net = np.zeros(25)
    np.add.at(net, spoiled.left_of_answer, (side == LEFT) * 1.0 - (side == RIGHT))
    np.add.at(net, spoiled.right_of_answer, (side == RIGHT) * 1.0 - (side == LEFT))
    plain = net / np.maximum(result.n_comparisons, 1)
    fitted = np.corrcoef(result.score, truth)[0, 1]
    assert 1 - fitted < 0.7 * (1 - np.corrcoef(plain, truth)[0, 1])


def test_more_of_the_same_votes_make_intervals_narrower():
    few, _ = simulated_pairs(n_items=8, n_workers=10, n_votes=100, seed=1)
    many, _ = simulated_pairs(n_items=8, n_workers=10, n_votes=1600, seed=1)

    wide, narrow = infer_pairs(few), infer_pairs(many)

    assert (narrow.high - narrow.low).mean() < 0.6 * (wide.high - wide.low).mean()


def test_parts_that_were_never_compared_are_said_and_their_ranks_left_open():
    # 0 before 1 before 2; 3 before 4; nobody saw 5.
    result = infer_pairs(_votes([(0, 1), (1, 2), (0, 2), (3, 4)] * 10, n_items=6))

    assert result.component.tolist() == [0, 0, 0, 1, 1, 2]
    # Within its part an item's place is its own; all others may come before it.
    assert (result.rank_high[:3] >= np.array([1, 2, 3]) + 3).all()
    assert (result.rank_high[3:5] >= np.array([1, 2]) + 4).all()
    assert (result.rank_low[:5] <= np.array([1, 2, 3, 1, 2])).all()
    assert result.rank_high[0] < 6
    assert (result.low[5], result.high[5]) == (-np.inf, np.inf)
    assert (result.rank_low[5], result.rank_high[5]) == (1, 6)


def test_known_sides_decide_and_tell_of_workers():
    rows = [(0, 1, 0, LEFT), (2, 3, 0, LEFT)] * 4 + [(0, 1, 1, RIGHT), (2, 3, 1, RIGHT)] * 4
    left, right, worker, side = np.array(rows, np.int32).T.copy()
    comparisons = Comparisons(left, right, worker, side, 4, 2)
    gold = Comparisons(*np.array([[0], [1], [0], [LEFT]], np.int32), 4, 1)

    unknown, known = infer_pairs(comparisons), infer_pairs(comparisons, gold=gold)

    assert abs(unknown.score).max() < 1e-6
    assert known.score[0] > known.score[1]
    # Who was right of the first pair is believed on the second.
    assert known.score[2] > known.score[3]
    assert known.skill[0] > known.skill[1]
    assert known.n_comparisons.tolist() == [8, 8, 8, 8]


def test_no_votes_say_nothing():
    result = infer_pairs(_votes([], n_items=3))

    assert result.outcome is Outcome.NO_ANSWERS
    assert result.score.tolist() == [0, 0, 0]
    assert np.isnan(result.skill).all()
    check_intervals(result)


def test_one_vote_and_votes_that_all_say_same_stay_finite():
    one = infer_pairs(_votes([(0, 1)], n_items=2))
    same = Comparisons(*np.array([[0] * 9, [1] * 9, [0] * 9, [SAME] * 9], np.int32), 2, 1)

    alike = infer_pairs(same)

    assert one.score[0] > one.score[1]
    assert one.rank_high.tolist() == [2, 2]
    np.testing.assert_allclose(alike.score, 0, atol=1e-9)
    assert alike.rank.tolist() == [1, 1]
    check_intervals(alike)


@pytest.mark.parametrize(
    ("votes", "sentence"),
    [
        (
            Comparisons(*np.zeros((4, 1), np.int32), 2, 1),
            (
                "Expected two different items, got item 0 on both sides at position 0; "
                "leave the answer out."
            ),
        ),
        (
            Comparisons(*np.array([[0], [1], [0], [3]], np.int32), 2, 1),
            (
                "Expected side_of_answer from 0 to 2, got 3 at position 0; "
                "code the answers with dure.truth.code_pairs or code_rankings."
            ),
        ),
    ],
)
def test_votes_that_do_not_fit_are_refused(votes, sentence):
    with pytest.raises(BadAnswers) as refusal:
        infer_pairs(votes)

    assert str(refusal.value) == sentence


def _votes(pairs, *, n_items):
    left, right = np.array(pairs, np.int32).reshape(-1, 2).T.copy()
    nobody = np.zeros(len(left), np.int32)
    return Comparisons(left, right, nobody, nobody.copy(), n_items, 1)
