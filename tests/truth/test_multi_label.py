from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dure.truth import BadAnswers, Outcome, Sets, infer_sets, score_sets
from dure.truth.set_chances import word_weights
from tests.truth.set_laws import SET_LAWS, random_sets, renaming_renames_the_result

# Of 1500 sets; and of sureness beside how many sets are right.
GAIN_MIN = 0.15
CALIBRATED_WITHIN = 0.12


@pytest.mark.parametrize("law", SET_LAWS)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(sets=random_sets(), seed=st.integers(0, 99))
def test_law(law, sets, seed):
    law(infer_sets, sets, seed)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(sets=random_sets(), data=st.data())
def test_sets_have_the_sizes_that_the_question_allows(sets, data):
    least = data.draw(st.integers(0, sets.n_labels))
    most = data.draw(st.integers(least, sets.n_labels))

    result = infer_sets(sets, least=least, most=most)

    size = result.chosen[result.n_answers > 0].sum(axis=1)
    assert ((least <= size) & (size <= most)).all()


def test_kinds_of_tasks_are_renamed_with_them():
    crowd = _crowd("nested", 1)

    renaming_renames_the_result(infer_sets, crowd.sets, 3)

    assert len(infer_sets(crowd.sets).shared.class_weight) > 1


@pytest.mark.parametrize("truth", ["independent", "correlated", "nested"])
def test_sets_are_right_more_often_than_votes_by_label_and_as_sure_as_right(truth):
    scores, votes = [], []
    for seed in range(3):
        crowd = _crowd(truth, seed)
        true_set = crowd.truth.astype(np.int8)
        result = infer_sets(crowd.sets)
        shares = _vote_shares(crowd.sets)
        scores.append(score_sets(result.probability, result.chosen, result.sureness, true_set))
        votes.append(score_sets(shares, shares >= 0.5, shares[:, 0], true_set))

    wrong, wrong_votes = (sum(one.label_error for one in of) for of in (scores, votes))
    assert wrong < (1 - GAIN_MIN) * wrong_votes
    assert sum(s.log_loss for s in scores) < (1 - GAIN_MIN) * sum(s.log_loss for s in votes)
    surely = np.mean([infer_sets(_crowd(truth, seed).sets).sureness.mean() for seed in range(3)])
    assert abs(surely - np.mean([one.exact for one in scores])) < CALIBRATED_WITHIN


def test_labels_that_go_together_are_told_apart_from_those_that_do_not():
    n_kinds = [
        [len(infer_sets(_crowd(truth, seed).sets).shared.class_weight) for seed in range(3)]
        for truth in ("independent", "nested")
    ]

    assert n_kinds[0] == [1, 1, 1]
    assert min(n_kinds[1]) > 1


def test_who_ticks_everything_or_nothing_tells_nothing():
    crowd = _crowd("correlated", 5, spam=0.3)

    result = infer_sets(crowd.sets)

    # All, none, by a coin, the same few.
    weights = word_weights(result.habits, n_labels=10)[crowd.sets.worker_of_answer]
    said = np.abs(np.where(crowd.sets.chosen, weights[:, 1], weights[:, 0])).mean(axis=1)
    told = np.bincount(crowd.sets.worker_of_answer, said) / np.bincount(crowd.sets.worker_of_answer)
    assert told[crowd.is_spammer].max() < 0.5 * np.median(told[~crowd.is_spammer])
    assert result.skill[crowd.is_spammer].max() < np.median(result.skill[~crowd.is_spammer])


def test_known_sets_come_back_as_certain_and_inform_the_others():
    crowd = _crowd("correlated", 2, attention=0.8, carelessness=0.5)
    gold = np.full(crowd.truth.shape, -1, np.int8)
    gold[:150] = crowd.truth[:150]

    without, informed = infer_sets(crowd.sets), infer_sets(crowd.sets, gold_set=gold)

    assert (informed.probability[:150] == crowd.truth[:150]).all()
    assert (informed.chosen[:150] == crowd.truth[:150]).all()
    assert (informed.sureness[:150] == 1.0).all()
    true_set = crowd.truth.astype(np.int8)[150:]
    before, after = (
        score_sets(one.probability[150:], one.chosen[150:], one.sureness[150:], true_set)
        for one in (without, informed)
    )
    assert after.log_loss < before.log_loss
    assert informed.shared.sharpness != 1.0


def test_known_set_needs_no_answer():
    gold = np.array([[1, 0], [-1, -1]], np.int8)

    result = infer_sets(_sets([], 2), gold_set=gold)

    assert result.outcome is Outcome.NO_ANSWERS
    assert result.chosen.tolist() == [[True, False], [False, False]]
    assert result.sureness[0] == 1.0
    assert np.isnan(result.sureness[1])


def test_no_answers_conclude_nothing():
    result = infer_sets(Sets(*_codes([], []), np.zeros((0, 3), bool), 0, 0, 3))

    assert result.outcome is Outcome.NO_ANSWERS
    assert result.probability.shape == (0, 3)


def test_one_answer_is_believed_but_not_surely():
    result = infer_sets(_sets([[True, False]], 1))

    assert result.chosen.tolist() == [[True, False]]
    assert 0.2 < result.sureness[0] < 0.9


def test_more_agreement_is_surer_and_tells_more_of_workers():
    two, ten = (infer_sets(_agreeing(n_workers)) for n_workers in (2, 10))

    assert two.chosen.tolist() == ten.chosen.tolist() == [[True, False, False]] * 20
    assert two.sureness.max() < ten.sureness.min()
    assert (two.skill_high - two.skill_low).max() > (ten.skill_high - ten.skill_low).min()


def test_fit_can_be_stopped_and_tells_its_rounds():
    told = []

    result = infer_sets(_crowd("nested", 1).sets, progress=lambda n, _: told.append(n) or n < 2)

    assert (result.outcome, told) == (Outcome.STOPPED, [1, 2])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"least": 2, "most": 1},
            (
                "Expected sets of least to most labels, 0 <= least <= most <= 2, got least 2 and "
                "most 1; leave them out to allow any set."
            ),
        ),
        (
            {"gold_set": np.array([[1, -1]], np.int8)},
            (
                "Expected each row of gold_set to be of 0 and 1, or of -1 alone (unknown), got "
                "[1, -1] for task 0; a set is known as a whole or not at all."
            ),
        ),
        (
            {"gold_set": np.array([[1, 1]], np.int8), "most": 1},
            (
                "Expected known sets of 0 to 1 labels, got one of 2 for task 0; leave that task's "
                "gold out or allow such sets."
            ),
        ),
        (
            {"gold_set": np.array([[1, 1]])},
            (
                "Expected gold_set to be a int8 array of shape (1, 2), got int64 of shape (1, 2); "
                "convert it with numpy.asarray(..., dtype=numpy.int8)."
            ),
        ),
    ],
)
def test_what_does_not_fit_is_refused(given, sentence):
    with pytest.raises(BadAnswers) as refusal:
        infer_sets(_sets([[True, False]], 1), **given)

    assert str(refusal.value) == sentence


@cache
def _crowd(truth, seed, **more):
    sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
    from _simulated_sets import simulate_sets  # noqa: PLC0415  beside the benchmarks

    return simulate_sets(truth=truth, seed=seed, **more)


def _vote_shares(sets):
    votes = np.zeros((sets.n_tasks, sets.n_labels))
    np.add.at(votes, sets.task_of_answer, sets.chosen)
    return (votes + 0.5) / (np.bincount(sets.task_of_answer)[:, None] + 1.0)


def _sets(chosen, n_tasks):
    marks = np.array(chosen, bool).reshape(-1, 2)
    workers = np.arange(len(marks), dtype=np.int32)
    return Sets(np.zeros_like(workers), workers, marks, n_tasks, len(marks), 2)


def _agreeing(n_workers):
    tasks, workers = np.divmod(np.arange(20 * n_workers, dtype=np.int32), np.int32(n_workers))
    chosen = np.tile(np.array([True, False, False]), (len(tasks), 1))
    return Sets(tasks, workers, chosen, 20, n_workers, 3)


def _codes(*columns):
    return [np.array(column, np.int32) for column in columns]
