"""What a board shows of a fit as a whole, worked out where the fit is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dure.calls.tasks.fitting.parts import Fit

BINS = 10
NORMAL_95 = 1.96


def summarise(result: Fit) -> dict[str, Any]:
    """Shares of classes with intervals, how sure verdicts are, how numbers are spread; as JSON."""
    if result.classes:
        return _of_choices(result)
    return _of_numbers(result)


def _of_choices(result: Fit) -> dict[str, Any]:
    n_tasks, n_classes = len(result.tasks), len(result.classes)
    if n_tasks == 0:
        return {"tasks": 0}
    posterior = np.asarray(result.posteriors).reshape(n_tasks, n_classes)
    sure = np.asarray(result.probabilities, dtype=np.float64)
    # How many of these tasks are of a class: a sum of as many coins as there are tasks, each with
    # its own probability, so its variance is the sum of theirs.
    share = posterior.mean(axis=0)
    margin = NORMAL_95 * np.sqrt((posterior * (1 - posterior)).sum(axis=0)) / n_tasks
    return {
        "tasks": n_tasks,
        "confidence": float(sure.mean()),
        "sure": np.histogram(sure, bins=BINS, range=(0.0, 1.0))[0].tolist(),
        "shares": [
            {
                "value": value,
                "share": float(share[k]),
                "low": float(max(0.0, share[k] - margin[k])),
                "high": float(min(1.0, share[k] + margin[k])),
            }
            for k, value in enumerate(result.classes)
        ],
    }


def _of_numbers(result: Fit) -> dict[str, Any]:
    estimates = _known(result.estimates)
    if estimates.size == 0:
        return {"tasks": 0}
    counts, edges = np.histogram(estimates, bins=min(BINS, max(1, np.unique(estimates).size)))
    widths = _known(
        [
            None if low is None or high is None else high - low
            for low, high in zip(result.lows, result.highs, strict=True)
        ]
    )
    return {
        "tasks": int(estimates.size),
        "spread": {"counts": counts.tolist(), "edges": edges.tolist()},
        "median": float(np.median(estimates)),
        "width": float(np.median(widths)) if widths.size else None,
    }


def _known(values: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array([value for value in values if value is not None], dtype=np.float64)
