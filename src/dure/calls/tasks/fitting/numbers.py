"""Verdicts on answers that are numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dure.calls.tasks.fitting.parts import SEED, Counted, Fit, finite
from dure.calls.tasks.learned import Learned
from dure.calls.tasks.questions import NUMBER_MAX

if TYPE_CHECKING:
    from dure.truth.types import Estimates


def fit_numbers(question: dict[str, Any], counted: Counted) -> Fit:
    from dure import truth  # noqa: PLC0415  slow import

    values = _within_reach(counted.values).tolist()
    coded = truth.code_numbers(counted.tasks, counted.workers, values)
    gold = _within_reach([counted.gold.get(key, np.nan) for key in coded.tasks])
    estimates = truth.infer_numbers(
        coded.numbers,
        gold_value=gold,
        low=question.get("min"),
        high=question.get("max"),
        predictions=_predictions(counted, coded.row_of_answer),
        seed=SEED,
    )
    shared = {"kind": "number", **truth.crowd_as_json(estimates.crowd)}
    return Fit(
        tasks=list(coded.tasks),
        estimates=finite(estimates.estimate),
        lows=finite(estimates.low),
        highs=finite(estimates.high),
        values=_pivots(estimates),
        answers=estimates.n_answers.tolist(),
        method=estimates.method,
        version=estimates.version,
        outcome=estimates.outcome.value,
        learned=Learned(shared, coded.workers, estimates.habits),
    )


def _predictions(counted: Counted, row_of_answer: NDArray[np.int64]) -> NDArray[np.float64] | None:
    if all(one is None for one in counted.predictions):
        return None
    given = [np.nan if one is None else one for one in counted.predictions]
    return _within_reach(given)[row_of_answer]


def _within_reach(numbers: Sequence[float]) -> NDArray[np.float64]:
    """Rows may be older than the limit of what is answered: one of them must not stop a call."""
    return np.clip(np.array(numbers, dtype=np.float64), -NUMBER_MAX, NUMBER_MAX)


def _pivots(estimates: Estimates) -> list[dict[str, Any] | None]:
    if estimates.pivot is None:
        return []
    is_used = bool(estimates.crowd.pivot)
    return [
        None if pivot is None else {"pivot": pivot, "is_used": is_used}
        for pivot in finite(estimates.pivot)
    ]
