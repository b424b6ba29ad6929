"""Estimates of each recorded crowd by constants that the other crowds chose.

What the engine does not learn from a call's own answers: how strongly workers are believed to be
alike and how much surer than the crowd one can be, how far quantities are lifted and from where
an answer's pull ends on the log scale, and, without known values, how much errors go together.
How far estimates lean towards what is usual stays as it is: over all crowds none, a quarter and a
half do equally well, but half of them gain what the others lose, so that choosing it on the
others would choose against each crowd. Each crowd is concluded with the values that had the
least mean ratio on the others (RMSE to the best of mean, median and trimmed mean), and then with
the correlation whose intervals covered nearest to .90 of the others' truths, pooled.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

STRENGTH = (20.0, 50.0, 100.0)
SUREST = (0.0, 0.8, 1.0)
LIFT = (0.2, 0.3, 0.4, 0.5)
PULL = (2.0, 4.0)
CORRELATION = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
AIM = 0.9


def held_out(crowds: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Each crowd's `ratio`, `coverage` and mean `width` by what the others chose, and the choice.

    `crowds[name]` has a `conclude(correlation)` and a `score(estimates)`, which returns the
    ratio, the coverage and the width; `is_quantity` where the log scale fits, and `n_tasks`.
    """
    names = list(crowds)
    points = list(product(STRENGTH, SUREST, LIFT, PULL))
    ratio = np.empty((len(points), len(names)))
    scores: dict[Any, tuple[float, float, float]] = {}
    for at, name in enumerate(names):
        for row, point in enumerate(points):
            ratio[row, at] = _score(crowds[name], scores, name, point, 0.8)[0]
    found = {}
    for at, name in enumerate(names):
        others = np.delete(ratio, at, axis=1)
        point = points[int(others.mean(axis=1).argmin())]
        rest = [other for other in names if other != name]
        n_tasks = [crowds[other]["n_tasks"] for other in rest]
        far = [
            abs(np.average([_score(crowds[two], scores, two, point, one)[1] for two in rest],
                           weights=n_tasks) - AIM)
            for one in CORRELATION
        ]  # fmt: skip
        correlation = CORRELATION[int(np.argmin(far))]
        own = _score(crowds[name], scores, name, point, correlation)
        found[name] = dict(zip(("ratio", "coverage", "width"), own, strict=True)) | {
            "correlation": correlation,
            **dict(zip(("strength", "surest", "lift", "pull"), point, strict=True)),
        }
    return found


def _score(
    crowd: Any, scores: dict[Any, Any], name: str, point: tuple[float, ...], correlation: float
) -> tuple[float, float, float]:
    # The lift and the pull of logarithms change nothing elsewhere.
    key = (name, point if crowd["is_quantity"] else point[:2], correlation)
    if key not in scores:
        scores[key] = crowd["score"](_with(point, lambda: crowd["conclude"](correlation)))
    return scores[key]


def _with(point: tuple[float, ...], conclude: Any) -> Any:
    from dure.truth import _number_fit

    names = ("SPREAD_STRENGTH", "WORKER_SPREAD_MIN", "LIFT", "PULL_MAX_LOG")
    usual = [getattr(_number_fit, name) for name in names]
    try:
        for name, value in zip(names, point, strict=True):
            setattr(_number_fit, name, value)
        return conclude()
    finally:
        for name, value in zip(names, usual, strict=True):
            setattr(_number_fit, name, value)
