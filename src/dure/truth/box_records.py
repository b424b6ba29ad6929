"""What is known beside the answers that mark boxes, and what a fit of them keeps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth.types import Boxes, Floats, Ints
from dure.truth.validate import BadAnswers, _check_array, _check_codes, _check_sizes

# Matching holds a table of every two boxes of one task.
N_BOXES_OF_TASK_MAX = 4000

# The columns of a worker's habits.
RECALL, RECALL_SEEN, FALSE_ALARMS, N_ANSWERS, SPREAD, LABEL_RIGHT, LABEL_SEEN = range(7)
BIAS = slice(7, 11)
N_HABITS = 11


@dataclass(frozen=True, slots=True, eq=False)
class KnownBoxes:
    """All real boxes of some tasks, as an expert knows them.

    `is_known` (n_tasks,) says of which tasks; such a task may have none. Row j is one box: its
    task, `corners` (n_boxes, 4) as in `Boxes`, and its label.
    """

    is_known: NDArray[np.bool_]
    task: Ints
    corners: Floats
    label: Ints


@dataclass(frozen=True, slots=True)
class BoxHabits:
    """What a fit learned that holds for all workers.

    `rates` is how many real things a picture has, easy and hard to see, and how many lures, which
    several take for a thing; `hardness` is by how much the log odds of marking the hard are lower.
    `size_slope` is what a unit of log area above `log_area` adds to the log odds of marking a
    thing. `correlation` is how much corners of one thing err together, `tails` by how much they
    lie further out than their spreads say, `sharpness` tempers the log odds. `newcomer` is the row
    of habits of a worker without answers.
    """

    n_labels: int
    rates: tuple[float, float, float]
    hardness: float
    size_slope: float
    log_area: float
    correlation: float
    tails: float
    sharpness: float
    newcomer: tuple[float, ...]


def check_boxes(boxes: Boxes) -> None:
    """Refuse boxes whose arrays do not fit each other.

    Parameters
    ----------
    boxes : Boxes
        The answers to check; left unchanged.

    Raises
    ------
    BadAnswers
        If a shape, a dtype, a code or a corner is not what `Boxes` promises.
    """
    _check_sizes(n_tasks=boxes.n_tasks, n_workers=boxes.n_workers, n_labels=boxes.n_labels)
    if boxes.n_labels < 1:
        raise BadAnswers(
            "Expected at least one label (n_labels >= 1), got 0; where boxes have none, say 1."
        )
    n_answers, n_boxes = int(np.size(boxes.task_of_answer)), int(np.size(boxes.answer_of_box))
    _check_codes("task_of_answer", boxes.task_of_answer, n_answers, boxes.n_tasks)
    _check_codes("worker_of_answer", boxes.worker_of_answer, n_answers, boxes.n_workers)
    _check_codes("answer_of_box", boxes.answer_of_box, n_boxes, n_answers)
    _check_codes("label_of_box", boxes.label_of_box, n_boxes, boxes.n_labels)
    _check_corners("corners", boxes.corners, n_boxes)
    if n_boxes:
        n_each = np.bincount(boxes.task_of_answer[boxes.answer_of_box])
        if n_each.max() > N_BOXES_OF_TASK_MAX:
            raise BadAnswers(
                f"Expected at most {N_BOXES_OF_TASK_MAX} boxes in the answers to one task, got "
                f"{n_each.max()} for task {n_each.argmax()}; cut the picture into smaller ones."
            )


def check_known_boxes(known: KnownBoxes | None, *, n_tasks: int, n_labels: int) -> None:
    """Refuse known boxes that do not fit the answers.

    Parameters
    ----------
    known : KnownBoxes or None
        The known boxes to check; left unchanged.
    n_tasks, n_labels : int
        The sizes that the answers have.

    Raises
    ------
    BadAnswers
        If a shape, a dtype, a code or a corner does not fit, or a box's task is not known.
    """
    if known is None:
        return
    _check_array("is_known", known.is_known, np.bool_, n_tasks)
    n_boxes = int(np.size(known.task))
    _check_codes("the known boxes' task", known.task, n_boxes, n_tasks)
    _check_codes("the known boxes' label", known.label, n_boxes, n_labels)
    _check_corners("the known boxes' corners", known.corners, n_boxes)
    stray = np.flatnonzero(~known.is_known[known.task])
    if stray.size:
        raise BadAnswers(
            f"Expected known boxes of known tasks alone, got one of task {known.task[stray[0]]}; "
            "say in is_known that all its boxes are known, or leave the box out."
        )
    if n_boxes and np.bincount(known.task).max() > N_BOXES_OF_TASK_MAX:
        raise BadAnswers(
            f"Expected at most {N_BOXES_OF_TASK_MAX} known boxes of one task, got "
            f"{np.bincount(known.task).max()}; cut the picture into smaller ones."
        )


def _check_corners(name: str, corners: Floats, n_boxes: int) -> None:
    if not isinstance(corners, np.ndarray) or corners.dtype != np.float64:
        raise BadAnswers(
            f"Expected {name} to be a float64 array of shape ({n_boxes}, 4), got "
            f"{getattr(corners, 'dtype', type(corners).__name__)}; "
            "convert it with numpy.asarray(..., dtype=numpy.float64)."
        )
    if corners.shape != (n_boxes, 4):
        raise BadAnswers(
            f"Expected {name} of shape ({n_boxes}, 4), got {corners.shape}; "
            "give x0, y0, x1 and y1 of each box."
        )
    inside = (corners >= 0.0).all(axis=1) & (corners <= 1.0).all(axis=1)
    bad = np.flatnonzero(~(inside & (corners[:, :2] <= corners[:, 2:]).all(axis=1)))
    if bad.size:
        raise BadAnswers(
            f"Expected {name} as x0, y0, x1, y1 in order and from 0 to 1, got "
            f"{corners[bad[0]].tolist()} at position {bad[0]}; give fractions of the picture."
        )
