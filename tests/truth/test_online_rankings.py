from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dure.truth import BadAnswers, OnlineRankings, infer_rankings
from dure.truth import _rank_fit as fitting
from dure.truth._orders import put_in_order
from tests.truth.order_laws import simulated_rankings

ROUNDING = 1e-6


def _crowd():
    return simulated_rankings(n_items=12, n_workers=8, n_answers=80, seed=5, length=4)[0]


def _first(rankings, n_answers):
    return replace(
        rankings,
        worker_of_answer=rankings.worker_of_answer[:n_answers],
        starts=rankings.starts[: n_answers + 1],
        item_of_place=rankings.item_of_place[: rankings.starts[n_answers]],
    )


def _online(rankings, *, learns):
    early = infer_rankings(_first(rankings, 60))
    online = OnlineRankings(early, _first(rankings, 60), learns=learns)
    bounds = rankings.starts.tolist()
    for row in range(60, 80):
        items = rankings.item_of_place[bounds[row] : bounds[row + 1]].tolist()
        scores = online.add(items=items, worker=int(rankings.worker_of_answer[row]))
        assert scores.tolist() == online.score[items].tolist()
    return early, online


def test_with_workers_kept_still_it_is_the_fit_s_own_conclusion_on_all_answers():
    rankings = _crowd()

    early, online = _online(rankings, learns=False)

    orders = put_in_order(rankings, None)
    state = replace(
        fitting.start(orders),
        own=early.habits.workers[:, 0],
        score_variance=early.habits.score_variance,
    )
    for _ in range(30):
        state = fitting.renew_scores(orders, state)
    np.testing.assert_allclose(online.score, state.score, atol=ROUNDING)


def test_learning_online_stays_near_a_refit():
    rankings = _crowd()

    early, online = _online(rankings, learns=True)

    refit = infer_rankings(rankings).score
    assert np.abs(online.score - refit).mean() < 0.6 * np.abs(early.score - refit).mean()


def test_numbers_that_skip_one_are_refused():
    rankings = _crowd()
    online = OnlineRankings(infer_rankings(rankings), rankings)

    with pytest.raises(BadAnswers) as refusal:
        online.add(items=[0, 13], worker=0)

    assert str(refusal.value) == (
        "Expected items from 0 to 11, and new ones from 12 on; got [0, 13]."
    )
