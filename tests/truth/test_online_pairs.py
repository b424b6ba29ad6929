from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dure.truth import LEFT, SAME, BadAnswers, OnlinePairs, infer_pairs, order_of
from dure.truth import _pair_fit as fitting
from dure.truth._pair_votes import put_in_order
from tests.truth.order_laws import part_of, simulated_pairs

# Scores are brought to 1e-10 at each end.
ROUNDING = 1e-6


def _crowd():
    return simulated_pairs(n_items=12, n_workers=8, n_votes=240, seed=5)[0]


def _add(online, votes, rows):
    for row in rows:
        chance = online.add(
            left=int(votes.left_of_answer[row]),
            right=int(votes.right_of_answer[row]),
            worker=int(votes.worker_of_answer[row]),
            side=int(votes.side_of_answer[row]),
        )
    return chance


def test_with_workers_kept_still_it_is_the_fit_s_own_conclusion_on_all_votes():
    votes = _crowd()
    ranking = infer_pairs(part_of(votes, slice(0, 200)))
    online = OnlinePairs(ranking, part_of(votes, slice(0, 200)), learns=False)

    _add(online, votes, range(200, 240))

    habits = ranking.habits
    ordered = put_in_order(votes, None)
    state = replace(
        fitting.start(ordered),
        crowd=habits.newcomer[:3],
        own=habits.workers[:, :3] - habits.newcomer[:3],
        score_variance=habits.score_variance,
        pair_variance=habits.pair_variance,
    )
    seen = fitting.observe(ordered, state)
    for _ in range(30):
        state, seen = fitting.renew_scores(ordered, state, seen)
    np.testing.assert_allclose(online.score, state.score, atol=ROUNDING)


def test_verdict_without_a_new_vote_s_weight_is_that_of_the_fit():
    votes = _crowd()
    whole = infer_pairs(votes)
    before = part_of(votes, slice(0, 239))
    online = OnlinePairs(whole, before, learns=False)

    chance = _add(online, votes, [239])

    asked = votes.left_of_answer[239:], votes.right_of_answer[239:]
    np.testing.assert_allclose(chance, order_of(whole, *asked)[0], atol=ROUNDING)


def test_learning_online_stays_near_a_refit():
    votes = _crowd()
    early = infer_pairs(part_of(votes, slice(0, 200)))
    online = OnlinePairs(early, part_of(votes, slice(0, 200)))

    _add(online, votes, range(200, 240))

    refit = infer_pairs(votes).score
    assert np.abs(online.score - refit).mean() < 0.6 * np.abs(early.score - refit).mean()


def test_new_items_and_workers_come_as_the_next_numbers_and_others_are_refused():
    votes = _crowd()
    online = OnlinePairs(infer_pairs(votes), votes)

    chance = online.add(left=12, right=13, worker=8, side=LEFT)
    with pytest.raises(BadAnswers) as refusal:
        online.add(left=15, right=0, worker=0, side=SAME)

    assert chance[0] > chance[1]
    assert len(online.score) == 14
    assert str(refusal.value) == "Expected a left from 0 to 14, got 15."
