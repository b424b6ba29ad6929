from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dure.truth import BadAnswers, Sets
from dure.truth._set_rows import check_sets, group_sets


def test_answers_are_put_in_order_of_task_and_worker():
    sets = Sets(_codes(2, 0, 0), _codes(0, 1, 0), np.eye(3, dtype=bool), 3, 2, 3)

    rows = group_sets(sets, None)

    assert rows.starts.tolist() == [0, 2, 2, 3]
    assert rows.worker_of_answer.tolist() == [0, 1, 0]
    assert rows.chosen.tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
    assert rows.is_told.tolist() == [True, False, True]
    assert not rows.is_known.any()


def test_known_sets_are_told_without_answers():
    sets = Sets(_codes(), _codes(), np.zeros((0, 1), bool), 2, 0, 1)

    rows = group_sets(sets, np.array([[0], [-1]], np.int8))

    assert rows.is_known.tolist() == rows.is_told.tolist() == [True, False]


@pytest.mark.parametrize(
    ("change", "begins"),
    [
        ({"n_tasks": -1}, "Expected n_tasks from 0 to 2147483647, got -1."),
        ({"n_labels": 0}, "Expected at least one label (n_labels >= 1), got 0; "),
        ({"n_workers": 2**25}, "Expected at most 16,777,216 workers times labels, got 33,554,432"),
        ({"n_workers": 1}, "Expected worker_of_answer from 0 to 0, got 1 at position 1; "),
        ({"n_labels": 2}, "Expected chosen to be a bool array of shape (3, 2), got bool of"),
        ({"chosen": [True]}, "Expected chosen to be a bool array of shape (3, 3), got list; "),
    ],
)
def test_arrays_that_do_not_fit_are_refused(change, begins):
    sets = Sets(_codes(2, 0, 0), _codes(0, 1, 0), np.eye(3, dtype=bool), 3, 2, 3)

    with pytest.raises(BadAnswers) as refusal:
        check_sets(replace(sets, **change), None, least=0, most=1)

    assert str(refusal.value).startswith(begins)


def _codes(*codes):
    return np.array(codes, np.int32)
