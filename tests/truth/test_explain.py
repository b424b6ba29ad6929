from __future__ import annotations

import numpy as np
import pytest

from dure.truth import Answers, BadAnswers, FitOptions, Habits, explain, explain_answers, infer
from tests.truth.crowds import simulate
from tests.truth.real_sets import load_choices

FITTED = ("shared-accuracy", "one-coin", "dawid-skene", "task-difficulty")
ROUNDING = 1e-9


@pytest.mark.parametrize("name", ["temp", "face", "music"])
@pytest.mark.parametrize("method", FITTED)
def test_weights_sum_to_the_verdict(name, method):
    coded, _ = load_choices(name)
    result = infer(coded.answers, method=method)

    for task in range(0, coded.answers.n_tasks, 7):
        explained = explain(result, coded.answers, task=task)

        label, runner_up = explained.label, explained.runner_up
        verdict = np.log(result.probability[task, label] / result.probability[task, runner_up])
        assert label == result.label[task]
        assert explained.log_odds == pytest.approx(verdict, abs=ROUNDING)
        assert explained.prior + explained.weight_of_answer.sum() == pytest.approx(
            verdict, abs=ROUNDING
        )


def test_answers_for_the_label_weigh_for_it_and_the_better_workers_more():
    crowd = simulate([0.95, 0.95, 0.6, 0.6, 0.6], n_tasks=500, seed=3)
    result = infer(crowd.answers)
    split = [
        task
        for task, given in enumerate(crowd.answers.label_of_answer.reshape(500, 5).tolist())
        if given in ([0, 0, 1, 1, 1], [1, 1, 0, 0, 0])
    ]

    for task in split:
        explained = explain(result, crowd.answers, task=task)

        assert explained.label == crowd.answers.label_of_answer[5 * task]
        weights = explained.weight_of_answer
        assert weights[:2].min() > 0 > weights[2:].max()
        assert weights[:2].min() > -weights[2:].min()
    assert split


@pytest.mark.parametrize("method", FITTED)
def test_probability_too_small_for_a_number_is_still_explained(method):
    codes = np.arange(3000, dtype=np.int32)
    answers = Answers(codes * 0, codes, codes * 0, n_tasks=1, n_workers=3000, n_labels=2)
    result = infer(answers, method=method, options=FitOptions(correlation=0.0, vote_weight=0.0))

    explained = explain(result, answers, task=0)

    assert result.probability[0].tolist() == [1.0, 0.0]
    assert explained.log_odds > 800
    assert explained.prior + explained.weight_of_answer.sum() == pytest.approx(explained.log_odds)
    assert np.ptp(explained.weight_of_answer) == pytest.approx(0.0, abs=ROUNDING)


def test_answers_that_say_the_same_weigh_the_same():
    habits = _habits(workers=2)

    explained = explain_answers(habits, _codes([0, 0, 1]), _codes([1, 1, 0]))

    assert explained.label == 1
    assert explained.weight_of_answer[0] == pytest.approx(explained.weight_of_answer[1])
    assert explained.weight_of_answer[2] < 0


def test_without_answers_only_the_prior_speaks():
    explained = explain_answers(_habits(workers=1), _codes([]), _codes([]))

    assert explained.weight_of_answer.tolist() == []
    assert explained.prior == explained.log_odds


def test_a_label_that_is_not_the_likeliest_can_be_explained():
    explained = explain_answers(_habits(workers=1), _codes([0]), _codes([1]), label=0)

    assert (explained.label, explained.runner_up) == (0, 1)
    assert explained.log_odds < 0
    assert explained.weight_of_answer[0] < 0


def test_what_can_not_be_explained_is_refused():
    answers = simulate([0.8] * 3, n_tasks=4).answers
    alone = simulate([1.0] * 3, n_tasks=4, n_labels=1).answers

    refusals = []
    for result, of, task in (
        (infer(answers, method="majority"), answers, 0),
        (infer(answers), answers, 4),
        (infer(alone), alone, 0),
    ):
        with pytest.raises(BadAnswers) as refusal:
            explain(result, of, task=task)
        refusals.append(str(refusal.value))

    assert refusals == [
        (
            "Expected a fit that learned habits, got one of majority, where each answer weighs "
            "the same; use another method."
        ),
        "Expected a task from 0 to 3, got 4.",
        "Expected at least two labels, got one; nothing speaks against it.",
    ]


def _habits(*, workers):
    matrix = np.array([[8.0, 2.0], [2.0, 8.0]])
    return Habits(
        np.repeat(matrix[None], workers, axis=0),
        matrix,
        np.array([0.6, 0.4]),
        2,
        0.5,
        1.0,
        0.1,
        0.5,
    )


def _codes(codes):
    return np.array(codes, np.int32)
