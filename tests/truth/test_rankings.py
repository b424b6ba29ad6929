from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dure.truth import BadAnswers, Outcome, infer_rankings
from dure.truth import _plackett_luce as luce
from tests.truth.order_laws import (
    bits,
    check_intervals,
    check_same_up_to_names,
    listed,
    random_rankings,
    simulated_rankings,
)

COVERAGE_MIN, COVERAGE_MAX = 0.84, 0.97


@settings(max_examples=15, deadline=None)
@given(random_rankings(), st.integers(0, 2**32 - 1))
def test_laws(rankings, seed):
    random = np.random.default_rng(seed)
    before = bits(rankings)
    items = random.permutation(rankings.n_items).astype(np.int32)
    workers = random.permutation(rankings.n_workers).astype(np.int32)
    bounds = rankings.starts.tolist()
    orders = [rankings.item_of_place[begin:end].tolist() for begin, end in pairwise(bounds)]
    order = random.permutation(len(orders)).tolist()
    sizes = {"n_items": rankings.n_items, "n_workers": rankings.n_workers}

    result = infer_rankings(rankings)
    shuffled = infer_rankings(
        listed(
            [orders[at] for at in order], [rankings.worker_of_answer[at] for at in order], **sizes
        )
    )
    other = infer_rankings(
        replace(
            rankings,
            worker_of_answer=workers[rankings.worker_of_answer],
            item_of_place=items[rankings.item_of_place],
        )
    )

    assert bits(rankings) == before
    assert bits(shuffled) == bits(result)
    assert bits(infer_rankings(rankings)) == bits(result)
    check_intervals(result)
    check_same_up_to_names(other, result, items, workers)


def test_chances_of_all_orders_are_those_of_choices_one_after_another():
    score = np.array([0.3, -1.0, 0.8, 0.1])
    orders = np.array(list(permutations(range(4))), np.int32)

    told = luce.choices(orders, np.ones(len(orders)), score)

    chance = np.exp(told.log_chance)
    assert chance.sum() == pytest.approx(1)
    strength = np.exp(score)
    by_hand = strength[2] / strength.sum() * strength[0] / (strength.sum() - strength[2])
    by_hand *= strength[3] / (strength[3] + strength[1])
    at = orders.tolist().index([2, 0, 3, 1])
    assert chance[at] == pytest.approx(by_hand)


def test_pulls_and_ties_are_the_derivatives_of_the_log_chance():
    score, precision = np.array([0.3, -1.0, 0.8, 0.1, 0.5]), np.array([1.3])
    item = np.array([[2, 0, 4, 1]], np.int32)

    def slope(at):
        told = luce.choices(item, precision, at)
        found = np.zeros(5)
        found[item[0]] = luce.pulls(precision, told)[0]
        return found

    step = 1e-5
    told = luce.choices(item, precision, score)
    first, second = np.triu_indices(4, 1)
    for place, ahead in enumerate(item[0]):
        moved = np.eye(5)[ahead] * step
        up = luce.choices(item, precision, score + moved).log_chance[0]
        down = luce.choices(item, precision, score - moved).log_chance[0]
        assert slope(score)[ahead] == pytest.approx((up - down) / (2 * step), abs=1e-8)
        turn = (slope(score + moved) - slope(score - moved)) / (2 * step)
        for pair, weight in enumerate(luce.ties(precision, told)[0]):
            if place in (first[pair], second[pair]):
                other = item[0][first[pair] + second[pair] - place]
                assert turn[other] == pytest.approx(weight, abs=1e-7)


def test_intervals_of_scores_and_ranks_cover_the_truth_as_often_as_they_say():
    scores, ranks = [], []
    for seed in range(6):
        rankings, truth = simulated_rankings(n_items=25, n_workers=15, n_answers=120, seed=seed)
        result = infer_rankings(rankings)
        place = (-truth).argsort().argsort() + 1
        scores.append(((result.low <= truth) & (truth <= result.high)).mean())
        ranks.append(((result.rank_low <= place) & (place <= result.rank_high)).mean())

    assert COVERAGE_MIN <= np.mean(scores) <= COVERAGE_MAX
    assert COVERAGE_MIN <= np.mean(ranks) <= 0.99


def test_scores_lie_nearer_to_the_truth_than_mean_places_where_half_are_careless():
    fitted, plain = [], []
    for seed in range(5):
        rankings, truth = simulated_rankings(n_items=20, n_workers=12, n_answers=200, seed=seed)
        random = np.random.default_rng(seed)
        places = rankings.item_of_place.reshape(200, 5).copy()
        for row in np.flatnonzero(rankings.worker_of_answer < 6):
            places[row] = random.permutation(places[row])
        result = infer_rankings(replace(rankings, item_of_place=places.ravel()))
        worth = np.bincount(places.ravel(), np.tile(np.arange(5)[::-1], 200), 20)
        mean = worth / np.bincount(places.ravel(), minlength=20)
        fitted.append(1 - np.corrcoef(result.score, truth)[0, 1])
        plain.append(1 - np.corrcoef(mean, truth)[0, 1])
        assert np.nanmean(result.skill[:6]) < np.nanmean(result.skill[6:])

    assert np.mean(fitted) < 0.8 * np.mean(plain)


def test_known_order_decides_between_two_workers():
    orders = [[0, 1, 2], [2, 1, 0]] * 4
    rankings = listed(orders, [0, 1] * 4, n_items=3, n_workers=2)
    gold = listed([[2, 1, 0]], [0], n_items=3, n_workers=1)

    result = infer_rankings(rankings, gold=gold)

    assert result.rank.tolist() == [3, 2, 1]
    assert result.skill[1] > result.skill[0]


def test_answers_that_rank_fewer_than_two_say_nothing():
    result = infer_rankings(listed([[], [1]], [0, 0], n_items=2, n_workers=1))

    assert result.outcome is Outcome.NO_ANSWERS
    assert np.isnan(result.skill).all()
    check_intervals(result)


def test_item_twice_in_an_answer_is_refused():
    with pytest.raises(BadAnswers) as refusal:
        infer_rankings(listed([[0, 1, 0]], [0], n_items=2, n_workers=1))

    assert str(refusal.value) == (
        "Expected each item at most once in an answer, got item 0 twice in answer 0; "
        "leave the answer out."
    )
