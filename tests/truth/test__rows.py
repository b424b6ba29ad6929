from __future__ import annotations

import numpy as np

from dure.truth import Answers
from dure.truth._rows import N_ANSWERS_OF_PART_MIN, N_PARTS_MAX, Rows, group_by_task, over_tasks


def test_rows_are_grouped_by_task_and_then_by_worker():
    answers = _answers([2, 0, 2, 0], [1, 1, 0, 0], [3, 2, 1, 0])

    rows = group_by_task(answers, None)

    assert rows.starts.tolist() == [0, 2, 2, 4]
    assert rows.worker_of_answer.tolist() == [0, 1, 0, 1]
    assert rows.label_of_answer.tolist() == [0, 2, 1, 3]
    assert rows.gold.tolist() == []
    assert rows.n_answers.tolist() == [2, 0, 2]


def test_rows_in_order_are_not_copied():
    answers = _answers([0, 0, 1], [0, 1, 0], [0, 1, 0])

    rows = group_by_task(answers, None)

    assert rows.worker_of_answer is answers.worker_of_answer
    assert rows.label_of_answer is answers.label_of_answer


def test_parts_cover_every_task_once_and_end_where_tasks_end():
    n_each = 50
    n_tasks = 4 * N_ANSWERS_OF_PART_MIN // n_each
    rows = _rows(n_tasks=n_tasks, n_each=n_each)

    parts = over_tasks(rows, lambda first, last: (first, last))

    assert len(parts) == N_PARTS_MAX
    assert parts[0][0] == 0
    assert parts[-1][1] == n_tasks
    assert [end for _, end in parts[:-1]] == [start for start, _ in parts[1:]]


def test_parts_that_would_hold_too_much_are_fewer():
    rows = _rows(n_tasks=80_000, n_each=25)

    parts = over_tasks(rows, lambda first, last: (first, last), part_bytes=2_000_000)

    assert parts == [(0, 40_000), (40_000, 80_000)]


def test_few_answers_are_done_in_one_part():
    rows = _rows(n_tasks=3, n_each=2)

    assert over_tasks(rows, lambda first, last: (first, last)) == [(0, 3)]


def _answers(tasks, workers, labels):
    columns = [np.array(codes, np.int32) for codes in (tasks, workers, labels)]
    return Answers(*columns, n_tasks=3, n_workers=2, n_labels=4)


def _rows(*, n_tasks, n_each):
    starts = np.arange(n_tasks + 1, dtype=np.int64) * n_each
    nothing = np.empty(0, np.int32)
    return Rows(starts, nothing, nothing, nothing, n_workers=1, n_labels=2)
