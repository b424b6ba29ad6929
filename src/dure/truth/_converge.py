"""The one stopping rule: stop when the mean change is small, or after so many rounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from dure.truth.types import Outcome

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Fit(Generic[State]):
    """The state a fit ended in, and how."""

    state: State
    outcome: Outcome
    n_iterations: int
    last_change: float


def iterate(
    step: Callable[[State], State],
    start: State,
    *,
    mean_change: Callable[[State, State], float],
    change_max: float,
    n_iterations_max: int,
) -> Fit[State]:
    """Step until the mean change is at most `change_max`.

    The mean, not the largest: one task between two labels can swing long after the rest stand.
    """
    state, change = start, float("inf")
    for n_iterations in range(1, n_iterations_max + 1):
        following = step(state)
        change = mean_change(state, following)
        state = following
        if change <= change_max:
            return Fit(state, Outcome.SETTLED, n_iterations, change)
    return Fit(state, Outcome.NOT_SETTLED, n_iterations_max, change)
