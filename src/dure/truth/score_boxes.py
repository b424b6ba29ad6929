"""How good merged boxes are when the true ones are known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dure.truth._box_matching import overlaps
from dure.truth.box_records import KnownBoxes
from dure.truth.score import N_BINS, PROBABILITY_MIN
from dure.truth.types import Floats, Ints

# From this probability on a box is believed; from this overlap (IoU) on it is the right one.
BELIEVED = 0.5
OVERLAP, OVERLAP_STRICT = 0.5, 0.75


@dataclass(frozen=True, slots=True)
class BoxScore:
    """Scores over `n_tasks` tasks whose boxes are known; what nothing was there for is nan.

    `precision`, `recall` and `f1` are of boxes believed real, each matched to one true box at an
    overlap (IoU) of .5, `…_strict` at .75; `overlap` is the mean of those matched,
    `label_accuracy` how often their label is right, `coverage` how often the interval of a corner
    holds the true one. `log_loss` and `calibration_error` are of the probability that a merged box
    is matched at .5.
    """

    precision: float
    recall: float
    f1: float
    precision_strict: float
    recall_strict: float
    f1_strict: float
    overlap: float
    label_accuracy: float
    coverage: float
    log_loss: float
    calibration_error: float
    n_tasks: int


def score_boxes(
    task: Ints,
    corners: Floats,
    probability: Floats,
    truth: KnownBoxes,
    *,
    label: Ints | None = None,
    low: Floats | None = None,
    high: Floats | None = None,
) -> BoxScore:
    """Score merged boxes against the true ones.

    Those that overlap most are matched first, one to one.

    Parameters
    ----------
    task : (n_boxes,) int32
        Each merged box's task.
    corners : (n_boxes, 4) float64
        Its corners.
    probability : (n_boxes,) float64
        The probability that it is real.
    truth : KnownBoxes
        The true boxes; tasks where they are not known are left out.
    label : (n_boxes,) int32, optional
        Its label.
    low, high : (n_boxes, 4) float64, optional
        The ends of its corners' intervals.

    Returns
    -------
    BoxScore
        All nan if no task's boxes are known.

    Notes
    -----
    Source: M. Everingham et al., The Pascal Visual Object Classes challenge, 2010, section 4.2,
    for matching at .5.
    """
    scored = truth.is_known[task]
    believed = scored & (probability >= BELIEVED)
    found = {}
    for overlap_min in (OVERLAP, OVERLAP_STRICT):
        ours, true, like = _matched(task, corners, truth, believed, overlap_min)
        found[overlap_min] = _shares(len(ours), int(believed.sum()), len(truth.task))
        if overlap_min == OVERLAP:
            overlap = _mean(like)
            named = math.nan if label is None else _mean(label[ours] == truth.label[true])
            held = math.nan
            if low is not None and high is not None:
                corner = truth.corners[true]
                held = _mean((low[ours] <= corner) & (corner <= high[ours]))
    right = np.zeros(len(task))
    right[_matched(task, corners, truth, scored, OVERLAP)[0]] = 1.0
    right, chance = right[scored], probability[scored]
    clipped = np.clip(chance, PROBABILITY_MIN, 1.0 - PROBABILITY_MIN)
    return BoxScore(
        *found[OVERLAP],
        *found[OVERLAP_STRICT],
        overlap=overlap,
        label_accuracy=named,
        coverage=held,
        log_loss=-_mean(np.where(right > 0, np.log(clipped), np.log1p(-clipped))),
        calibration_error=_calibration_error(chance, right),
        n_tasks=int(truth.is_known.sum()),
    )


def _matched(
    task: Ints, corners: Floats, truth: KnownBoxes, which: np.ndarray, overlap_min: float
) -> tuple[np.ndarray, np.ndarray, Floats]:
    """Return the rows of merged and of true boxes that are matched, and how much they overlap."""
    rows = np.flatnonzero(which)
    rows = rows[np.argsort(task[rows], kind="stable")]
    true_rows = np.argsort(truth.task, kind="stable")
    tasks = np.unique(task[rows])
    starts, ends = (np.searchsorted(task[rows], tasks, side) for side in ("left", "right"))
    true_starts, true_ends = (
        np.searchsorted(truth.task[true_rows], tasks, side) for side in ("left", "right")
    )
    pairs: list[tuple[int, int, float]] = []
    for at in np.flatnonzero(true_ends > true_starts):
        ours = rows[starts[at] : ends[at]]
        true = true_rows[true_starts[at] : true_ends[at]]
        like = overlaps(corners[ours], truth.corners[true])
        while like.max() >= overlap_min:
            i, j = divmod(int(like.argmax()), like.shape[1])
            pairs.append((int(ours[i]), int(true[j]), float(like[i, j])))
            like[i] = like[:, j] = -1.0
    columns = np.array(pairs, dtype=np.float64).reshape(-1, 3).T
    return columns[0].astype(np.int64), columns[1].astype(np.int64), columns[2]


def _shares(n_right: int, n_believed: int, n_true: int) -> tuple[float, float, float]:
    precision = n_right / n_believed if n_believed else math.nan
    recall = n_right / n_true if n_true else math.nan
    both = n_believed + n_true
    return precision, recall, 2.0 * n_right / both if both else math.nan


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else math.nan


def _calibration_error(probability: Floats, right: Floats) -> float:
    if not right.size:
        return math.nan
    place = np.minimum((probability * N_BINS).astype(np.int64), N_BINS - 1)
    gap = np.bincount(place, weights=probability - right, minlength=N_BINS)
    return float(np.abs(gap).sum() / len(right))
