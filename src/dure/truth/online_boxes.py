"""One more answer with boxes at a time: the task's verdict at once, without a fit."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dure.truth._box_marks import (
    FALSE_STRENGTH,
    RECALL_MAX,
    kinds,
    log_areas,
    log_chances,
    realness,
    recall_moves,
    seen_by_others,
)
from dure.truth._box_matching import match
from dure.truth._box_verdicts import Verdicts, conclude
from dure.truth.box_records import (
    FALSE_ALARMS,
    N_ANSWERS,
    RECALL,
    RECALL_SEEN,
    KnownBoxes,
    check_boxes,
    check_known_boxes,
)
from dure.truth.explain_boxes import check_habits
from dure.truth.types import Boxes, Floats, Ints, MergedBoxes
from dure.truth.validate import BadAnswers


@dataclass(slots=True)
class _Task:
    """The answers to one task so far, and what is known of it."""

    workers: list[int] = field(default_factory=list)
    corners: list[Floats] = field(default_factory=list)
    labels: list[Ints] = field(default_factory=list)
    known: KnownBoxes | None = None


class OnlineBoxes:
    """Verdicts that take one more answer as it comes, from what a fit has learned.

    Assumes that what the last fit learned of all workers together still holds. While what is known
    of each is kept still (`learns=False`), its verdicts are those of the same habits on all answers
    so far; otherwise each answer also tells how much of what is there its worker marks, and how
    many false boxes, at what its task's verdict is just then; how exactly they draw and how well
    they name labels is left to a fit. An answer takes the time of matching its task's boxes anew.
    See `docs/truth/boxes.md`.

    Parameters
    ----------
    merged : MergedBoxes
        The last fit.
    boxes : Boxes
        The answers of that fit.
    gold : KnownBoxes, optional
        Known boxes of those tasks.
    learns : bool
        Whether answers tell of their workers.

    Raises
    ------
    BadAnswers
        If the fit is not one of these answers.

    Notes
    -----
    Source: incremental EM, R. M. Neal and G. E. Hinton, A view of the EM algorithm that justifies
    incremental, sparse, and other variants, 1998.
    """

    def __init__(
        self,
        merged: MergedBoxes,
        boxes: Boxes,
        *,
        gold: KnownBoxes | None = None,
        learns: bool = True,
    ) -> None:
        check_boxes(boxes)
        check_known_boxes(gold, n_tasks=boxes.n_tasks, n_labels=boxes.n_labels)
        check_habits(merged.habits, boxes, merged.shared)
        self._shared = merged.shared
        self._learns = learns
        self._habits = [row.copy() for row in merged.habits]
        self._tasks = [_Task() for _ in range(boxes.n_tasks)]
        order = np.argsort(boxes.answer_of_box, kind="stable")
        n_answers = len(boxes.task_of_answer)
        bounds = np.searchsorted(boxes.answer_of_box[order], np.arange(n_answers + 1))
        for answer in range(n_answers):
            rows = order[bounds[answer] : bounds[answer + 1]]
            task = self._tasks[boxes.task_of_answer[answer]]
            task.workers.append(int(boxes.worker_of_answer[answer]))
            task.corners.append(boxes.corners[rows])
            task.labels.append(boxes.label_of_box[rows])
        if gold is not None:
            for code in np.flatnonzero(gold.is_known).tolist():
                rows = np.flatnonzero(gold.task == code)
                self._tasks[code].known = KnownBoxes(
                    np.ones(1, bool), np.zeros(len(rows), np.int32), gold.corners[rows],
                    gold.label[rows],
                )  # fmt: skip

    def add(
        self, *, task: int, worker: int, corners: Floats, labels: Ints | None = None
    ) -> Verdicts:
        """Take one more answer and return its task's merged boxes.

        Parameters
        ----------
        task, worker : int
            Known ones, or the next number for a new one.
        corners : (n_boxes, 4) float64
            The boxes of the answer; it may have none.
        labels : (n_boxes,) int32, optional
            Their labels; 0 where not given.

        Returns
        -------
        Verdicts
            The task's merged boxes, the likeliest first.

        Raises
        ------
        BadAnswers
            If a number is not known and not the next one, the worker answered this task before,
            or the boxes are not boxes; nothing is changed then.
        """
        for name, code, size in (
            ("task", task, len(self._tasks) + 1),
            ("worker", worker, len(self._habits) + 1),
        ):
            if not 0 <= code < size:
                raise BadAnswers(f"Expected a {name} from 0 to {size - 1}, got {code}.")
        labels = np.zeros(len(corners), np.int32) if labels is None else labels
        held = self._tasks[task] if task < len(self._tasks) else _Task()
        if worker in held.workers:
            raise BadAnswers(
                f"Expected one answer for each task and worker, got another of worker {worker} to "
                f"task {task}; leave it out."
            )
        more = _Task(
            [*held.workers, worker], [*held.corners, corners], [*held.labels, labels], held.known
        )
        check_boxes(self._boxes_of(more))
        if task == len(self._tasks):
            self._tasks.append(more)
        self._tasks[task] = more
        if worker == len(self._habits):
            self._habits.append(np.array(self._shared.newcomer))
        if self._learns:
            self._learn(more)
        return self.boxes(task)

    def boxes(self, task: int) -> Verdicts:
        """Return a task's merged boxes.

        Parameters
        ----------
        task : int
            A known task.

        Returns
        -------
        Verdicts
            The likeliest first.
        """
        held = self._tasks[task]
        return conclude(self._boxes_of(held), held.known, self._rows_of(held), self._shared)

    @property
    def habits(self) -> Floats:
        """What is known of workers by now.

        Returns
        -------
        (n_workers, n_habits) float64
            A copy, which later answers don't change.
        """
        return np.array(self._habits)

    def _rows_of(self, task: _Task) -> Floats:
        """Return the habits of the task's workers, as they are numbered within it."""
        rows = [self._habits[worker] for worker in sorted(task.workers)]
        return np.array(rows).reshape(-1, len(self._shared.newcomer))

    def _boxes_of(self, task: _Task) -> Boxes:
        place = {worker: at for at, worker in enumerate(sorted(task.workers))}
        n_each = [len(corners) for corners in task.corners]
        corners = [np.empty((0, 4)), *task.corners]
        labels = [np.empty(0, np.int32), *task.labels]
        return Boxes(
            task_of_answer=np.zeros(len(n_each), np.int32),
            worker_of_answer=np.array([place[worker] for worker in task.workers], np.int32),
            answer_of_box=np.repeat(np.arange(len(n_each), dtype=np.int32), n_each),
            corners=np.concatenate(corners),
            label_of_box=np.concatenate(labels),
            n_tasks=1,
            n_workers=len(n_each),
            n_labels=self._shared.n_labels,
        )

    def _learn(self, task: _Task) -> None:
        """Move the last worker's habits by what the task just said of their one answer."""
        habits, shared = self._rows_of(task), self._shared
        marks = match(self._boxes_of(task), task.known)
        chances = kinds(marks, log_chances(marks, habits, shared)[1])
        its = marks.worker_of_pair == sorted(task.workers).index(task.workers[-1])
        group, marked = marks.group_of_pair[its], marks.is_marked[its]
        tells = seen_by_others(marks)[its]
        row = self._habits[task.workers[-1]]
        size = shared.size_slope * (log_areas(marks)[group] - shared.log_area)
        pull, bend = recall_moves(
            row[RECALL] + size[tells], chances[group[tells]], is_marked=marked[tells]
        )
        row[RECALL_SEEN] += bend.sum()
        moved = row[RECALL] + pull.sum() / row[RECALL_SEEN]
        row[RECALL] = np.clip(moved, -RECALL_MAX, RECALL_MAX)
        n_false = float(((1.0 - realness(chances[group])) * marked).sum())
        row[FALSE_ALARMS] += (n_false - row[FALSE_ALARMS]) / (row[N_ANSWERS] + 1 + FALSE_STRENGTH)
        row[N_ANSWERS] += 1
