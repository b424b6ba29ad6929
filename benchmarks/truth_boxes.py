"""Boxes of simulated pictures: which are real and where they lie, beside simple merging.

Each kind of crowd is drawn anew (see `_simulated_boxes.py`; the seeds are not those on which the
engine's constants were chosen). `f1_50` and `f1_75` score boxes of probability at least .5 by
one-to-one matching with the true ones at an overlap (IoU) of .5 and .75; `iou` is the mean overlap
of those matched at .5; `logloss` and `ece` are of the probability that a merged box has a true one
at .5; `coverage90` is how often a corner's interval holds the true corner, of matched boxes. The
baseline groups greedily at .5, takes the plain mean, and the share of answers as the probability;
`mean_box` is Dure's groups with the plain mean. Run it by `dure bench truth-boxes`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

N_DRAWS = 2
FIRST_SEED = 9000
BELIEVED = 0.5


def scenes() -> dict[str, dict[str, Any]]:
    """The crowds by name, as arguments of `Scene`."""
    return {
        "three_answers": {"n_each": 3},
        "five_answers": {"n_each": 5},
        "ten_answers": {"n_each": 10},
        "careless_40": {"part_careless": 0.4},
        "many_decoys": {"decoys": 2.0, "stray": 0.3},
        "hidden_things": {"visibility": 2.0},
        "crowded": {"things": 6.0, "part_paired": 0.6, "n_tasks": 150},
        "few_pictures": {"n_tasks": 30, "n_workers": 15},
        "sharp_workers": {"part_careless": 0.0, "jitter": 0.015, "decoys": 0.2},
    }


def run() -> dict[str, float]:
    """Means over all crowds first, then each crowd's, over its draws."""
    sys.path.insert(0, str(Path(__file__).parent))
    rows = {name: measure(name, range(FIRST_SEED, FIRST_SEED + N_DRAWS)) for name in scenes()}
    figures = {}
    for what in next(iter(rows.values())):
        figures[what] = float(np.mean([row[what] for row in rows.values()]))
    for name, row in rows.items():
        figures.update({f"{what}_{name}": value for what, value in row.items()})
    return figures


def measure(name: str, seeds: Any) -> dict[str, float]:
    """Figures of one kind of crowd, means over the draws."""
    from _simulated_boxes import Scene, simulate

    from dure.truth import infer_boxes

    draws = []
    for seed in seeds:
        pictures = simulate(Scene(**scenes()[name]), seed=seed)
        merged = infer_boxes(pictures.boxes)
        ours = _Merged(merged.task, merged.corners, merged.probability, merged.low, merged.high,
                       merged.label)  # fmt: skip
        mean = _Merged(merged.task, _mean_boxes(pictures.boxes, merged), merged.probability)
        figures = score(ours, pictures)
        for side, found in (("baseline", baseline(pictures.boxes)), ("mean_box", mean)):
            figures |= {f"{what}_{side}": value for what, value in score(found, pictures).items()}
        draws.append(figures)
    return {what: float(np.mean([draw[what] for draw in draws])) for what in draws[0]}


@dataclass(frozen=True, slots=True)
class _Merged:
    task: np.ndarray
    corners: np.ndarray
    probability: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    label: np.ndarray | None = None


def score(found: _Merged, pictures: Any) -> dict[str, float]:
    """Figures of merged boxes against the true ones."""
    from dure.truth import KnownBoxes, score_boxes

    truth = KnownBoxes(
        np.ones(pictures.boxes.n_tasks, bool),
        pictures.true_task,
        pictures.true_corners,
        pictures.true_label,
    )
    scored = score_boxes(
        found.task, found.corners, found.probability, truth,
        label=found.label, low=found.low, high=found.high,
    )  # fmt: skip
    figures = {
        "precision_50": scored.precision,
        "recall_50": scored.recall,
        "f1_50": scored.f1,
        "precision_75": scored.precision_strict,
        "recall_75": scored.recall_strict,
        "f1_75": scored.f1_strict,
        "iou": scored.overlap,
        "logloss": scored.log_loss,
        "ece": scored.calibration_error,
    }
    if found.low is not None and found.high is not None:
        figures["coverage90"] = scored.coverage
        figures["width"] = float((found.high - found.low)[found.probability >= BELIEVED].mean())
        figures["label_accuracy"] = scored.label_accuracy
    return figures


def baseline(boxes: Any) -> _Merged:
    """Group greedily at an overlap of .5, plain mean, share of answers."""
    from dure.truth._box_matching import overlaps

    task_of_box = boxes.task_of_answer[boxes.answer_of_box]
    n_answers = np.bincount(boxes.task_of_answer, minlength=boxes.n_tasks)
    rows = []
    for task in range(boxes.n_tasks):
        groups: list[list[int]] = []
        centres = np.empty((0, 4))
        for box in np.flatnonzero(task_of_box == task):
            like = overlaps(boxes.corners[[box]], centres)[0]
            for at, group in enumerate(groups):
                if boxes.answer_of_box[box] in boxes.answer_of_box[group]:
                    like[at] = -1.0
            if like.size and like.max() >= 0.5:
                best = int(like.argmax())
                groups[best].append(int(box))
                centres[best] = boxes.corners[groups[best]].mean(axis=0)
            else:
                groups.append([int(box)])
                centres = np.concatenate([centres, boxes.corners[[box]]])
        rows += [
            (task, boxes.corners[one].mean(axis=0), len(one) / n_answers[task]) for one in groups
        ]
    return _Merged(
        np.array([row[0] for row in rows], np.int32),
        np.array([row[1] for row in rows]),
        np.array([row[2] for row in rows]),
    )


def _mean_boxes(boxes: Any, merged: Any) -> np.ndarray:
    count = np.bincount(merged.merged_of_box, minlength=len(merged.task))
    return np.stack(
        [
            np.bincount(merged.merged_of_box, weights=side, minlength=len(merged.task)) / count
            for side in boxes.corners.T
        ],
        axis=1,
    )
