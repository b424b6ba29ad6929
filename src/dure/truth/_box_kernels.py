"""The compiled loops that group boxes; their numpy twin in `_box_matching` is the specification."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dure.truth.types import Floats, Ints

Flags = NDArray[np.bool_]
Places = NDArray[np.int64]


@njit(cache=True, nogil=True)
def group_boxes(bounds: Places, corners: Floats, labels: Ints, answers: Places, first: Places, *,
                overlap_min: float, label_gap: float, area_min: float) -> None:  # fmt: skip
    """Say of each box which box is the first of its group; those of task t lie within bounds."""
    for task in range(bounds.shape[0] - 1):
        begin = bounds[task]
        n_boxes = bounds[task + 1] - begin
        sums = np.zeros((n_boxes, n_boxes))
        apart = np.zeros((n_boxes, n_boxes), np.bool_)
        for i in range(n_boxes):
            first[begin + i] = i
            for j in range(i + 1, n_boxes):
                like = _overlap(corners[begin + i], corners[begin + j], area_min)
                if labels[begin + i] != labels[begin + j]:
                    like -= label_gap
                sums[i, j] = sums[j, i] = like
                apart[i, j] = apart[j, i] = answers[begin + i] == answers[begin + j]
        _link(sums, apart, first[begin : begin + n_boxes], overlap_min)
        for i in range(n_boxes):
            first[begin + i] += begin


@njit(cache=True, nogil=True)
def _link(sums: Floats, apart: Flags, first: Places, overlap_min: float) -> None:
    """Join the two groups that overlap most on average, until none overlap enough."""
    n_boxes = sums.shape[0]
    size = np.ones(n_boxes)
    best = np.empty(n_boxes, np.int64)
    for i in range(n_boxes):
        best[i] = _best_of(i, sums, apart, size)
    while True:
        i, top = -1, 0.0
        for k in range(n_boxes):
            if size[k] > 0.0 and best[k] >= 0:
                mean = sums[k, best[k]] / (size[k] * size[best[k]])
                if mean >= overlap_min and mean > top:
                    i, top = k, mean
        if i < 0:
            return
        j = best[i]
        for k in range(n_boxes):
            if first[k] == j:
                first[k] = i
            sums[i, k] += sums[j, k]
            apart[i, k] |= apart[j, k]
        for k in range(n_boxes):
            sums[k, i] = sums[i, k]
            apart[k, i] = apart[i, k]
        size[i] += size[j]
        size[j] = 0.0
        for k in range(j):
            if size[k] > 0.0 and (k == i or best[k] == i or best[k] == j):
                best[k] = _best_of(k, sums, apart, size)
            elif size[k] > 0.0 and k < i and not apart[k, i]:
                # A mean of two is never above both, but may be in its last bit.
                mean = sums[k, i] / (size[k] * size[i])
                usual = -1.0
                if best[k] >= 0:
                    usual = sums[k, best[k]] / (size[k] * size[best[k]])
                if mean > max(usual, 0.0) or (mean == usual and i < best[k]):
                    best[k] = i


@njit(cache=True, nogil=True)
def _best_of(i: int, sums: Floats, apart: Flags, size: Floats) -> int:
    """Return the later group that group i overlaps most on average, -1 where there is none."""
    top, at = 0.0, -1
    for j in range(i + 1, sums.shape[0]):
        if size[j] > 0.0 and not apart[i, j]:
            mean = sums[i, j] / (size[i] * size[j])
            if mean > top:
                top, at = mean, j
    return at


@njit(cache=True, nogil=True)
def _overlap(one: Floats, other: Floats, area_min: float) -> float:
    """Return the area that two boxes share over the area that either covers (IoU)."""
    if one[0] == other[0] and one[1] == other[1] and one[2] == other[2] and one[3] == other[3]:
        return 1.0
    width = max(min(one[2], other[2]) - max(one[0], other[0]), 0.0)
    height = max(min(one[3], other[3]) - max(one[1], other[1]), 0.0)
    shared = width * height
    area = max((one[2] - one[0]) * (one[3] - one[1]), area_min)
    area_of_other = max((other[2] - other[0]) * (other[3] - other[1]), area_min)
    share: float = shared / (area + area_of_other - shared)
    return share
