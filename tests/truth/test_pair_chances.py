from __future__ import annotations

import numpy as np
import pytest

from dure.truth import BadAnswers, chance_of, infer_pairs, infer_rankings, order_of
from tests.truth.order_laws import part_of, simulated_pairs, simulated_rankings


def test_votes_to_come_are_foretold_better_than_by_their_rates():
    votes, _ = simulated_pairs(n_items=20, n_workers=15, n_votes=1500, seed=8)
    seen, unseen = part_of(votes, slice(0, 1200)), part_of(votes, slice(1200, None))
    ranking = infer_pairs(seen)
    asked = unseen.left_of_answer, unseen.right_of_answer

    known = chance_of(ranking, *asked, worker=unseen.worker_of_answer)
    anyone = chance_of(ranking, *asked)

    rows = np.arange(300)
    rates = np.bincount(seen.side_of_answer) / 1200
    losses = [-np.log(one[rows, unseen.side_of_answer]).mean() for one in (known, anyone)]
    by_rate = -np.log(rates[unseen.side_of_answer]).mean()
    np.testing.assert_allclose(known.sum(axis=1), 1)
    assert losses[0] < losses[1] < 0.95 * by_rate


def test_other_way_round_is_the_other_side():
    votes, _ = simulated_pairs(n_items=6, n_workers=4, n_votes=40, seed=1, tie=1.0)
    ranking = infer_pairs(votes)
    left, right = np.triu_indices(6, 1)

    chance, swapped = order_of(ranking, left, right), order_of(ranking, right, left)

    np.testing.assert_allclose(swapped[:, [1, 0, 2]], chance, rtol=1e-12)
    assert ranking.habits.same_within > 0
    assert (chance[:, 2] > 0).all()


def test_items_of_different_parts_are_even():
    votes, _ = simulated_pairs(n_items=2, n_workers=4, n_votes=40, seed=1)
    shifted = part_of(votes, slice(0, 20))
    apart = type(votes)(
        np.concatenate([votes.left_of_answer, shifted.left_of_answer + 2]).astype(np.int32),
        np.concatenate([votes.right_of_answer, shifted.right_of_answer + 2]).astype(np.int32),
        np.concatenate([votes.worker_of_answer, shifted.worker_of_answer]),
        np.concatenate([votes.side_of_answer, shifted.side_of_answer]),
        4,
        4,
    )

    chance = order_of(infer_pairs(apart), np.array([0, 1]), np.array([2, 3]))

    np.testing.assert_allclose(chance[:, 0], chance[:, 1])


def test_fit_of_rankings_is_refused():
    rankings, _ = simulated_rankings(n_items=6, n_workers=2, n_answers=5, seed=0)

    with pytest.raises(BadAnswers) as refusal:
        order_of(infer_rankings(rankings), np.array([0]), np.array([1]))

    assert str(refusal.value) == (
        "Expected a fit of comparisons, got one by plackett-luce; fit with infer_pairs."
    )
