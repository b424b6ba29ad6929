"""Verdicts on each recorded crowd by hyper-parameters that the other crowds chose.

What the engine does not learn from a call's own answers: how strongly wrong answers are believed
to spread evenly, how strongly workers are believed to be alike, when a fit has settled, the least
correlation and how it grows with what is seen, and how much of the vote is mixed in. Each crowd
is concluded with the values that had the least mean log loss on the fourteen others.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

EVEN = (3.0, 10.0, 30.0)
ALIKE = (10.0, 20.0, 40.0)
CHANGE = (1e-3, 2e-3, 4e-3)
LEAST = (0.4, 0.5, 0.6, 0.7, 0.8)
SLOPE = (3.0, 6.0, 9.0)
VOTE = (0.05, 0.1, 0.15)


def scores_by_choice(crowds: list[tuple[Any, Any]]) -> tuple[list[tuple[float, ...]], Any]:
    """The choices, and (n_choices, n_crowds, 4) accuracy, log loss, Brier and calibration error."""
    choices = list(product(EVEN, ALIKE, CHANGE, LEAST, SLOPE, VOTE))
    scores = np.empty((len(choices), len(crowds), 4))
    place = {choice: at for at, choice in enumerate(choices)}
    for at, (coded, truth) in enumerate(crowds):
        for fit in product(EVEN, ALIKE, CHANGE):
            for rest, score in _scores(coded.answers, truth, fit):
                scores[place[(*fit, *rest)], at] = score
    return choices, scores


def held_out(scores: Any) -> tuple[Any, list[int]]:
    """Each crowd's scores by the choice best on the others, (n_crowds, 4); and those choices."""
    n_crowds = scores.shape[1]
    total = scores[:, :, 1].sum(axis=1)
    best = [int((total - scores[:, at, 1]).argmin()) for at in range(n_crowds)]
    return np.array([scores[choice, at] for at, choice in enumerate(best)]), best


def _scores(answers: Any, truth: Any, choice: tuple[float, ...]) -> Any:
    from dure.truth import FitOptions, _hierarchy, calibrate, dawid_skene, habits, score_labels
    from dure.truth._rows import group_by_task
    from dure.truth.majority import vote_shares

    usual = habits.EVEN, habits.ALIKE
    even, alike, change = choice
    habits.EVEN = replace(habits.EVEN, mean=even)
    habits.ALIKE = replace(habits.ALIKE, shape=alike)
    try:
        fit = dawid_skene(answers, options=FitOptions(correlation=0.0, change_max=change))
    finally:
        habits.EVEN, habits.ALIKE = usual
    rows = group_by_task(answers, None)
    seen = max(0.0, calibrate.residual_correlation(rows, fit.habits))
    shares = vote_shares(answers, smoothing=fit.habits.vote_smoothing)
    for least, slope in product(LEAST, SLOPE):
        correlation = min(least + slope * seen, 1.0)
        learned = replace(fit.habits, correlation=correlation, vote_weight=0.0)
        alone = _hierarchy.conclude_rows(rows, learned)
        for vote in VOTE:
            score = score_labels((1.0 - vote) * alone + vote * shares, truth)
            yield (
                (least, slope, vote),
                (score.accuracy, score.log_loss, score.brier, score.calibration_error),
            )
