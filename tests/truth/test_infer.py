from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dure.truth import METHODS, Answers, BadAnswers, Numbers, Outcome, infer, infer_numbers
from tests.truth.laws import CHOICE_LAWS, NUMBER_LAWS, random_answers, random_numbers

CHOICE_METHODS = METHODS


@pytest.mark.parametrize("law", CHOICE_LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("method", CHOICE_METHODS)
@settings(max_examples=30, deadline=None, derandomize=True)
@given(answers=random_answers(), seed=st.integers(0, 99))
def test_every_choice_method_obeys_the_laws(method, law, answers, seed):
    law(partial(infer, method=method), answers, seed)


@pytest.mark.parametrize("law", NUMBER_LAWS, ids=lambda law: law.__name__)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(numbers=random_numbers(), seed=st.integers(0, 99))
def test_every_number_method_obeys_the_laws(law, numbers, seed):
    law(infer_numbers, numbers, seed)


@pytest.mark.parametrize("method", CHOICE_METHODS)
def test_three_agreeing_strangers_are_believed_but_not_too_much(method):
    answers = _answers([0, 0, 0], [0, 1, 2], [1, 1, 1], n_labels=2)

    probability = infer(answers, method=method).probability[0, 1]

    assert 0.7 < probability < 0.9


@pytest.mark.parametrize("method", CHOICE_METHODS)
def test_one_person_alone_is_never_nearly_certain(method):
    labels = [0, 1] * 50
    answers = _answers(range(100), [0] * 100, labels, n_labels=2)

    result = infer(answers, method=method)

    assert list(result.label) == labels
    assert (result.probability.max(axis=1) < 0.9).all()


@pytest.mark.parametrize("method", CHOICE_METHODS)
def test_one_label_is_certain_and_no_answers_are_an_outcome(method):
    one = infer(_answers([0], [0], [0], n_labels=1), method=method)
    none = infer(Answers(*[np.empty(0, np.int32)] * 3, 2, 1, 2), method=method)

    assert one.probability.tolist() == [[1.0]]
    assert (none.outcome, none.label.tolist()) == (Outcome.NO_ANSWERS, [-1, -1])


def test_unknown_methods_are_refused_with_the_ones_there_are():
    answers = _answers([0], [0], [0], n_labels=2)
    numbers = Numbers(answers.task_of_answer, answers.worker_of_answer, np.ones(1), 1, 1)

    with pytest.raises(BadAnswers) as choice:
        infer(answers, method="mean")
    with pytest.raises(BadAnswers) as number:
        infer_numbers(numbers, method="majority")

    assert str(choice.value) == (
        "Expected the method auto, majority, shared-accuracy, one-coin, dawid-skene, "
        "task-difficulty, got 'mean'; numbers go to infer_numbers."
    )
    assert str(number.value) == (
        "Expected the method auto or robust-mean, got 'majority'; labels go to infer."
    )


def _answers(tasks, workers, labels, *, n_labels):
    task, worker, label = (np.array(codes, np.int32) for codes in (tasks, workers, labels))
    return Answers(task, worker, label, int(task.max()) + 1, int(worker.max()) + 1, n_labels)
