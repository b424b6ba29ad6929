"""Sets grouped by task, and the check of them: inside, the arrays are trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth.types import Ints, Sets
from dure.truth.validate import BadAnswers, _check_array, _check_codes, _check_sizes

# Half a gigabyte for what is believed of all workers, and as much again while it is learned.
N_CELLS_MAX = 2**26
WHOLE = {int, np.int32, np.int64}


@dataclass(frozen=True, slots=True, eq=False)
class SetRows:
    """Answers in order of task and worker; those of task t lie from starts[t] to starts[t + 1].

    `gold` is 1 and 0 in the rows of `is_known`, -1 in the others.
    """

    starts: NDArray[np.int64]
    worker_of_answer: Ints
    chosen: NDArray[np.uint8]
    gold: NDArray[np.int8]
    is_known: NDArray[np.bool_]
    n_workers: int

    @property
    def n_tasks(self) -> int:
        """How many tasks there are, answered or not."""
        return len(self.starts) - 1

    @property
    def n_labels(self) -> int:
        """How many labels there are."""
        return int(self.chosen.shape[1])

    @property
    def is_told(self) -> NDArray[np.bool_]:
        """Whether anything is known of each task: answers, or its set."""
        told: NDArray[np.bool_] = (np.diff(self.starts) > 0) | self.is_known
        return told


def group_sets(sets: Sets, gold_set: NDArray[np.int8] | None) -> SetRows:
    """Sort the answers: sums in another order have other last bits."""
    order = np.lexsort((sets.worker_of_answer, sets.task_of_answer))
    n_answers = np.bincount(sets.task_of_answer, minlength=sets.n_tasks)
    unknown = np.full((sets.n_tasks, sets.n_labels), -1, np.int8)
    gold = unknown if gold_set is None else gold_set
    return SetRows(
        starts=np.concatenate([[0], np.cumsum(n_answers)]).astype(np.int64),
        worker_of_answer=sets.worker_of_answer[order],
        chosen=sets.chosen[order].view(np.uint8),
        gold=gold,
        is_known=gold[:, 0] >= 0,
        n_workers=sets.n_workers,
    )


def check_sets(sets: Sets, gold_set: NDArray[np.int8] | None, *, least: int, most: int) -> None:
    """Refuse sets whose arrays do not fit each other, known ones too, and sizes that can't be."""
    _check_sizes(n_tasks=sets.n_tasks, n_workers=sets.n_workers, n_labels=sets.n_labels)
    if sets.n_labels < 1:
        raise BadAnswers(
            "Expected at least one label (n_labels >= 1), got 0; name the options of the question."
        )
    n_cells = 4 * sets.n_workers * sets.n_labels
    if n_cells > N_CELLS_MAX:
        raise BadAnswers(
            f"Expected at most {N_CELLS_MAX // 4:,} workers times labels, got "
            f"{sets.n_workers:,} workers and {sets.n_labels:,} labels; take rare labels together."
        )
    n_answers = int(np.size(sets.task_of_answer))
    for name, n_codes in (("task_of_answer", sets.n_tasks), ("worker_of_answer", sets.n_workers)):
        _check_codes(name, getattr(sets, name), n_answers, n_codes, coded_by="code_sets")
    _check_array("chosen", sets.chosen, np.bool_, n_answers, sets.n_labels)
    _check_least_and_most(sets.n_labels, least, most)
    if gold_set is not None:
        _check_array("gold_set", gold_set, np.int8, sets.n_tasks, sets.n_labels)
        _check_gold(gold_set, least, most)


def _check_least_and_most(n_labels: int, least: int, most: int) -> None:
    are_whole = not {type(least), type(most)} - WHOLE
    if not are_whole or not 0 <= least <= most <= n_labels:
        raise BadAnswers(
            f"Expected sets of least to most labels, 0 <= least <= most <= {n_labels}, got least "
            f"{least} and most {most}; leave them out to allow any set."
        )


def _check_gold(gold: NDArray[np.int8], least: int, most: int) -> None:
    known = gold >= 0
    odd = (gold < -1) | (gold > 1) | (known != known[:, :1])
    if odd.any():
        task = int(np.flatnonzero(odd.any(axis=1))[0])
        raise BadAnswers(
            f"Expected each row of gold_set to be of 0 and 1, or of -1 alone (unknown), got "
            f"{gold[task].tolist()} for task {task}; a set is known as a whole or not at all."
        )
    size = gold.sum(axis=1)
    bad = np.flatnonzero(known[:, 0] & ((size < least) | (size > most)))
    if bad.size:
        raise BadAnswers(
            f"Expected known sets of {least} to {most} labels, got one of {size[bad[0]]} for task "
            f"{bad[0]}; leave that task's gold out or allow such sets."
        )
