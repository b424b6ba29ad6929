from __future__ import annotations

import numpy as np
import pytest

from dure.truth import BadAnswers, explain_ranking, infer_rankings
from tests.truth.order_laws import listed


def _task():
    orders = [[0, 1, 2], [0, 1, 2], [2, 1, 0]]
    return listed(orders, [0, 1, 2], n_items=3, n_workers=3)


def test_what_answers_moved_sums_to_the_scores():
    rankings = _task()
    ranking = infer_rankings(rankings)
    habits = ranking.habits

    found = explain_ranking(
        ranking.score,
        habits.variance,
        rankings,
        habits.workers,
        score_variance=habits.score_variance,
    )

    whole = found.elsewhere + found.moved_by_answer.sum(axis=0)
    np.testing.assert_allclose(whole, ranking.score, atol=1e-12)
    np.testing.assert_allclose(found.moved_by_answer.sum(axis=1), 0, atol=1e-12)
    # Nothing but these answers speaks here.
    np.testing.assert_allclose(found.elsewhere, 0, atol=1e-6)
    assert found.moved_by_answer[0, 0] > 0 > found.moved_by_answer[2, 0]


def test_scores_of_other_items_are_refused():
    with pytest.raises(BadAnswers) as refusal:
        explain_ranking(np.zeros(2), np.ones(2), _task(), np.ones((3, 2)), score_variance=1.0)

    assert str(refusal.value) == (
        "Expected a score and a variance for each of 3 items, got arrays of shape "
        "(2,) and (2,); give those of the task's items."
    )
