"""How good verdicts on texts are when the truth is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dure.truth._intervals import wilson
from dure.truth.normal_text import normalise
from dure.truth.score import N_BINS, PROBABILITY_MIN
from dure.truth.similarity import take_apart
from dure.truth.text_checks import check_gold_texts
from dure.truth.types import TextPosterior


@dataclass(frozen=True, slots=True)
class TextScore:
    """Scores over `n_scored` tasks; all nan when there is none."""

    accuracy: float
    accuracy_low: float
    accuracy_high: float
    accuracy_as_written: float
    log_loss: float
    calibration_error: float
    n_scored: int


_NAN = math.nan
NOTHING_SCORED = TextScore(_NAN, _NAN, _NAN, _NAN, _NAN, _NAN, 0)


def score_texts(posterior: TextPosterior, truth: Sequence[str | None]) -> TextScore:
    """Score verdicts on texts against the truth.

    A verdict is right if it is the truth once both are normalised, and but for spaces where they
    may be left out. For the log loss a truth that is none of a task's texts has the probability
    that none is right, clipped at 1e-6. The calibration error uses ten equal bins.

    Parameters
    ----------
    posterior : TextPosterior
        The verdicts.
    truth : (n_tasks,) text or None
        The truth, None where it is not known; those tasks are left out, as are those without
        answers.

    Returns
    -------
    TextScore
        The accuracy has its 90 % interval.

    Raises
    ------
    BadAnswers
        If there is not one truth or None for each task.

    Notes
    -----
    Source: see `score_labels`.
    """
    check_gold_texts(truth, n_tasks=len(posterior.best))
    scored = [
        task
        for task, text in enumerate(truth)
        if text is not None and posterior.n_answers[task] > 0
    ]
    if not scored:
        return NOTHING_SCORED
    places = _clusters_of(posterior)
    stated, right, as_written, of_truth = (np.zeros(len(scored)) for _ in range(4))
    for at, task in enumerate(scored):
        text = truth[task] or ""
        best = int(posterior.best[task])
        chances = {one: float(posterior.probability_of_cluster[one]) for one in places[task]}
        same = [
            one
            for one in places[task]
            if _letters(posterior.spelling_of_cluster[one]) == _letters(text)
        ]
        stated[at], right[at] = chances[best], best in same
        as_written[at] = posterior.spelling_of_cluster[best] == text
        of_truth[at] = sum(chances[one] for one in (same or chances))
        if not same:
            of_truth[at] = 1.0 - of_truth[at]
    accuracy = np.array([right.mean()])
    low, high = wilson(accuracy, np.array([float(len(scored))]))
    bins = np.minimum((stated * N_BINS).astype(np.int64), N_BINS - 1)
    gaps = np.bincount(bins, weights=stated - right, minlength=N_BINS)
    clipped = np.clip(of_truth, PROBABILITY_MIN, 1.0 - PROBABILITY_MIN)
    return TextScore(
        accuracy=float(accuracy[0]),
        accuracy_low=float(low[0]),
        accuracy_high=float(high[0]),
        accuracy_as_written=float(as_written.mean()),
        log_loss=float(-np.log(clipped).mean()),
        calibration_error=float(np.abs(gaps).sum() / len(scored)),
        n_scored=len(scored),
    )


def _clusters_of(posterior: TextPosterior) -> list[list[int]]:
    places: list[list[int]] = [[] for _ in posterior.best]
    for cluster, task in enumerate(posterior.task_of_cluster.tolist()):
        places[task].append(cluster)
    return places


def _letters(text: str) -> str:
    return take_apart(normalise(text)).letters
