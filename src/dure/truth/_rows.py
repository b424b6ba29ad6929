"""Answers grouped by task, and pieces of them that can be done side by side."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dure.truth._kernels import count_codes
from dure.truth.types import Answers, Ints

Part = TypeVar("Part")

# Below so many answers a second thread costs more than it brings.
N_ANSWERS_OF_PART_MIN = 500_000
# It must not depend on the machine: the sums of the parts would differ in their last bits.
N_PARTS_MAX = 4
# Each part after the first holds counts of its own: so many bytes for each answer are worth it.
PART_BYTES_MAX = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Answers in order of task and worker; those of task t lie from starts[t] to starts[t + 1].

    `gold` is empty where no label is known.
    """

    starts: NDArray[np.int64]
    worker_of_answer: Ints
    label_of_answer: Ints
    gold: Ints
    n_workers: int
    n_labels: int

    @property
    def n_tasks(self) -> int:
        """How many tasks there are, answered or not."""
        return len(self.starts) - 1

    @property
    def n_answers(self) -> Ints:
        """How many answers each task has."""
        return np.diff(self.starts).astype(np.int32)


def group_by_task(answers: Answers, gold_label: Ints | None) -> Rows:
    """Sort the answers, without copying those that are in order as `code_choices` gives them.

    The order of the workers within a task counts too: sums in another order have other last bits.
    """
    worker, label = answers.worker_of_answer, answers.label_of_answer
    # In place and in halves: an array of long keys would be the largest thing in memory.
    if not _are_in_order(answers.task_of_answer, worker):
        order = np.lexsort((label, worker, answers.task_of_answer))
        worker, label = worker[order], label[order]
    starts = np.zeros(answers.n_tasks + 1, np.int64)
    count_codes(answers.task_of_answer, starts[1:])
    np.cumsum(starts, out=starts)
    gold = np.empty(0, np.int32) if gold_label is None else gold_label
    return Rows(starts, worker, label, gold, answers.n_workers, answers.n_labels)


def over_tasks(rows: Rows, do: Callable[[int, int], Part], *, part_bytes: int = 0) -> list[Part]:
    """Do parts of the tasks side by side; `do` takes the first task and the one after the last.

    The parts depend on the answers alone, so their results, in order, do too. `part_bytes` is
    what each part holds: parts are fewer where that would be much beside a byte an answer.
    """
    n_answers = int(rows.starts[-1])
    n_parts = min(n_answers // N_ANSWERS_OF_PART_MIN, N_PARTS_MAX)
    if part_bytes:
        n_parts = min(n_parts, 1 + int(PART_BYTES_MAX * n_answers / part_bytes))
    if n_parts < 2:
        return [do(0, rows.n_tasks)]
    bounds = np.searchsorted(rows.starts, np.linspace(0, n_answers, n_parts + 1)).tolist()
    bounds[0], bounds[-1] = 0, rows.n_tasks
    return side_by_side(do, bounds)


def side_by_side(do: Callable[[int, int], Part], bounds: list[int]) -> list[Part]:
    """Do each stretch between two bounds in a thread; the kernels let go of Python's lock."""
    with ThreadPoolExecutor(min(len(bounds) - 1, os.cpu_count() or 1)) as pool:
        return list(pool.map(do, bounds[:-1], bounds[1:]))


def _are_in_order(tasks: Ints, workers: Ints) -> bool:
    step = 1 << 20
    for start in range(0, len(tasks) - 1, step):
        task, worker = tasks[start : start + step + 1], workers[start : start + step + 1]
        later = task[1:] > task[:-1]
        if not (later | ((task[1:] == task[:-1]) & (worker[1:] > worker[:-1]))).all():
            return False
    return True
