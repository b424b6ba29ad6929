"""What answers were worth, checked on tasks whose truth is known: by gold or by a ruling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import connection

from dure.calls.models import Call
from dure.calls.shares.work import NOT_CHECKED, Mark, Work
from dure.calls.tasks.questions import can_check
from dure.calls.tasks.values import SIDES

if TYPE_CHECKING:
    from dure.calls.shares.work import Longs

ROWS_AT_ONCE = 50_000
NANO = 1_000_000_000
# A nat is the most that a yes or no brings; no error or mean that is paid by is above this.
NATS_MAX = 1_000.0


def weigh_answers(*, call: Call, mark: Mark) -> Work:
    """How many answers of each contributor count, and the mean value of those that were checked."""
    contributors, counted = _read_counted(call.pk, mark)
    checked = np.zeros(len(contributors), np.int64)
    mean = np.zeros(len(contributors), np.int64)
    error = np.full(len(contributors), NOT_CHECKED, np.int64)
    if can_check(call.question) and len(contributors):
        _weigh(call, mark, contributors, checked=checked, mean=mean, error=error)
    return Work(contributors, counted, checked, mean, error)


def _weigh(
    call: Call, mark: Mark, contributors: Longs, *, checked: Longs, mean: Longs, error: Longs
) -> None:
    # Pure numpy, yet only whoever settles needs it.
    from dure import truth  # noqa: PLC0415  slow import

    tasks, workers, labels, truths, order = _read_checked(call, mark)
    if not len(tasks):
        return
    known_tasks, task_of_answer = np.unique(tasks, return_inverse=True)
    truth_of_task = np.full(len(known_tasks), -1, np.int32)
    truth_of_task[task_of_answer] = truths
    is_usable = labels >= 0
    worth = truth.answers_worth(
        truth.Answers(
            task_of_answer=task_of_answer[is_usable].astype(np.int32),
            worker_of_answer=np.searchsorted(contributors, workers[is_usable]).astype(np.int32),
            label_of_answer=labels[is_usable].astype(np.int32),
            n_tasks=len(known_tasks),
            n_workers=len(contributors),
            n_labels=len(_labels_of(call.question)),
        ),
        truth=truth_of_task,
        # Of answers that were copied from each other the first one has the value.
        order_of_answer=order[is_usable],
    )
    checked[:] = worth.n_checked
    mean[:] = _nano(worth.mean)
    is_told = np.isfinite(worth.error)
    error[is_told] = _nano(worth.error[is_told])


def _nano(nats: Any) -> Longs:
    clipped: Longs = np.rint(np.clip(nats, -NATS_MAX, NATS_MAX) * NANO).astype(np.int64)
    return clipped


def _read_counted(call_id: int, mark: Mark) -> tuple[Longs, Longs]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select worker_id, counted from tasks_counted_by(%s, %s, %s)",
            [call_id, mark.seen_up_to, mark.as_of],
        )
        rows = np.array(cursor.fetchall(), np.int64).reshape(-1, 2)
    return np.ascontiguousarray(rows[:, 0]), np.ascontiguousarray(rows[:, 1])


def _read_checked(call: Call, mark: Mark) -> tuple[Longs, ...]:
    """Task, worker, label, truth and place in time of each checked answer; -1 is no label."""
    parts = [np.empty((0, 5), np.int64)]
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            "select task_id, worker_id, label, truth, seq"
            " from tasks_checked_answers(%s, %s, %s, %s)",
            [call.pk, mark.seen_up_to, mark.as_of, _labels_of(call.question)],
        )
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            parts.append(np.array(rows, np.int64))
    return tuple(np.ascontiguousarray(column) for column in np.concatenate(parts).T)


def _labels_of(question: dict[str, Any]) -> list[str]:
    if question["type"] == "pair":
        return list(SIDES)
    return [option["value"] for option in question["options"]]
