"""Which boxes of different answers mean the same thing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth.box_records import KnownBoxes
from dure.truth.types import Boxes, Floats, Ints

Flags = NDArray[np.bool_]
Places = NDArray[np.int64]

# Two groups of boxes are one thing if they overlap by so much on average (IoU), ...
OVERLAP_MIN = 0.35
# ... and where labels differ by this much more: two things are likelier than a wrong label.
LABEL_GAP = 0.1
# The worker of a known box.
NOBODY = -1
# Areas are taken to be at least this, a thousandth of the picture each way.
AREA_MIN = 1e-6
# Up to so many boxes are grouped without the compiled code, which takes a second to load.
N_BOXES_PLAIN_MAX = 400


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Answers and their boxes in order of task, and which group each box belongs to.

    `order_of_answer` and `order_of_box` are the rows of the input. Groups are in order of task;
    a pair is a group and an answer to its task, those of group g from pair_starts[g] to
    pair_starts[g + 1], with whether the answer marked it. Known boxes come as marks too, with
    NOBODY as their worker and no row; `known_of_group` is one's row, -1 where there is none.
    `is_settled` says of which groups it is known whether they are real.
    """

    order_of_answer: Places
    task_of_answer: Ints
    worker_of_answer: Ints
    starts: Places
    order_of_box: Places
    group_of_box: Places
    worker_of_box: Ints
    corners: Floats
    label_of_box: Ints
    task_of_group: Ints
    n_marked: Ints
    known_of_group: Places
    is_settled: Flags
    group_of_pair: Places
    worker_of_pair: Ints
    is_marked: Flags

    @property
    def n_groups(self) -> int:
        """How many groups there are in all tasks."""
        return len(self.task_of_group)

    @property
    def given(self) -> Flags:
        """Which boxes an answer gave, as against those that are known."""
        given: Flags = self.worker_of_box != NOBODY
        return given


def match(boxes: Boxes, known: KnownBoxes | None) -> Marks:
    """Group the boxes of each task, at most one box of each answer in a group.

    The two groups that overlap most become one, as long as any overlap enough (average linkage).
    A known box is as another answer's.
    """
    order = np.lexsort((boxes.worker_of_answer, boxes.task_of_answer))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    task_of_answer = boxes.task_of_answer[order]
    starts = np.searchsorted(task_of_answer, np.arange(boxes.n_tasks + 1)).astype(np.int64)
    worker_of_answer = boxes.worker_of_answer[order]
    answer = rank[boxes.answer_of_box]
    task = boxes.task_of_answer[boxes.answer_of_box]
    worker = boxes.worker_of_answer[boxes.answer_of_box]
    corners, label, source = boxes.corners, boxes.label_of_box, np.arange(len(answer))
    if known is not None:
        n_known = len(known.task)
        answer = np.concatenate([answer, len(order) + known.task.astype(np.int64)])
        task = np.concatenate([task, known.task])
        worker = np.concatenate([worker, np.full(n_known, NOBODY, np.int32)])
        corners = np.concatenate([corners, known.corners])
        label = np.concatenate([label, known.label])
        source = np.concatenate([source, np.arange(n_known)])
    # By content, so that equal overlaps are settled alike whatever the rows' order.
    by = np.lexsort((worker, label, *corners.T[::-1], task))
    task, worker, answer, source = task[by], worker[by], answer[by], source[by]
    corners, label = np.ascontiguousarray(corners[by]), label[by]
    bounds = np.searchsorted(task, np.arange(boxes.n_tasks + 1)).astype(np.int64)
    first = np.empty(len(by), np.int64)
    _group(bounds, corners, label, answer, first)
    # Each group is named by its first box; in order of boxes they are in order of task.
    heads, group = np.unique(first, return_inverse=True)
    group = group.astype(np.int64).reshape(-1)
    task_of_group = task[heads]
    given = worker != NOBODY
    known_of_group = np.full(len(heads), -1, np.int64)
    known_of_group[group[~given]] = source[~given]
    is_settled = np.zeros(len(heads), bool) if known is None else known.is_known[task_of_group]
    n_pairs = np.diff(starts)[task_of_group]
    pair_starts = np.concatenate([[0], np.cumsum(n_pairs)]).astype(np.int64)
    group_of_pair = np.repeat(np.arange(len(heads)), n_pairs)
    answer_of_pair = np.arange(pair_starts[-1]) - pair_starts[group_of_pair]
    answer_of_pair += starts[task_of_group][group_of_pair]
    is_marked = np.zeros(len(group_of_pair), bool)
    is_marked[pair_starts[group[given]] + answer[given] - starts[task[given]]] = True
    return Marks(
        order_of_answer=order,
        task_of_answer=task_of_answer,
        worker_of_answer=worker_of_answer,
        starts=starts,
        order_of_box=source,
        group_of_box=group,
        worker_of_box=worker,
        corners=corners,
        label_of_box=label,
        task_of_group=task_of_group,
        n_marked=np.bincount(group[given], minlength=len(heads)).astype(np.int32),
        known_of_group=known_of_group,
        is_settled=is_settled,
        group_of_pair=group_of_pair,
        worker_of_pair=worker_of_answer[answer_of_pair],
        is_marked=is_marked,
    )


def _group(bounds: Places, corners: Floats, labels: Ints, answers: Places, first: Places) -> None:
    """Say of each box which box is the first of its group; those of task t lie within bounds."""
    if len(first) > N_BOXES_PLAIN_MAX:
        from dure.truth._box_kernels import group_boxes  # noqa: PLC0415  slow import

        group_boxes(
            bounds,
            corners,
            labels,
            answers,
            first,
            overlap_min=OVERLAP_MIN,
            label_gap=LABEL_GAP,
            area_min=AREA_MIN,
        )
        return
    for task in np.flatnonzero(np.diff(bounds)):
        rows = slice(bounds[task], bounds[task + 1])
        first[rows] = bounds[task] + _linked(corners[rows], labels[rows], answers[rows])


def _linked(corners: Floats, labels: Ints, answers: Places) -> Places:
    """Return which box of one task is the first of each box's group."""
    n_boxes = len(corners)
    sums = overlaps(corners, corners) - LABEL_GAP * (labels[:, None] != labels)
    apart = answers[:, None] == answers
    size = np.ones(n_boxes)
    first = np.arange(n_boxes)
    later = np.triu(np.ones((n_boxes, n_boxes), bool), 1)
    while n_boxes > 1:
        means = np.where(later & ~apart, sums / (size[:, None] * size), -1.0)
        i, j = divmod(int(means.argmax()), n_boxes)
        if means[i, j] < OVERLAP_MIN:
            break
        first[first == j] = i
        sums[i] += sums[j]
        sums[:, i] = sums[i]
        apart[i] |= apart[j]
        apart[:, i] = apart[i]
        size[i] += size[j]
        later[j] = later[:, j] = False
    return first


def overlaps(corners: Floats, others: Floats) -> Floats:
    """Return the area that each two boxes share over the area that either covers (IoU)."""
    one, other = corners[:, None], others[None]
    sides = np.minimum(one[..., 2:], other[..., 2:]) - np.maximum(one[..., :2], other[..., :2])
    shared = np.maximum(sides[..., 0], 0.0) * np.maximum(sides[..., 1], 0.0)
    area = np.maximum(areas(corners), AREA_MIN)[:, None]
    area_of_other = np.maximum(areas(others), AREA_MIN)[None]
    share: Floats = shared / (area + area_of_other - shared)
    share[(one == other).all(axis=2)] = 1.0
    return share


def areas(corners: Floats) -> Floats:
    """Return each box's part of the picture."""
    area: Floats = (corners[:, 2] - corners[:, 0]) * (corners[:, 3] - corners[:, 1])
    return area
