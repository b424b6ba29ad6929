from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from dure.truth import BadAnswers, explain_set_answers, explain_sets, infer_sets
from tests.truth.test_multi_label import _crowd
from tests.truth.test_set_chances import habits

ROUNDING = 1e-9


@pytest.mark.parametrize("sizes", [{}, {"least": 1, "most": 3}])
def test_weights_sum_to_the_verdict(sizes):
    sets = _crowd("nested", 1).sets
    result = infer_sets(sets, **sizes)

    for task in range(0, 300, 29):
        for label in range(0, 10, 3):
            explained = explain_sets(result, sets, task=task, label=label)

            chance = result.probability[task, label]
            weights = explained.weight_of_answer.sum() + explained.weight_of_label.sum()
            assert explained.log_odds == pytest.approx(np.log(chance / (1 - chance)), abs=ROUNDING)
            assert explained.prior + weights == pytest.approx(explained.log_odds, abs=ROUNDING)
            assert explained.weight_of_label[label] == 0.0


def test_who_chose_it_weighs_for_it_and_labels_that_go_with_it_do_too():
    believed = _believed(n_labels=2, n_workers=3)
    chosen = np.array([[True, True], [True, True], [False, True]])
    together = habits(class_weight=[0.5, 0.5], class_chance=[[0.9, 0.9], [0.1, 0.1]])

    explained = explain_set_answers(believed, chosen, together, label=0)

    first, second, third = explained.weight_of_answer
    assert first == pytest.approx(second)
    assert first > 0 > third
    assert explained.weight_of_label[1] > 0.5


def test_independent_labels_weigh_nothing():
    apart = habits(class_weight=[1.0], class_chance=[[0.3, 0.6]])
    chosen = np.array([[True, True], [False, True]])

    explained = explain_set_answers(_believed(n_labels=2, n_workers=2), chosen, apart, label=0)

    assert explained.weight_of_label.tolist() == [0.0, pytest.approx(0.0, abs=ROUNDING)]
    assert explained.prior == pytest.approx(np.log(0.3 / 0.7))


def test_without_answers_only_the_prior_speaks():
    shared = habits(class_weight=[1.0], class_chance=[[0.3]], vote_weight=0.1)

    explained = explain_set_answers(np.empty((0, 4)), np.empty((0, 1), bool), shared, label=0)

    assert explained.weight_of_answer.tolist() == []
    assert explained.prior == explained.log_odds


def test_unknown_tasks_and_labels_are_refused():
    sets = _crowd("nested", 1).sets
    result = infer_sets(sets)

    refusals = []
    for task, label in ((300, 0), (0, 10)):
        with pytest.raises(BadAnswers) as refusal:
            explain_sets(result, sets, task=task, label=label)
        refusals.append(str(refusal.value))

    assert refusals == [
        "Expected a task from 0 to 299, got 300.",
        "Expected a label from 0 to 9, got 10.",
    ]


def test_explaining_loads_no_compiled_code():
    look = "import sys, dure.truth.explain_sets; print('numba' in sys.modules)"

    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)

    assert told.stdout == "False\n"


def _believed(*, n_labels, n_workers):
    # Of ten that belong eight are chosen, of ten that do not two.
    one = np.array([[8.0, 2.0], [2.0, 8.0]])[:, :, None].repeat(n_labels, axis=2)
    return np.repeat(one.reshape(1, -1), n_workers, axis=0)
