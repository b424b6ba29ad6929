"""Verdicts on answers that mark boxes on a picture."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dure.calls.tasks.fitting.parts import SEED, Counted, Fit
from dure.calls.tasks.learned import CELLS_MAX, Learned

if TYPE_CHECKING:
    from dure.truth import CodedBoxes, MergedBoxes
    from dure.truth.types import Floats

DECIMALS = 5
# A box is believed real from this probability on.
BELIEVED = 0.5


def fit_boxes(question: dict[str, Any], counted: Counted) -> Fit:
    # The engine is compiled code of 60 MB: only a process that fits holds it.
    from dure import truth  # noqa: PLC0415  slow import

    classes = [option["value"] for option in question.get("options") or ()]
    n_given = Counter(counted.tasks)
    counted = _within_limit(counted)
    coded = truth.code_boxes(counted.tasks, counted.workers, counted.values, classes=classes)
    known = truth.code_known_boxes(coded, counted.gold)
    merged = truth.infer_boxes(coded.boxes, gold=known if counted.gold else None, seed=SEED)
    values = _values(coded, merged)
    return Fit(
        tasks=list(coded.tasks),
        labels=[_answer(value["boxes"]) for value in values],
        values=values,
        answers=[n_given[task] for task in coded.tasks],
        method=merged.method,
        version=merged.version,
        outcome=merged.outcome.value,
        learned=_learned(coded, merged),
    )


def _within_limit(counted: Counted) -> Counted:
    """Without the answers of most boxes to a task that has more than the engine merges.

    One who marks everything must not stop the verdicts on the whole call.
    """
    from dure.truth.box_records import N_BOXES_OF_TASK_MAX  # noqa: PLC0415  slow import

    n_boxes: Counter[str] = Counter()
    for task, value in zip(counted.tasks, counted.values, strict=True):
        n_boxes[task] += len(value)
    full = {task for task, n in n_boxes.items() if n > N_BOXES_OF_TASK_MAX}
    if not full:
        return counted
    rows = range(len(counted.tasks))
    left_out: set[int] = set()
    for row in sorted(rows, key=lambda row: (-len(counted.values[row]), counted.workers[row])):
        task = counted.tasks[row]
        if task in full and n_boxes[task] > N_BOXES_OF_TASK_MAX:
            n_boxes[task] -= len(counted.values[row])
            left_out.add(row)
    kept = [row for row in rows if row not in left_out]
    return replace(
        counted,
        tasks=[counted.tasks[row] for row in kept],
        workers=[counted.workers[row] for row in kept],
        values=[counted.values[row] for row in kept],
    )


def _values(coded: CodedBoxes, merged: MergedBoxes) -> list[dict[str, Any]]:
    """Each task's merged boxes, the likeliest first, as numbers of an answer's exactness."""
    from dure.truth import box_value  # noqa: PLC0415  slow import

    bounds = np.searchsorted(merged.task, np.arange(len(coded.tasks) + 1)).tolist()
    return [
        {
            "boxes": [
                box_value(
                    merged.corners[row],
                    coded.classes[merged.label[row]] if coded.classes else None,
                )
                | {
                    "probability": round(float(merged.probability[row]), DECIMALS),
                    "marked": int(merged.n_marked[row]),
                    "low": _rounded(merged.low[row]),
                    "high": _rounded(merged.high[row]),
                }
                for row in range(bounds[task], bounds[task + 1])
            ]
        }
        for task in range(len(coded.tasks))
    ]


def _answer(boxes: Sequence[dict[str, Any]]) -> str:
    """The boxes believed real, as one answer would give them."""
    sides = ("x", "y", "w", "h", "label")
    return json.dumps(
        [
            {name: box[name] for name in sides if name in box}
            for box in boxes
            if box["probability"] >= BELIEVED
        ],
        ensure_ascii=False,
    )


def _rounded(corners: Floats) -> list[float]:
    return [round(corner, DECIMALS) for corner in corners.tolist()]


def _learned(coded: CodedBoxes, merged: MergedBoxes) -> Learned:
    if merged.habits.size > CELLS_MAX:
        return Learned()
    return Learned({"kind": "box", **asdict(merged.shared)}, coded.workers, merged.habits)
