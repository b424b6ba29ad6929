from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dure.truth import Answers, BadAnswers, Outcome, majority

CASE = json.loads((Path(__file__).parents[1] / "cases" / "majority.json").read_text())


def test_shares_are_those_worked_by_hand():
    result = majority(_case())

    np.testing.assert_allclose(result.probability, CASE["probability"], rtol=1e-15)
    assert result.label.tolist() == CASE["label"]
    assert result.n_answers.tolist() == CASE["n_answers"]
    assert (result.method, result.version, result.outcome) == (
        "majority",
        "1",
        Outcome.DIRECT,
    )


def test_known_labels_come_back_as_certain_even_against_the_votes():
    gold = np.array([2, -1, -1, 1], np.int32)

    result = majority(_case(), gold_label=gold)

    assert result.probability[[0, 3]].tolist() == [[0, 0, 1], [0, 1, 0]]
    assert result.label.tolist() == [2, 2, 1, 1]


def test_worker_who_agrees_more_is_more_skilled():
    tasks, workers = np.divmod(np.arange(12, dtype=np.int32), np.int32(3))
    labels = np.where(workers == 2, 1, 0).astype(np.int32)

    skill = majority(Answers(tasks, workers, labels, 4, 4, 2)).skill

    assert skill[0] == skill[1] > skill[2]
    assert np.isnan(skill[3])


def test_smoothing_must_be_positive():
    with pytest.raises(BadAnswers) as refusal:
        majority(_case(), smoothing=0.0)

    assert str(refusal.value) == "Expected smoothing to be positive, got 0.0; .5 is usual."


def _case():
    rows = np.array(CASE["answers"], np.int32)
    columns = (np.ascontiguousarray(column) for column in rows.T)
    return Answers(*columns, CASE["n_tasks"], CASE["n_workers"], CASE["n_labels"])
