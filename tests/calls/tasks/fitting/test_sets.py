from __future__ import annotations

import json

import numpy as np
import pytest

from dure.calls.tasks.fitting.kinds import fit
from dure.calls.tasks.fitting.parts import Counted
from dure.calls.tasks.fitting.sets import recall_sets
from dure.truth import explain_set_answers

# The order of the options is not that of the code points.
QUESTION = {
    "type": "multi",
    "options": [{"value": value, "label": value} for value in ("숲", "a", "b")],
    "min": 0,
    "max": 2,
}


def test_verdicts_are_sets_in_the_order_of_the_options_spelled_as_postgresql_does():
    result = fit(question=QUESTION, counted=_counted())

    assert result.tasks == ["t0", "t1", "t2"]
    assert result.values == [["숲", "a"], [], ["b"]]
    assert result.labels == ['["숲", "a"]', "[]", '["b"]']
    assert result.classes == ["a", "b", "숲"]
    assert len(result.posteriors) == 9
    assert result.answers == [6, 6, 6]
    assert all(0 < sure < 1 for sure in result.probabilities)
    by_task = np.array(result.posteriors).reshape(3, 3)
    assert (by_task > 0.5).tolist() == [[True, False, True], [False] * 3, [False, True, False]]
    assert len(result.digest()) == 32


def test_sets_have_the_sizes_of_the_question():
    result = fit(question=QUESTION | {"min": 1, "max": 1}, counted=_counted())

    assert [len(value) for value in result.values] == [1, 1, 1]


def test_gold_comes_back_as_certain():
    counted = _counted()
    counted.gold.update({"t1": ["b"], "unanswered": ["a"]})

    result = fit(question=QUESTION, counted=counted)

    assert result.values[1] == ["b"]
    assert result.probabilities[1] == 1.0
    assert result.posteriors[3:6] == [0.0, 1.0, 0.0]


def test_what_is_kept_explains_the_verdict_after_json():
    counted = _counted()
    result = fit(question=QUESTION, counted=counted)
    learned = result.learned

    shared = recall_sets(json.loads(json.dumps(learned.shared)))
    rows = [row for row, task in enumerate(counted.tasks) if task == "t0"]
    habits = np.array([learned.concentrations[int(counted.workers[row][1:])] for row in rows])
    chosen = np.array([[name in counted.values[row] for name in result.classes] for row in rows])
    explained = explain_set_answers(habits, chosen, shared, label=2)

    chance = result.posteriors[2]
    assert learned.shared["kind"] == "multi"
    assert list(learned.workers) == [f"w{one}" for one in range(6)]
    assert explained.log_odds == pytest.approx(np.log(chance / (1 - chance)))


def _counted():
    values = {"t0": ["숲", "a"], "t1": [], "t2": ["b"]}
    rows = [(task, f"w{worker}", value) for task, value in values.items() for worker in range(6)]
    tasks, workers, given = (list(column) for column in zip(*rows, strict=True))
    given[4] = ["a"]
    return Counted(tasks=tasks, workers=workers, values=given, gold={})
