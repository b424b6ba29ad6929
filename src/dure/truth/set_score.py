"""How good concluded sets are, where the truth is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth._intervals import wilson
from dure.truth.types import Floats
from dure.truth.validate import _check_array

N_BINS = 10
PROBABILITY_MIN = 1e-6


@dataclass(frozen=True, slots=True)
class SetScore:
    """Over `n_scored` tasks with a known set; nan without any.

    `exact` is the share of sets that are right as a whole, with its 90 % interval; `label_error`
    that of labels that are wrong; `f1` the harmonic mean of how many labels that belong were found
    and how many found belong; `log_loss` of each label; `calibration_error` of `sureness`.
    """

    n_scored: int
    exact: float
    exact_low: float
    exact_high: float
    label_error: float
    f1: float
    log_loss: float
    calibration_error: float


def score_sets(
    probability: Floats,
    chosen: NDArray[np.bool_],
    sureness: Floats,
    true_set: NDArray[np.int8],
) -> SetScore:
    """Compare sets with the truth.

    Assumes that the truth did not inform the sets. Probabilities are clipped at 1e-6 from both
    ends; the calibration error is over ten equal bins of the sureness.

    Parameters
    ----------
    probability : (n_tasks, n_labels) float64
        Each label's chance; rows of nan are not scored.
    chosen : (n_tasks, n_labels) bool
        The concluded sets.
    sureness : (n_tasks,) float64
        The probability of each as a whole.
    true_set : (n_tasks, n_labels) int8
        What is true, rows of -1 where that is unknown.

    Returns
    -------
    SetScore
        The scores.

    Raises
    ------
    BadAnswers
        If the truth does not fit the sets.

    Notes
    -----
    Source: G. Tsoumakas and I. Katakis, Multi-label classification: an overview, 2007, for exact
    match, Hamming loss and F1 (over all labels of all tasks); Wilson's interval.
    """
    _check_array("true_set", true_set, np.int8, *probability.shape)
    known = (true_set >= 0).all(axis=1) & ~np.isnan(sureness)
    n_scored = int(known.sum())
    if not n_scored:
        return SetScore(0, *[float("nan")] * 7)
    truth, found = true_set[known] > 0, chosen[known]
    are_exact = (found == truth).all(axis=1)
    low, high = wilson(np.array([are_exact.mean()]), np.array([float(n_scored)]))
    n_both = int(found.sum() + truth.sum())
    kept = np.clip(probability[known], PROBABILITY_MIN, 1.0 - PROBABILITY_MIN)
    return SetScore(
        n_scored=n_scored,
        exact=float(are_exact.mean()),
        exact_low=float(low[0]),
        exact_high=float(high[0]),
        label_error=float((found != truth).mean()),
        # Where nothing belongs and nothing was found, all was found.
        f1=2.0 * int((found & truth).sum()) / n_both if n_both else 1.0,
        log_loss=float(-np.log(np.where(truth, kept, 1.0 - kept)).mean()),
        calibration_error=_calibration_error(sureness[known], are_exact),
    )


def _calibration_error(sureness: Floats, are_exact: NDArray[np.bool_]) -> float:
    place = np.minimum((sureness * N_BINS).astype(np.int64), N_BINS - 1)
    stated = np.bincount(place, weights=sureness, minlength=N_BINS)
    right = np.bincount(place, weights=are_exact.astype(np.float64), minlength=N_BINS)
    return float(np.abs(stated - right).sum() / len(sureness))
