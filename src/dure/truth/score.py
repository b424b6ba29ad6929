"""How good verdicts are when the truth is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dure.truth.types import NO_LABEL, Floats, Ints
from dure.truth.validate import BadAnswers, check_gold_labels, check_gold_values

PROBABILITY_MIN = 1e-6
N_BINS = 10
# Probabilities this close are tied: the last bits of a sum are no reason to prefer a label.
TIE_WIDTH = 1e-12


@dataclass(frozen=True, slots=True)
class Score:
    """Scores over `n_scored` tasks; all nan when there is none."""

    accuracy: float
    log_loss: float
    brier: float
    calibration_error: float
    n_scored: int


def score_labels(probability: Floats, true_label: Ints) -> Score:
    """Score probabilities against the truth.

    Tied top labels share the point. Probabilities are clipped at 1e-6 for the log loss. The
    calibration error (ECE) uses ten equal bins of the top label's probability.

    Parameters
    ----------
    probability : (n_tasks, n_labels) float64
        Each row sums to 1.
    true_label : (n_tasks,) int32
        The truth, -1 where it is not known; those tasks are left out.

    Returns
    -------
    Score
        Accuracy, log loss, Brier score (summed over labels) and calibration error.

    Raises
    ------
    BadAnswers
        If the shapes do not fit each other.

    Notes
    -----
    Source: C. Guo et al., On calibration of modern neural networks, ICML 2017, section 2, for
    the calibration error; G. W. Brier, Monthly Weather Review 78(1), 1950, for his score.
    """
    if probability.ndim != 2:
        raise BadAnswers(f"Expected probability to have 2 dimensions, got {probability.ndim}.")
    check_gold_labels(true_label, n_tasks=probability.shape[0], n_labels=probability.shape[1])
    scored = np.flatnonzero(true_label != NO_LABEL)
    if not scored.size:
        return Score(np.nan, np.nan, np.nan, np.nan, 0)
    chance, truth = probability[scored], true_label[scored]
    right = _share_of_point(chance, truth)
    of_truth = chance[np.arange(len(truth)), truth]
    # Clipped on both sides, so that the best possible loss is the same for any number of labels.
    clipped = np.clip(of_truth, PROBABILITY_MIN, 1.0 - PROBABILITY_MIN)
    squared = (chance**2).sum(axis=1) - 2.0 * of_truth + 1.0
    return Score(
        accuracy=float(right.mean()),
        log_loss=float(-np.log(clipped).mean()),
        brier=float(squared.mean()),
        calibration_error=_calibration_error(chance.max(axis=1), right),
        n_scored=len(truth),
    )


def _share_of_point(chance: Floats, truth: Ints) -> Floats:
    tied = chance >= chance.max(axis=1, keepdims=True) - TIE_WIDTH
    share: Floats = tied[np.arange(len(truth)), truth] / tied.sum(axis=1)
    return share


def _calibration_error(top: Floats, right: Floats) -> float:
    place = np.minimum((top * N_BINS).astype(np.int64), N_BINS - 1)
    gap = np.bincount(place, weights=right - top, minlength=N_BINS)
    return float(np.abs(gap).sum() / len(top))


@dataclass(frozen=True, slots=True)
class NumberScore:
    """Scores of numbers over `n_scored` tasks; all nan when there is none."""

    rmse: float
    mean_absolute_error: float
    coverage: float
    n_scored: int


def score_numbers(estimate: Floats, low: Floats, high: Floats, true_value: Floats) -> NumberScore:
    """Score estimates and intervals against the truth.

    Tasks without an estimate or without a truth (nan) are left out.

    Parameters
    ----------
    estimate, low, high : (n_tasks,) float64
        As in `Estimates`.
    true_value : (n_tasks,) float64
        The truth, nan where it is not known.

    Returns
    -------
    NumberScore
        Root mean squared error, mean absolute error and the intervals' coverage.

    Raises
    ------
    BadAnswers
        If the shapes do not fit each other.

    Notes
    -----
    Source: none; these are the usual definitions.
    """
    check_gold_values(true_value, n_tasks=len(estimate))
    scored = ~(np.isnan(estimate) | np.isnan(true_value))
    if not scored.any():
        return NumberScore(np.nan, np.nan, np.nan, 0)
    error = (estimate - true_value)[scored]
    inside = (low[scored] <= true_value[scored]) & (true_value[scored] <= high[scored])
    return NumberScore(
        rmse=float(np.sqrt(np.mean(error**2))),
        mean_absolute_error=float(np.mean(np.abs(error))),
        coverage=float(inside.mean()),
        n_scored=int(scored.sum()),
    )
