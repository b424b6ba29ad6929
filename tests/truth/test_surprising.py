from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dure.truth import Answers, BadAnswers, Outcome, infer, surprisingly_popular
from tests.truth.laws import (
    SAME,
    _bits,
    _permutation,
    label_is_the_likeliest_where_there_are_answers,
    rows_sum_to_one,
    same_seed_gives_the_same_bits,
)
from tests.truth.predicting import exaggerating, informed, load_predicted, random_predicted

SOME = settings(max_examples=25, deadline=None)


def test_few_who_know_that_they_are_few_are_heard():
    answers, predictions, truth = informed(seed=1)

    result = surprisingly_popular(answers, predictions)

    assert result.believes_surprising
    assert result.reasons.skill > 0
    wrong = (result.popular != truth).mean()
    assert (result.surprising != truth).mean() < 0.5 * wrong
    assert (result.label != truth).mean() < 0.5 * wrong


@pytest.mark.parametrize("exaggerated", [0.2, 0.8])
def test_exaggerated_predictions_are_not_believed(exaggerated):
    answers, predictions, truth = exaggerating(exaggerated=exaggerated, seed=2)

    result = surprisingly_popular(answers, predictions)

    assert not result.believes_surprising
    assert (result.surprising != truth).mean() > 0.1
    assert result.probability.tolist() == infer(answers).probability.tolist()
    assert (result.label != truth).mean() < 0.05


def test_one_question_alone_is_answered_by_those_who_surprise():
    # Is Philadelphia the capital of Pennsylvania? Two thirds say yes, and expect three quarters.
    labels = np.array([1] * 20 + [0] * 10, np.int32)
    answers = Answers(labels * 0, np.arange(30, dtype=np.int32), labels, 1, 30, 2)
    yes = np.where(labels == 1, 0.8, 0.7)

    result = surprisingly_popular(answers, np.column_stack([1 - yes, yes]))

    assert (result.surprising[0], result.popular[0], result.label[0]) == (0, 1, 0)
    assert result.vote_share[0] == pytest.approx(1 / 3)
    assert result.predicted_share[0] == pytest.approx(1 - (2 * 0.8 + 0.7) / 3)
    assert 0 < result.margin[0] < result.vote_share[0] - result.predicted_share[0]
    assert 0.5 < result.probability[0, 0] < 0.8


def test_label_that_everybody_gives_is_never_turned():
    labels = np.zeros(60, np.int32)
    tasks, workers = np.divmod(np.arange(60, dtype=np.int32), np.int32(20))
    predictions = np.tile([0.97, 0.03], (60, 1))

    result = surprisingly_popular(Answers(tasks, workers, labels, 3, 20, 2), predictions)

    assert result.surprising.tolist() == result.label.tolist() == [0, 0, 0]
    assert (result.probability[:, 0] > 0.5).all()


def test_crowd_that_says_yes_too_readily_everywhere_surprises_less_by_it():
    answers, predictions, _ = informed(seed=3)
    readily = predictions.copy()
    readily[:, 1] = np.clip(readily[:, 1] - 0.15, 0, 1)
    readily[:, 0] = 1 - readily[:, 1]

    result = surprisingly_popular(answers, readily)

    lean = result.terms.lean
    assert lean[1] > 0.1
    assert lean.sum() == pytest.approx(0.0)


def test_gold_decides_which_are_believed_and_comes_back_as_certain():
    answers, predictions, truth = informed(seed=1)
    usual = surprisingly_popular(answers, predictions)
    differ = usual.surprising != usual.popular
    says_popular = np.where(differ, usual.popular, -1).astype(np.int32)
    says_truth = np.where(np.arange(60) < 30, truth, -1).astype(np.int32)

    against = surprisingly_popular(answers, predictions, gold_label=says_popular)
    helped = surprisingly_popular(answers, predictions, gold_label=says_truth)

    assert against.reasons.gold < -3
    assert against.evidence < 0 < usual.evidence
    assert helped.reasons.gold > 1
    for result, gold in ((against, says_popular), (helped, says_truth)):
        known = gold >= 0
        assert (result.label[known] == gold[known]).all()
        assert (result.probability[known, gold[known]] == 1).all()


def test_nothing_predicted_is_the_fit_to_the_votes():
    answers, predictions, _ = informed(n_tasks=20, seed=4)

    result = surprisingly_popular(answers, predictions * np.nan)

    assert (result.believes_surprising, result.evidence) == (False, 0.0)
    assert (result.surprising == -1).all()
    assert np.isnan(result.margin).all()
    assert np.isnan(result.foresight_error).all()
    assert result.probability.tolist() == infer(answers).probability.tolist()


def test_no_answers_conclude_nothing():
    empty = np.empty(0, np.int32)

    result = surprisingly_popular(Answers(empty, empty, empty, 2, 1, 2), np.empty((0, 2)))

    assert result.outcome is Outcome.NO_ANSWERS
    assert result.label.tolist() == result.popular.tolist() == [-1, -1]


def test_missing_shares_are_filled_with_what_is_left():
    answers, predictions, _ = informed(n_tasks=20, seed=5)
    half = predictions.copy()
    half[:, 0] = np.nan

    whole, filled = (surprisingly_popular(answers, one) for one in (predictions, half))

    np.testing.assert_allclose(filled.probability, whole.probability, **SAME)


def test_worker_who_foresees_the_others_errs_less_and_experts_are_more_skilled():
    answers, predictions, _ = informed(seed=6)

    result = surprisingly_popular(answers, predictions)

    assert result.foresight_error[:10].max() < result.foresight_error[10:].mean()
    assert result.skill[:10].min() > result.skill[10:].mean()
    assert (result.skill_low <= result.skill).all()
    assert (result.skill <= result.skill_high).all()


@pytest.mark.parametrize("name", ["prelec_1c", "prelec_2", "prelec_3"])
def test_recorded_crowds_err_less_than_their_majorities(name):
    answers, predictions, truth = load_predicted(name)

    result = surprisingly_popular(answers, predictions)

    assert result.believes_surprising
    assert (result.surprising != truth).sum() <= 0.88 * (result.popular != truth).sum()
    assert (result.label != truth).sum() < (result.popular != truth).sum()


@SOME
@given(random_predicted(), st.integers(0, 99))
def test_laws_of_probabilities_hold(predicted, seed):
    answers, predictions = predicted

    def method(answers):
        return surprisingly_popular(answers, predictions)

    rows_sum_to_one(method, answers, seed)
    same_seed_gives_the_same_bits(method, answers, seed)
    label_is_the_likeliest_where_there_are_answers(method, answers, seed)


@SOME
@given(random_predicted(), st.integers(0, 99))
def test_order_of_rows_changes_nothing_and_arguments_stay(predicted, seed):
    answers, predictions = predicted
    before = _bits(answers), predictions.tobytes()
    order = np.random.default_rng(seed).permutation(len(predictions))
    shuffled = _with(answers, *(column[order] for column in _columns(answers)))

    ours = surprisingly_popular(answers, predictions)
    theirs = surprisingly_popular(shuffled, predictions[order])

    assert _bits(ours) == _bits(theirs)
    assert (_bits(answers), predictions.tobytes()) == before


@SOME
@given(random_predicted(), st.integers(0, 99))
def test_renaming_permutes_the_result(predicted, seed):
    answers, predictions = predicted
    tasks, workers, labels = (
        _permutation(size, seed) for size in (answers.n_tasks, answers.n_workers, answers.n_labels)
    )
    task, worker, label = _columns(answers)
    renamed = np.empty_like(predictions)
    renamed[:, labels] = predictions

    ours = surprisingly_popular(answers, predictions)
    theirs = surprisingly_popular(
        _with(answers, tasks[task], workers[worker], labels[label]), renamed
    )

    np.testing.assert_allclose(theirs.terms.lean[labels], ours.terms.lean, **SAME)
    np.testing.assert_allclose(theirs.foresight_error[workers], ours.foresight_error, **SAME)
    # Which of tied labels is called popular or surprising hangs on their names.
    if theirs.believes_surprising == ours.believes_surprising:
        moved = theirs.probability[tasks][:, labels]
        np.testing.assert_allclose(moved, ours.probability, **SAME)


@SOME
@given(random_predicted())
def test_margin_is_never_below_zero(predicted):
    result = surprisingly_popular(*predicted)

    told = result.surprising >= 0
    assert (result.margin[told] >= -1e-12).all()
    assert np.isnan(result.margin[~told]).all()


@pytest.mark.parametrize(
    ("predictions", "sentence"),
    [
        (
            np.array([[0.4, 60.0]]),
            (
                "Expected predicted shares from 0 to 1 or nan (not said), got 60.0 at position 0 "
                "for label 1; divide percentages by 100."
            ),
        ),
        (
            np.array([0.4]),
            (
                "Expected predictions to be a float64 array of shape (1, 2), got float64 of shape "
                "(1,); make it with dure.truth.code_predictions."
            ),
        ),
    ],
)
def test_unfit_predictions_are_refused(predictions, sentence):
    one = np.zeros(1, np.int32)

    with pytest.raises(BadAnswers) as refusal:
        surprisingly_popular(Answers(one, one, one, 1, 1, 2), predictions)

    assert str(refusal.value) == sentence


def _columns(answers):
    return answers.task_of_answer, answers.worker_of_answer, answers.label_of_answer


def _with(answers, task, worker, label):
    return replace(answers, task_of_answer=task, worker_of_answer=worker, label_of_answer=label)
