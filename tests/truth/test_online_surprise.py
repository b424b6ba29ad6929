from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dure.truth import BadAnswers, OnlineSurprise, _surprise, infer, surprisingly_popular
from tests.truth.predicting import exaggerating, informed, load_predicted

ROUNDING = {"rtol": 0.0, "atol": 1e-12}


def test_with_habits_held_it_concludes_what_all_answers_do():
    answers, predictions, _ = load_predicted("prelec_3")
    first, later = _split(answers, seed=1)
    fit = surprisingly_popular(_some(answers, first), predictions[first])

    online = OnlineSurprise(fit, _some(answers, first), predictions[first], learns=False)
    for row in later:
        _add(online, answers, predictions, row)

    whole = OnlineSurprise(fit, answers, predictions, learns=False)
    for task in range(answers.n_tasks):
        np.testing.assert_allclose(online.probability(task), whole.probability(task), **ROUNDING)


@pytest.mark.parametrize("crowd", [informed, exaggerating])
def test_it_begins_with_the_verdicts_of_the_conclusion(crowd):
    answers, predictions, truth = crowd(n_tasks=30, seed=1)
    gold = np.where(np.arange(30) < 5, truth, -1).astype(np.int32)
    fit = surprisingly_popular(answers, predictions, gold_label=gold)

    online = OnlineSurprise(fit, answers, predictions, gold_label=gold)

    ours = np.array([online.probability(task) for task in range(30)])
    np.testing.assert_allclose(ours, fit.probability, rtol=0, atol=1e-9)


def test_learning_on_the_way_is_close_to_a_refit():
    answers, predictions, _ = load_predicted("prelec_1c")
    first, later = _split(answers, seed=1)
    part = _some(answers, first)

    online = OnlineSurprise(
        surprisingly_popular(part, predictions[first]), part, predictions[first]
    )
    for row in later:
        _add(online, answers, predictions, row)

    refit = surprisingly_popular(answers, predictions)
    ours = np.array([online.probability(task) for task in range(answers.n_tasks)])
    assert (ours.argmax(axis=1) == refit.label).mean() > 0.95
    assert np.abs(ours - refit.probability).sum(axis=1).mean() / 2 < 0.03


def test_new_task_without_predictions_follows_its_votes():
    answers, predictions, _ = informed(n_tasks=20, seed=1)
    online = OnlineSurprise(surprisingly_popular(answers, predictions), answers, predictions)

    for worker in range(8):
        found = online.add(task=20, worker=worker, label=1)

    assert found[1] > 0.7
    assert found.sum() == pytest.approx(1.0)


def test_unfit_prediction_is_refused_and_changes_nothing():
    answers, predictions, _ = informed(n_tasks=5, seed=1)
    online = OnlineSurprise(surprisingly_popular(answers, predictions), answers, predictions)
    before = online.probability(0).tolist()

    with pytest.raises(BadAnswers):
        online.add(task=0, worker=40, label=1, prediction=np.array([0.5, 50.0]))

    assert online.probability(0).tolist() == before


def test_conclusion_is_that_of_the_parts_it_names():
    answers, predictions, _ = informed(n_tasks=20, seed=1)
    fit = surprisingly_popular(answers, predictions)
    votes, sums, n_told = _surprise.count(answers, predictions)
    predicted = _surprise.predicted_shares(sums, n_told)
    expected = _surprise.expected_shares(predicted, fit.terms.lean)
    logs = _surprise.surprises(votes, expected, fit.terms.n_expected)

    odds = _surprise.log_odds(logs, infer(answers).probability, votes, fit.terms)

    np.testing.assert_allclose(_surprise.chances(odds), fit.probability, **ROUNDING)


def _add(online, answers, predictions, row):
    return online.add(
        task=int(answers.task_of_answer[row]),
        worker=int(answers.worker_of_answer[row]),
        label=int(answers.label_of_answer[row]),
        prediction=predictions[row],
    )


def _split(answers, *, seed):
    order = np.random.default_rng(seed).permutation(len(answers.task_of_answer))
    n_first = int(0.8 * len(order))
    return np.sort(order[:n_first]), order[n_first:]


def _some(answers, rows):
    return replace(
        answers,
        task_of_answer=answers.task_of_answer[rows],
        worker_of_answer=answers.worker_of_answer[rows],
        label_of_answer=answers.label_of_answer[rows],
    )
