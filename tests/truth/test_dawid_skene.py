from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dure.truth import Answers, BadAnswers, FitOptions, Outcome, dawid_skene, majority, score_labels
from tests.truth.real_sets import CATEGORICAL, load_choices

# Dawid-Skene may lose a little to voting where workers gave few answers (DESIGN, worst set).
WORST_LOSS = 0.02


def test_skilled_minority_outweighs_a_guessing_majority():
    answers, truth = _crowd(n_good=2, n_guessing=3, n_tasks=300)

    learned = score_labels(dawid_skene(answers).probability, truth)
    voted = score_labels(majority(answers).probability, truth)

    assert learned.accuracy > voted.accuracy + 0.05
    assert learned.log_loss < voted.log_loss


def test_skill_orders_workers_and_is_unknown_without_answers():
    answers, _ = _crowd(n_good=2, n_guessing=2, n_tasks=200)
    more = Answers(
        answers.task_of_answer,
        answers.worker_of_answer,
        answers.label_of_answer,
        200,
        5,
        2,
    )

    skill = dawid_skene(more).skill

    assert skill[:2].min() > 0.8
    assert skill[2:4].max() < 0.7
    assert np.isnan(skill[4])


def test_known_labels_are_held_and_inform_the_rest():
    # Most of this crowd mistake each label for the other: only known labels can tell.
    answers, truth = _crowd(n_good=1, n_guessing=3, n_tasks=120, chance=0.2)
    gold = np.where(np.arange(120) < 40, truth, -1).astype(np.int32)
    rest = np.where(gold == -1, truth, -1).astype(np.int32)

    informed = dawid_skene(answers, gold_label=gold)
    alone = dawid_skene(answers)

    assert (informed.label[:40] == truth[:40]).all()
    assert (informed.probability[np.arange(40), truth[:40]] == 1.0).all()
    assert (
        score_labels(informed.probability, rest).accuracy
        > score_labels(alone.probability, rest).accuracy + 0.5
    )


def test_tempering_lowers_certainty_and_leaves_the_fit_alone():
    answers, _ = _crowd(n_good=4, n_guessing=0, n_tasks=100)

    plain = dawid_skene(answers, options=FitOptions(correlation=0.0, vote_weight=0.0))
    tempered = dawid_skene(answers)

    assert tempered.probability.max(axis=1).mean() < plain.probability.max(axis=1).mean()
    assert (tempered.skill == plain.skill).all()


def test_running_out_of_rounds_is_an_outcome():
    answers, _ = _crowd(n_good=2, n_guessing=3, n_tasks=50)

    result = dawid_skene(answers, options=FitOptions(n_iterations_max=1))

    assert (result.outcome, result.n_iterations) == (Outcome.NOT_SETTLED, 1)
    assert result.last_change > 1e-4


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ({"correlation": 1.5}, "Expected correlation from 0 to 1, got 1.5."),
        ({"vote_weight": -0.1}, "Expected vote_weight from 0 to 1, got -0.1."),
        ({"vote_weight": None}, "Expected vote_weight from 0 to 1, got None."),
        ({"change_max": float("nan")}, "Expected change_max to be a number, got nan."),
        ({"n_iterations_max": 0}, "Expected n_iterations_max of at least 1 and whole, got 0."),
        ({"n_iterations_max": 2.5}, "Expected n_iterations_max of at least 1 and whole, got 2.5."),
    ],
)
def test_options_out_of_range_are_refused(option, sentence):
    answers, _ = _crowd(n_good=1, n_guessing=1, n_tasks=2)

    with pytest.raises(BadAnswers) as refusal:
        dawid_skene(answers, options=FitOptions(**option))

    assert str(refusal.value) == sentence


@pytest.mark.parametrize("name", ["rte", "bluebirds", "temp", "dog", "d_possent", "sp_amt"])
def test_real_crowds_are_labelled_as_well_as_by_voting_or_better(name):
    coded, truth = load_choices(name)

    learned = score_labels(dawid_skene(coded.answers).probability, truth)
    voted = score_labels(majority(coded.answers).probability, truth)

    assert learned.accuracy >= voted.accuracy
    assert learned.log_loss < voted.log_loss


def test_fifteen_real_crowds_meet_the_measured_figures():
    scores = []
    for name in CATEGORICAL:
        coded, truth = load_choices(name)
        learned = score_labels(dawid_skene(coded.answers).probability, truth)
        voted = score_labels(majority(coded.answers).probability, truth)
        assert learned.accuracy >= voted.accuracy - WORST_LOSS, name
        scores.append((learned.accuracy, learned.log_loss, learned.calibration_error))

    accuracy, log_loss, calibration_error = np.mean(scores, axis=0)
    assert accuracy >= 0.868
    assert log_loss <= 0.39
    assert calibration_error <= 0.05


def test_workers_mixed_up_at_random_cost_nothing_against_the_vote():
    # Whose answer is whose says nothing then; to look for skill must not lose what the vote has.
    random = np.random.default_rng(0)
    gains = []
    for name in ("rte", "temp", "bluebirds", "face", "d_possent", "weather_amt", "sp_amt"):
        coded, truth = load_choices(name)
        answers = coded.answers
        order = np.lexsort((random.random(len(answers.task_of_answer)), answers.task_of_answer))
        mixed = replace(answers, label_of_answer=answers.label_of_answer[order])
        learned = score_labels(dawid_skene(mixed).probability, truth)
        voted = score_labels(majority(mixed).probability, truth)
        assert learned.accuracy >= voted.accuracy - WORST_LOSS, name
        gains.append((learned.accuracy - voted.accuracy, voted.log_loss - learned.log_loss))

    assert (np.mean(gains, axis=0) > 0).all()


def _crowd(*, n_good, n_guessing, n_tasks, chance=0.55):
    random = np.random.default_rng(7)
    truth = random.integers(0, 2, n_tasks).astype(np.int32)
    n_workers = n_good + n_guessing
    tasks, workers = np.divmod(np.arange(n_tasks * n_workers, dtype=np.int32), np.int32(n_workers))
    right = random.random(len(tasks)) < np.where(workers < n_good, 0.92, chance)
    labels = np.where(right, truth[tasks], 1 - truth[tasks]).astype(np.int32)
    return Answers(tasks, workers, labels, n_tasks, n_workers, 2), truth
