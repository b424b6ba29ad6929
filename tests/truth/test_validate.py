from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dure.truth import Answers, BadAnswers, Numbers, dawid_skene, majority, robust_mean

CODES = np.array([0, 1], np.int32)
ANSWERS = Answers(CODES, CODES, CODES, 2, 2, 2)
NUMBERS = Numbers(CODES, CODES, np.array([1.0, 2.0]), 2, 2)


@pytest.mark.parametrize("method", [majority, dawid_skene])
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"label_of_answer": np.array([0, 2], np.int32)},
            (
                "Expected label_of_answer from 0 to 1, got 2 at position 1; "
                "code the answers with dure.truth.coding."
            ),
        ),
        (
            {"task_of_answer": np.array([0, 1])},
            (
                "Expected task_of_answer to be a int32 array of shape (2,), "
                "got int64 of shape (2,); "
                "convert it with numpy.asarray(..., dtype=numpy.int32)."
            ),
        ),
        (
            {"worker_of_answer": [0, 1]},
            (
                "Expected worker_of_answer to be a int32 array of shape (2,), got list; "
                "convert it with numpy.asarray(..., dtype=numpy.int32)."
            ),
        ),
        ({"n_tasks": -1}, "Expected n_tasks from 0 to 2147483647, got -1."),
        ({"n_tasks": 2.0}, "Expected n_tasks from 0 to 2147483647, got 2.0."),
        (
            {"n_labels": 0},
            "Expected at least one label (n_labels >= 1), got 0; name the options of the question.",
        ),
    ],
)
def test_answers_that_do_not_fit_are_refused(method, change, sentence):
    with pytest.raises(BadAnswers) as refusal:
        method(replace(ANSWERS, **change))

    assert str(refusal.value) == sentence


def test_gold_that_does_not_fit_is_refused():
    with pytest.raises(BadAnswers) as labels:
        majority(ANSWERS, gold_label=np.array([-1, 2], np.int32))
    with pytest.raises(BadAnswers) as values:
        robust_mean(NUMBERS, gold_value=np.array([np.nan, np.inf]))

    assert str(labels.value) == (
        "Expected gold_label from -1 (unknown) to 1, got 2 for task 1; "
        "leave that task's gold out or add the label."
    )
    assert str(values.value) == (
        "Expected numbers from -1e+150 to 1e+150 in gold_value or nan (unknown), got inf "
        "at position 1; leave it out."
    )


@pytest.mark.parametrize("value", [np.nan, np.inf, -1e151])
def test_numbers_that_are_not_finite_or_too_large_are_refused(value):
    with pytest.raises(BadAnswers) as refusal:
        robust_mean(replace(NUMBERS, value_of_answer=np.array([1.0, value])))

    assert str(refusal.value) == (
        f"Expected numbers from -1e+150 to 1e+150 in value_of_answer, got {value} "
        "at position 1; leave it out."
    )


def test_largest_numbers_pass_without_a_warning():
    largest = replace(
        NUMBERS, task_of_answer=np.zeros(2, np.int32), value_of_answer=np.array([-1e150, 1e150])
    )

    result = robust_mean(largest)

    assert abs(result.estimate[0]) <= 1e150
