"""The one stopping rule: stop when the mean change is small, after so many rounds, or when told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from dure.truth.types import Outcome, Progress

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Fit(Generic[State]):
    """The state a fit ended in, and how."""

    state: State
    outcome: Outcome
    n_iterations: int
    last_change: float


def iterate(
    step: Callable[[State], tuple[State, float]],
    start: State,
    *,
    change_max: float,
    n_iterations_max: int,
    progress: Progress | None = None,
) -> Fit[State]:
    """Step until the mean change, which `step` returns beside the state, is at most `change_max`.

    The mean, not the largest: one task between two labels can swing long after the rest stand.
    """
    state, change = start, float("inf")
    for n_iterations in range(1, n_iterations_max + 1):
        state, change = step(state)
        if change <= change_max:
            return Fit(state, Outcome.SETTLED, n_iterations, change)
        told = progress(n_iterations, change) if progress is not None else None
        # A comparison of arrays gives numpy's own False.
        if isinstance(told, bool | np.bool_) and not told:
            return Fit(state, Outcome.STOPPED, n_iterations, change)
    return Fit(state, Outcome.NOT_SETTLED, n_iterations_max, change)
