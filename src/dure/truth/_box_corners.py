"""Where a box lies when several drew it, each in their own way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dure.truth._box_matching import Marks
from dure.truth._intervals import NORMAL_95
from dure.truth.box_records import BIAS, SPREAD, BoxHabits
from dure.truth.types import Floats

# Corners within so many spreads of the centre count in full; beyond, their pull stays the same.
PULL_MAX = 1.5
N_ROUNDS = 8
# A worker's bias and spread are shrunk to none and the crowd's as if so many boxes were seen.
BIAS_STRENGTH = 5.0
SPREAD_STRENGTH = 5.0
# A box's own spread is shrunk to what its workers' say as if so many corners were seen.
OWN_STRENGTH = 8.0
# In units of the box's size.
SPREAD_USUAL = 0.05
SPREAD_MIN = 1e-3
SPREAD_MAX = 1.0
# A box is taken to be at least this wide and high, as a part of the picture.
SIDE_MIN = 1e-3
# Errors that all who draw a thing make alike; chosen on simulated pictures.
CORRELATION = 0.15
# Corners lie further out than spreads say, in variances; chosen on simulated pictures.
TAILS = 1.6


@dataclass(frozen=True, slots=True, eq=False)
class Centres:
    """Each group's corners and what is around them, all (n_groups, 4) or by box (n_boxes, 4).

    `unit` is what errors are measured in; `error` is each box's, `weight` what it counted.
    """

    centre: Floats
    unit: Floats
    error: Floats
    weight: Floats
    is_known: Floats


def before_weighing(marks: Marks) -> Centres:
    """Return the groups' corners as medians, corner by corner; known boxes are where they are."""
    group, given = marks.group_of_box, marks.given
    known = np.zeros(marks.n_groups)
    known[group[~given]] = 1.0
    centre = _medians(marks)
    centre[group[~given]] = marks.corners[~given]
    sides = np.maximum(centre[:, 2:] - centre[:, :2], SIDE_MIN)
    unit = np.concatenate([sides, sides], axis=1)
    error = (marks.corners - centre[group]) / unit[group]
    return Centres(centre, unit, error, np.ones_like(error), known)


def centres(
    marks: Marks, bias: Floats, spread: Floats, *, start: Centres, n_rounds: int = N_ROUNDS
) -> Centres:
    """Return robust weighted means of the groups' corners, from others on."""
    group, worker = marks.group_of_box, marks.worker_of_box
    centre, unit = start.centre, start.unit
    is_free = start.is_known[:, None] == 0
    # The last row is that of a known box, which is nobody's.
    drawn = marks.corners - unit[group] * np.concatenate([bias, np.zeros((1, 4))])[worker]
    precision = np.append(spread**-2.0, 0.0)[worker][:, None]
    for _ in range(n_rounds):
        error = (drawn - centre[group]) / unit[group]
        weight = precision * _pull(np.abs(error) * np.sqrt(precision))
        total = _sums(marks, weight)
        shift = _sums(marks, weight * error) / np.maximum(total, 1e-300)
        centre = centre + is_free * unit * shift
    error = (drawn - centre[group]) / unit[group]
    weight = precision * _pull(np.abs(error) * np.sqrt(precision))
    return Centres(centre, unit, error, weight, start.is_known)


def learn_corners(
    marks: Marks, real: Floats, n_workers: int, *, n_rounds: int = N_ROUNDS
) -> tuple[Floats, Floats, float]:
    """Return each worker's bias and spread, and the crowd's spread, from boxes likely `real`."""
    bias, spread = np.zeros((n_workers, 4)), np.full(n_workers, SPREAD_USUAL)
    group, worker = marks.group_of_box, marks.worker_of_box
    n_marked = marks.n_marked[group]
    usual = SPREAD_USUAL
    found = before_weighing(marks)
    for _ in range(n_rounds):
        found = centres(marks, bias, spread, start=found, n_rounds=2)
        known = found.is_known[group] > 0
        tells = marks.given & (known | (n_marked > 1))
        # A centre that was fitted to these very boxes is nearer to them than the truth.
        fitted = np.where(known, 1.0, n_marked / np.maximum(n_marked - 1.0, 1.0))
        who, sure = worker[tells], real[group[tells]]
        error = found.error[tells] + bias[who]
        pull = _pull(np.abs(found.error[tells]) / spread[who][:, None])
        total = _by_worker(who, sure[:, None] * pull, n_workers)
        summed = _by_worker(who, sure[:, None] * pull * error, n_workers)
        bias = summed / (total + BIAS_STRENGTH)
        left = (pull * (error - bias[who])) ** 2 * fitted[tells][:, None]
        squares = np.bincount(who, weights=sure * left.mean(axis=1), minlength=n_workers)
        n_seen = np.bincount(who, weights=sure, minlength=n_workers)
        if n_seen.sum():
            usual = float(np.sqrt((squares.sum() + SPREAD_USUAL**2) / (n_seen.sum() + 1.0)))
        spread = np.sqrt((squares + SPREAD_STRENGTH * usual**2) / (n_seen + SPREAD_STRENGTH))
        spread = np.clip(spread, SPREAD_MIN, SPREAD_MAX)
    return bias, spread, usual


def merge(marks: Marks, habits: Floats, shared: BoxHabits) -> tuple[Floats, Floats, Floats]:
    """Return each group's corners and the ends of their 90 % intervals."""
    spread = habits[:, SPREAD]
    found = centres(marks, habits[:, BIAS], spread, start=before_weighing(marks))
    group = marks.group_of_box
    variance = np.append(spread**2.0, 1.0)[marks.worker_of_box][:, None]
    standard = found.weight * variance * found.error
    squares = np.bincount(
        group, weights=(standard**2 / variance).sum(axis=1), minlength=marks.n_groups
    )
    freedom = 4.0 * np.maximum(marks.n_marked - 1.0, 0.0)
    own = (squares + OWN_STRENGTH) / (freedom + OWN_STRENGTH)
    together = 1.0 + shared.correlation * np.maximum(marks.n_marked - 1.0, 0.0)
    total = np.maximum(_sums(marks, found.weight), 1e-300)
    deviation = np.sqrt((own * together * shared.tails)[:, None] / total)
    half = np.where(found.is_known[:, None] > 0, 0.0, NORMAL_95 * found.unit * deviation)
    centre = np.clip(found.centre, 0.0, 1.0)
    # A bias may draw the sides of a thin box past each other.
    middle = (centre[:, :2] + centre[:, 2:]) / 2.0
    centre[:, :2] = np.minimum(centre[:, :2], middle)
    centre[:, 2:] = np.maximum(centre[:, 2:], middle)
    return centre, np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def _medians(marks: Marks) -> Floats:
    """Return the middle of the groups' corners, each corner by itself."""
    given = np.flatnonzero(marks.given)
    group = marks.group_of_box[given]
    middle = np.zeros((marks.n_groups, 4))
    some = np.flatnonzero(marks.n_marked)
    n_each = marks.n_marked[some].astype(np.int64)
    first = np.cumsum(n_each) - n_each
    for side in range(4):
        values = marks.corners[given, side]
        ordered = values[np.lexsort((values, group))]
        middle[some, side] = (
            ordered[first + (n_each - 1) // 2] + ordered[first + n_each // 2]
        ) / 2.0
    return middle


def _pull(distance: Floats) -> Floats:
    pull: Floats = PULL_MAX / np.maximum(distance, PULL_MAX)
    return pull


def _sums(marks: Marks, values: Floats) -> Floats:
    return _by_worker(marks.group_of_box, values, marks.n_groups)


def _by_worker(codes: np.ndarray, values: Floats, n_codes: int) -> Floats:
    return np.stack(
        [np.bincount(codes, weights=column, minlength=n_codes) for column in values.T], axis=1
    )
