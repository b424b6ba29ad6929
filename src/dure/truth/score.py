"""How good verdicts are when the truth is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dure.truth._intervals import NORMAL_95, wilson
from dure.truth.types import NO_LABEL, Floats, Ints
from dure.truth.validate import BadAnswers, check_gold_labels, check_gold_values

PROBABILITY_MIN = 1e-6
N_BINS = 10
# Probabilities this close are tied: the last bits of a sum are no reason to prefer a label.
TIE_WIDTH = 1e-12
BRIER_MAX = 2.0
# How often the calibration error is simulated, and from which seed: the same input, the same bits.
N_DRAWS = 2000
SEED = 0


@dataclass(frozen=True, slots=True)
class Score:
    """Scores over `n_scored` tasks, each with its 90 % interval; all nan when there is none."""

    accuracy: float
    accuracy_low: float
    accuracy_high: float
    log_loss: float
    log_loss_low: float
    log_loss_high: float
    brier: float
    brier_low: float
    brier_high: float
    calibration_error: float
    calibration_error_low: float
    calibration_error_high: float
    n_scored: int


_NAN = math.nan
NOTHING_SCORED = Score(_NAN, _NAN, _NAN, _NAN, _NAN, _NAN, _NAN, _NAN, _NAN, _NAN, _NAN, _NAN, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """How often verdicts are right that say they are so sure, in ten equal bins of the top chance.

    `probability` is the mean that was stated, `share_right` the share that was right, `low` to
    `high` its 90 % interval; all are nan in a bin without tasks.
    """

    probability: Floats
    share_right: Floats
    low: Floats
    high: Floats
    n_tasks: Ints


@dataclass(frozen=True, slots=True, eq=False)
class _Bins:
    """Sums over the tasks of each bin; the gap of a task is its share of the point, less `top`."""

    n_tasks: Floats
    top: Floats
    right: Floats
    gap: Floats
    gap_square: Floats


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
        Accuracy, log loss, Brier score (summed over labels) and calibration error, each with the
        interval that tasks like these would leave it in 9 times of 10.

    Raises
    ------
    BadAnswers
        If the shapes do not fit each other.

    Notes
    -----
    Source: C. Guo et al., On calibration of modern neural networks, ICML 2017, section 2, for
    the calibration error; G. W. Brier, Monthly Weather Review 78(1), 1950, for his score. The
    intervals are Wilson's for the accuracy, from the standard error for the means, and simulated
    for the calibration error, which chance can only raise; see `docs/truth/files.md`.
    """
    chance, truth = _known(probability, true_label)
    if not truth.size:
        return NOTHING_SCORED
    right = _share_of_point(chance, truth)
    of_truth = chance[np.arange(len(truth)), truth]
    # Clipped on both sides, so that the best possible loss is the same for any number of labels.
    clipped = np.clip(of_truth, PROBABILITY_MIN, 1.0 - PROBABILITY_MIN)
    squared = (chance**2).sum(axis=1) - 2.0 * of_truth + 1.0
    accuracy = np.array([right.mean()])
    accuracy_low, accuracy_high = wilson(accuracy, np.array([float(len(truth))]))
    log_loss, log_loss_low, log_loss_high = _mean(-np.log(clipped), most=-np.log(PROBABILITY_MIN))
    brier, brier_low, brier_high = _mean(squared, most=BRIER_MAX)
    error, error_low, error_high = _calibration_error(_bins(chance.max(axis=1), right))
    return Score(
        accuracy=float(accuracy[0]),
        accuracy_low=float(accuracy_low[0]),
        accuracy_high=float(accuracy_high[0]),
        log_loss=log_loss,
        log_loss_low=log_loss_low,
        log_loss_high=log_loss_high,
        brier=brier,
        brier_low=brier_low,
        brier_high=brier_high,
        calibration_error=error,
        calibration_error_low=error_low,
        calibration_error_high=error_high,
        n_scored=len(truth),
    )


def reliability(probability: Floats, true_label: Ints) -> Reliability:
    """Tell for each degree of certainty how often verdicts that state it are right.

    Tied top labels share the point. The bins are those of the calibration error of
    `score_labels`: bin b holds top probabilities from b / 10 to (b + 1) / 10.

    Parameters
    ----------
    probability : (n_tasks, n_labels) float64
        Each row sums to 1.
    true_label : (n_tasks,) int32
        The truth, -1 where it is not known; those tasks are left out.

    Returns
    -------
    Reliability
        Ten bins, from the least sure to the surest.

    Raises
    ------
    BadAnswers
        If the shapes do not fit each other.

    Notes
    -----
    Source: M. H. DeGroot, S. E. Fienberg, The comparison and evaluation of forecasters, The
    Statistician 32, 1983; E. B. Wilson, JASA 22, 1927, for the intervals.
    """
    chance, truth = _known(probability, true_label)
    bins = _bins(chance.max(axis=1), _share_of_point(chance, truth))
    has_tasks = bins.n_tasks > 0
    n_or_nan = np.where(has_tasks, bins.n_tasks, np.nan)
    share_right = bins.right / n_or_nan
    low, high = wilson(share_right, n_or_nan)
    return Reliability(
        probability=bins.top / n_or_nan,
        share_right=share_right,
        low=low,
        high=high,
        n_tasks=bins.n_tasks.astype(np.int32),
    )


def _known(probability: Floats, true_label: Ints) -> tuple[Floats, Ints]:
    if probability.ndim != 2:
        raise BadAnswers(f"Expected probability to have 2 dimensions, got {probability.ndim}.")
    check_gold_labels(true_label, n_tasks=probability.shape[0], n_labels=probability.shape[1])
    scored = np.flatnonzero(true_label != NO_LABEL)
    return probability[scored], true_label[scored]


def _share_of_point(chance: Floats, truth: Ints) -> Floats:
    tied = chance >= chance.max(axis=1, keepdims=True) - TIE_WIDTH
    share: Floats = tied[np.arange(len(truth)), truth] / tied.sum(axis=1)
    return share


def _mean(losses: Floats, *, most: float) -> tuple[float, float, float]:
    """Return the mean of losses from 0 to `most`, and the ends of its interval."""
    mean = float(losses.mean())
    # One task tells nothing of how much tasks differ.
    if len(losses) < 2:
        return mean, 0.0, float(most)
    half = NORMAL_95 * float(losses.std(ddof=1)) / math.sqrt(len(losses))
    return mean, max(mean - half, 0.0), max(min(mean + half, float(most)), mean)


def _bins(top: Floats, right: Floats) -> _Bins:
    place = np.minimum((top * N_BINS).astype(np.int64), N_BINS - 1)
    gap = right - top

    def total(each: Floats) -> Floats:
        return np.bincount(place, weights=each, minlength=N_BINS).astype(np.float64, copy=False)

    return _Bins(total(np.ones_like(top)), total(top), total(right), total(gap), total(gap**2))


def _calibration_error(bins: _Bins) -> tuple[float, float, float]:
    """Return the calibration error and the ends of its interval.

    Chance moves each bin's gap up or down, but the error takes the gaps without their signs, so
    chance adds to it: on average as much as it adds again when errors of the size seen are put
    upon the gaps once more. That is taken out of both ends, twice below, where it is in the value
    and in the draws; and where chance alone would make such a value, the low end is 0.
    """
    n_scored = bins.n_tasks.sum()
    error = float(np.abs(bins.gap).sum() / n_scored)
    chance = np.random.default_rng(SEED).standard_normal((N_DRAWS, N_BINS)) * _deviation(bins)
    drawn = np.abs(bins.gap + chance).sum(axis=1) / n_scored
    low, high = np.percentile(drawn, [5.0, 95.0])
    added = float(drawn.mean()) - error
    by_chance_alone = float(np.percentile(np.abs(chance).sum(axis=1) / n_scored, 95.0))
    least = 0.0 if error <= by_chance_alone else max(0.0, float(low) - 2.0 * added)
    return error, min(least, error), max(min(float(high) - added, 1.0), error)


def _deviation(bins: _Bins) -> Floats:
    """Return the standard deviation of each bin's sum of gaps."""
    n = np.maximum(bins.n_tasks, 1.0)
    around_mean = np.maximum(bins.gap_square - bins.gap**2 / n, 0.0) * n / np.maximum(n - 1.0, 1.0)
    # The gap of a task that is alone in its bin is all that is known of how gaps vary there.
    variance = np.where(bins.n_tasks > 1, around_mean, bins.gap_square)
    deviation: Floats = np.sqrt(variance)
    return deviation


@dataclass(frozen=True, slots=True)
class NumberScore:
    """Scores of numbers over `n_scored` tasks, with 90 % intervals; all nan when there is none."""

    rmse: float
    rmse_low: float
    rmse_high: float
    mean_absolute_error: float
    mean_absolute_error_low: float
    mean_absolute_error_high: float
    coverage: float
    coverage_low: float
    coverage_high: float
    n_scored: int


NO_NUMBER_SCORED = NumberScore(_NAN, _NAN, _NAN, _NAN, _NAN, _NAN, _NAN, _NAN, _NAN, 0)


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
        Root mean squared error, mean absolute error and the intervals' coverage, each with the
        interval that tasks like these would leave it in 9 times of 10.

    Raises
    ------
    BadAnswers
        If the shapes do not fit each other.

    Notes
    -----
    Source: none; these are the usual definitions. The intervals are from the standard error over
    tasks (of the squared error for RMSE), and Wilson's for the coverage.
    """
    check_gold_values(true_value, n_tasks=len(estimate))
    scored = ~(np.isnan(estimate) | np.isnan(true_value))
    if not scored.any():
        return NO_NUMBER_SCORED
    error = (estimate - true_value)[scored]
    inside = (low[scored] <= true_value[scored]) & (true_value[scored] <= high[scored])
    square, square_low, square_high = _mean(error**2, most=np.inf)
    absolute, absolute_low, absolute_high = _mean(np.abs(error), most=np.inf)
    coverage = np.array([inside.mean()])
    coverage_low, coverage_high = wilson(coverage, np.array([float(len(inside))]))
    return NumberScore(
        rmse=math.sqrt(square),
        rmse_low=math.sqrt(square_low),
        rmse_high=math.sqrt(square_high),
        mean_absolute_error=absolute,
        mean_absolute_error_low=absolute_low,
        mean_absolute_error_high=absolute_high,
        coverage=float(coverage[0]),
        coverage_low=float(coverage_low[0]),
        coverage_high=float(coverage_high[0]),
        n_scored=int(scored.sum()),
    )
