"""What answers conclude once it is known how workers answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth._box_corners import merge
from dure.truth._box_marks import log_chances, log_odds_of
from dure.truth._box_matching import Marks, match
from dure.truth.box_records import LABEL_RIGHT, BoxHabits, KnownBoxes
from dure.truth.types import Boxes, Floats, Ints

# No worker is believed to name labels better than this, and none to name them worse than chance.
LABEL_RIGHT_MAX = 0.995
PROBABILITY_MIN = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """Merged boxes by task, the likeliest first; `group` is each one's in `marks`."""

    marks: Marks
    group: NDArray[np.int64]
    task: Ints
    corners: Floats
    low: Floats
    high: Floats
    label: Ints
    log_odds: Floats
    probability: Floats
    n_marked: Ints


def conclude(boxes: Boxes, known: KnownBoxes | None, habits: Floats, shared: BoxHabits) -> Verdicts:
    """Match, merge and weigh the boxes of each task; row w of `habits` is worker w's."""
    return conclude_marks(match(boxes, known), known, habits, shared)


def conclude_marks(
    marks: Marks, known: KnownBoxes | None, habits: Floats, shared: BoxHabits
) -> Verdicts:
    """Merge and weigh boxes that are matched already."""
    corners, low, high = merge(marks, habits, shared)
    label = labels(marks, known, habits, n_labels=shared.n_labels)
    log_odds = log_odds_of(log_chances(marks, habits, shared)[1], shared.sharpness)
    chance = np.exp(-np.logaddexp(0.0, -log_odds))
    probability = np.clip(chance, PROBABILITY_MIN, 1.0 - PROBABILITY_MIN)
    is_real = marks.known_of_group >= 0
    probability = np.where(marks.is_settled, is_real.astype(np.float64), probability)
    order = np.lexsort((*corners.T[::-1], -probability, marks.task_of_group))
    return Verdicts(
        marks=marks,
        group=order,
        task=marks.task_of_group[order],
        corners=corners[order],
        low=low[order],
        high=high[order],
        label=label[order],
        log_odds=log_odds[order],
        probability=probability[order],
        n_marked=marks.n_marked[order],
    )


def labels(marks: Marks, known: KnownBoxes | None, habits: Floats, *, n_labels: int) -> Ints:
    """Return each group's likeliest label, by who names it; ties go to the lower one."""
    if n_labels == 1:
        return np.zeros(marks.n_groups, np.int32)
    given = marks.given
    right = np.clip(habits[:, LABEL_RIGHT], 1.0 / n_labels + 1e-3, LABEL_RIGHT_MAX)
    says = np.log(right * (n_labels - 1) / (1.0 - right))[marks.worker_of_box[given]]
    cell = marks.group_of_box[given] * n_labels + marks.label_of_box[given]
    # Few of the cells have votes where labels are many.
    cells, place = np.unique(cell, return_inverse=True)
    votes = np.bincount(place.reshape(-1), weights=says, minlength=len(cells))
    best = np.lexsort((cells % n_labels, -votes.round(12), cells // n_labels))
    group, first = np.unique((cells // n_labels)[best], return_index=True)
    label = np.zeros(marks.n_groups, np.int32)
    label[group] = (cells % n_labels)[best][first]
    if known is not None:
        is_known = marks.known_of_group >= 0
        label[is_known] = known.label[marks.known_of_group[is_known]]
    return label
