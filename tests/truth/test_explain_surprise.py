from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from dure.truth import (
    BadAnswers,
    SurpriseTerms,
    explain_predicted,
    explain_surprise,
    infer,
    surprisingly_popular,
)
from tests.truth.predicting import exaggerating, informed, load_predicted, random_predicted

ROUNDING = 1e-9


@pytest.mark.parametrize("name", ["prelec_1c", "prelec_3"])
def test_weights_sum_to_the_verdict(name):
    answers, predictions, _ = load_predicted(name)
    result = surprisingly_popular(answers, predictions)

    for task in range(0, answers.n_tasks, 9):
        explained = explain_surprise(result, answers, predictions, task=task)

        label, runner_up = explained.label, explained.runner_up
        verdict = np.log(result.probability[task, label] / result.probability[task, runner_up])
        assert label == result.label[task]
        assert explained.log_odds == pytest.approx(verdict, abs=ROUNDING)
        assert _sum(explained) == pytest.approx(verdict, abs=ROUNDING)


@settings(max_examples=25, deadline=None)
@given(random_predicted())
def test_weights_sum_to_the_log_odds_whatever_was_said(predicted):
    answers, predictions = predicted
    if answers.n_labels < 2:
        return
    habits = infer(answers).habits
    lean = np.linspace(-0.2, 0.2, answers.n_labels)
    terms = SurpriseTerms(lean, n_expected=8.0, sharpness=1.5, trust=0.5)
    for task in range(answers.n_tasks):
        rows = answers.task_of_answer == task

        explained = explain_predicted(
            habits,
            terms,
            answers.worker_of_answer[rows],
            answers.label_of_answer[rows],
            predictions[rows],
        )

        assert _sum(explained) == pytest.approx(explained.log_odds, abs=ROUNDING)
        silent = np.isnan(predictions[rows]).all(axis=1)
        assert (explained.weight_of_prediction[silent] == 0).all()


def test_vote_for_the_label_speaks_for_it_and_expecting_it_against():
    answers, predictions, _ = informed(seed=1)
    result = surprisingly_popular(answers, predictions)
    task = int(np.flatnonzero(result.surprising != result.popular)[0])
    rows = answers.task_of_answer == task

    explained = explain_surprise(result, answers, predictions, task=task)

    names_it = answers.label_of_answer[rows] == explained.label
    shares = predictions[rows, explained.label]
    assert explained.weight_of_vote[names_it].min() > 0 > explained.weight_of_vote[~names_it].max()
    assert (
        explained.weight_of_prediction[shares.argmax()]
        < 0
        < explained.weight_of_prediction[shares.argmin()]
    )


def test_predictions_weigh_nothing_where_the_popular_answers_are_believed():
    answers, predictions, _ = exaggerating(seed=2)
    result = surprisingly_popular(answers, predictions)

    explained = explain_surprise(result, answers, predictions, task=3)

    assert not result.believes_surprising
    assert (explained.weight_of_prediction == 0).all()
    assert _sum(explained) == pytest.approx(explained.log_odds, abs=ROUNDING)


def test_task_that_is_not_there_is_refused():
    answers, predictions, _ = informed(n_tasks=5)

    with pytest.raises(BadAnswers) as refusal:
        explain_surprise(surprisingly_popular(answers, predictions), answers, predictions, task=5)

    assert str(refusal.value) == "Expected a task from 0 to 4, got 5."


def _sum(explained):
    return explained.prior + explained.weight_of_vote.sum() + explained.weight_of_prediction.sum()
