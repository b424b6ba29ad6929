"""Verdicts on answers that are numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from dure.calls.tasks.fitting.parts import SEED, Counted, Fit, finite


def fit_numbers(_question: dict[str, Any], counted: Counted) -> Fit:
    from dure import truth  # noqa: PLC0415  slow import

    coded = truth.code_numbers(counted.tasks, counted.workers, counted.values)
    gold = np.array([counted.gold.get(key, np.nan) for key in coded.tasks], dtype=np.float64)
    estimates = truth.infer_numbers(coded.numbers, gold_value=gold, seed=SEED)
    return Fit(
        tasks=list(coded.tasks),
        estimates=finite(estimates.estimate),
        lows=finite(estimates.low),
        highs=finite(estimates.high),
        answers=estimates.n_answers.tolist(),
        method=estimates.method,
        version=estimates.version,
        outcome=estimates.outcome.value,
    )
