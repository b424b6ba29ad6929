"""How far numbers lie apart, when few of them are seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth._intervals import NORMAL_95
from dure.truth.types import Floats, Ints

# The log of a variance from n - 1 freedoms varies by about 2 / (n - 1) for normal errors, and by
# many times that for a real crowd's: measured, see docs/truth/numeric.md.
LOG_VARIANCE_NOISE = 100.0
# A spread is believed at least this many standard deviations below the typical one, no further:
# answers that agree exactly may only share a round number.
AGREEMENT_DEPTH = 1.0
# A task's largest distances, a fifth of them and at least one, are left out of its spread.
WILD_PART = 0.2
# From that trimmed mean distance to a standard deviation, for 0, 1, ... normal errors, the last
# for all that are more: exp(-mean log) of 40,000 simulated ones of deviation 1, as spreads are
# shrunk on the log scale. Few distances to a median of their own are short.
DISTANCE_TO_DEVIATION = np.array(
    [1.0, 1.0, 2.66, 7.0, 2.88, 2.57, 2.11, 2.01, 1.85, 1.8, 2.06, 1.99, 1.89, 1.85, 1.78, 1.85]
)
# No task's spread exceeds so many of its median distances, or of the typical one where that is 0.
SPREAD_CAP = 6.0


@dataclass(frozen=True, slots=True)
class Typical:
    """Of tasks' spreads: the middle of the log variances (nan if none told), how much they differ
    from task to task (a variance), and the median of the median distances."""

    log_variance: float
    differs: float
    distance: float


def resolution(values: Floats) -> float:
    """Return the smallest step between two distinct values, 0 if there is one value only."""
    steps = np.diff(np.unique(values))
    return float(steps.min()) if steps.size else 0.0


def medians(codes: Ints, values: Floats, n_codes: int) -> Floats:
    """Return the median of each code's values, nan where it has none."""
    n_each = np.bincount(codes, minlength=n_codes)
    ordered = values[np.lexsort((values, codes))]
    first = np.cumsum(n_each) - n_each
    middle = np.full(n_codes, np.nan)
    some = np.flatnonzero(n_each)
    below = ordered[first[some] + (n_each[some] - 1) // 2]
    above = ordered[first[some] + n_each[some] // 2]
    middle[some] = below / 2.0 + above / 2.0
    return middle


def task_spreads(
    task_of_answer: Ints, distance: Floats, n_answers: Ints, typical: Typical
) -> Floats:
    """Return each task's spread from its answers' distances to their centre.

    It is shrunk to the typical one, on the log scale, by how little the task saw: on the log
    scale, because one question may count metres and the next millions.
    """
    deviation = _deviations(task_of_answer, distance, n_answers, typical.distance)
    if np.isnan(typical.log_variance):
        return np.full(len(n_answers), typical.distance)
    noise = LOG_VARIANCE_NOISE / np.maximum(n_answers - 1, 1)
    told = (n_answers > 1) & (deviation > 0)
    lowest = typical.log_variance - AGREEMENT_DEPTH * np.sqrt(typical.differs + noise)
    seen = np.where(told, 2.0 * np.log(np.where(told, deviation, 1.0)), lowest)
    pull = np.where(n_answers > 1, typical.differs / (typical.differs + noise), 0.0)
    shrunk: Floats = np.exp((typical.log_variance + pull * (seen - typical.log_variance)) / 2.0)
    return shrunk


def typical_spread(task_of_answer: Ints, distance: Floats, n_answers: Ints) -> Typical:
    """Return what is typical of the tasks' spreads; there is a distance that is not 0."""
    middle = np.nan_to_num(medians(task_of_answer, distance, len(n_answers)))
    apart = middle[middle > 0]
    usual = float(np.median(apart if apart.size else distance[distance > 0]))
    deviation = _deviations(task_of_answer, distance, n_answers, usual)
    told = (n_answers > 1) & (deviation > 0)
    if not told.any():
        return Typical(np.nan, 0.0, usual)
    noise = LOG_VARIANCE_NOISE / np.maximum(n_answers - 1, 1)
    logs = 2.0 * np.log(np.where(told, deviation, 1.0))
    weight = np.where(told, 1.0 / noise, 0.0)
    log_variance = float((weight * logs).sum() / weight.sum())
    scatter = float((weight * (logs - log_variance) ** 2).sum() / weight.sum())
    # What scatters more than noise would is a real difference between tasks.
    return Typical(log_variance, max(0.0, scatter - float(told.sum() / weight.sum())), usual)


def _deviations(task_of_answer: Ints, distance: Floats, n_answers: Ints, usual: float) -> Floats:
    """Return each task's trimmed mean distance, as a standard deviation.

    It neither follows a wild answer, as the mean would, nor vanishes when half of the answers are
    the same zero, as the median distance does.
    """
    middle = np.nan_to_num(medians(task_of_answer, distance, len(n_answers)))
    cap = SPREAD_CAP * np.where(middle > 0, middle, usual)
    kept = _kept_when_trimmed(task_of_answer, distance, n_answers)
    shorter = np.minimum(distance, cap[task_of_answer])
    total = np.bincount(task_of_answer, weights=shorter * kept, minlength=len(n_answers))
    n_kept = np.bincount(task_of_answer, weights=kept, minlength=len(n_answers))
    factor = DISTANCE_TO_DEVIATION[np.minimum(n_answers, len(DISTANCE_TO_DEVIATION) - 1)]
    deviation: Floats = factor * total / np.maximum(n_kept, 1.0)
    return deviation


def t_percentile_95(freedom: int) -> float:
    """Return the 95th percentile of Student's t.

    Exact for 1 and 2 degrees of freedom; beyond, within 1 % by Abramowitz and Stegun 26.7.5.
    """
    if freedom <= 1:
        return math.tan(0.45 * math.pi)
    if freedom == 2:
        return 0.9 * math.sqrt(2.0 / (1.0 - 0.9**2))
    z = NORMAL_95
    first = (z**3 + z) / 4.0
    second = (5.0 * z**5 + 16.0 * z**3 + 3.0 * z) / 96.0
    third = (3.0 * z**7 + 19.0 * z**5 + 17.0 * z**3 - 15.0 * z) / 384.0
    return z + first / freedom + second / freedom**2 + third / freedom**3


def _kept_when_trimmed(
    task_of_answer: Ints, distance: Floats, n_answers: Ints
) -> NDArray[np.bool_]:
    order = np.lexsort((distance, task_of_answer))
    first = np.cumsum(n_answers, dtype=np.int64) - n_answers
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order)) - np.repeat(first, n_answers)
    n_dropped = np.where(n_answers > 2, np.maximum(1, (WILD_PART * n_answers).astype(np.int64)), 0)
    kept: NDArray[np.bool_] = place < (n_answers - n_dropped)[task_of_answer]
    return kept
