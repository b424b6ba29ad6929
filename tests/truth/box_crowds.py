"""Random answers with boxes to try laws on, and a simple crowd whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

from dure.truth import Boxes, KnownBoxes
from tests.truth.laws import who_answered


@dataclass(frozen=True)
class BoxCrowd:
    boxes: Boxes
    truth: KnownBoxes


@st.composite
def random_boxes(draw: st.DrawFn) -> Boxes:
    tasks, workers, n_tasks, n_workers = draw(who_answered())
    n_labels = draw(st.integers(1, 3))
    n_each = draw(st.lists(st.integers(0, 3), min_size=len(tasks), max_size=len(tasks)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_boxes = sum(n_each)
    # Few places and sizes, so that boxes often meet, with errors that no two share.
    low = rng.integers(0, 3, (n_boxes, 2)) / 4.0
    corners = np.concatenate([low, low + rng.integers(1, 3, (n_boxes, 2)) / 4.0], axis=1)
    corners = np.clip(corners + rng.normal(0.0, 0.03, corners.shape), 0.0, 1.0)
    return Boxes(
        task_of_answer=tasks,
        worker_of_answer=workers,
        answer_of_box=np.repeat(np.arange(len(tasks)), n_each).astype(np.int32),
        corners=corners,
        label_of_box=rng.integers(0, n_labels, n_boxes).astype(np.int32),
        n_tasks=n_tasks,
        n_workers=n_workers,
        n_labels=n_labels,
    )


def simulate_boxes(
    recalls: list[float],
    *,
    n_tasks: int = 60,
    n_things: int = 2,
    false_alarms: float = 0.2,
    jitter: float = 0.01,
    n_labels: int = 3,
    seed: int = 0,
) -> BoxCrowd:
    """Every worker marks every picture; false boxes lie anywhere, each worker's by themselves."""
    rng = np.random.default_rng(seed)
    low = rng.uniform(0.0, 0.6, (n_tasks, n_things, 2))
    true = np.concatenate([low, low + rng.uniform(0.1, 0.35, low.shape)], axis=2)
    true_label = rng.integers(0, n_labels, (n_tasks, n_things)).astype(np.int32)
    task, worker, answer, corners, label = [], [], [], [], []
    for picture in range(n_tasks):
        for who, recall in enumerate(recalls):
            task.append(picture)
            worker.append(who)
            seen = np.flatnonzero(rng.random(n_things) < recall)
            for thing in seen:
                answer.append(len(task) - 1)
                corners.append(true[picture, thing] + rng.normal(0.0, jitter, 4))
                is_right = rng.random() < 0.9
                label.append(true_label[picture, thing] if is_right else rng.integers(n_labels))
            for _ in range(rng.poisson(false_alarms)):
                place = rng.uniform(0.0, 0.8, 2)
                answer.append(len(task) - 1)
                corners.append(np.concatenate([place, place + rng.uniform(0.05, 0.2, 2)]))
                label.append(rng.integers(n_labels))
    boxes = Boxes(
        task_of_answer=np.array(task, np.int32),
        worker_of_answer=np.array(worker, np.int32),
        answer_of_box=np.array(answer, np.int32),
        corners=np.clip(np.array(corners).reshape(-1, 4), 0.0, 1.0),
        label_of_box=np.array(label, np.int32),
        n_tasks=n_tasks,
        n_workers=len(recalls),
        n_labels=n_labels,
    )
    truth = KnownBoxes(
        np.ones(n_tasks, bool),
        np.repeat(np.arange(n_tasks, dtype=np.int32), n_things),
        true.reshape(-1, 4),
        true_label.ravel(),
    )
    return BoxCrowd(boxes, truth)


def some_known(truth: KnownBoxes, tasks: list[int]) -> KnownBoxes:
    is_known = np.zeros(len(truth.is_known), bool)
    is_known[tasks] = True
    rows = is_known[truth.task]
    return KnownBoxes(is_known, truth.task[rows], truth.corners[rows], truth.label[rows])


def part_of(boxes: Boxes, keep: np.ndarray) -> Boxes:
    """Some of the answers."""
    place = np.cumsum(keep) - 1
    rows = keep[boxes.answer_of_box]
    return replace(
        boxes,
        task_of_answer=boxes.task_of_answer[keep],
        worker_of_answer=boxes.worker_of_answer[keep],
        answer_of_box=place[boxes.answer_of_box[rows]].astype(np.int32),
        corners=boxes.corners[rows],
        label_of_box=boxes.label_of_box[rows],
    )


def shuffled(boxes: Boxes, seed: int) -> Boxes:
    """The same answers and boxes in another order."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(boxes.task_of_answer))
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order))
    of_boxes = rng.permutation(len(boxes.answer_of_box))
    return replace(
        boxes,
        task_of_answer=boxes.task_of_answer[order],
        worker_of_answer=boxes.worker_of_answer[order],
        answer_of_box=place[boxes.answer_of_box[of_boxes]].astype(np.int32),
        corners=boxes.corners[of_boxes],
        label_of_box=boxes.label_of_box[of_boxes],
    )
