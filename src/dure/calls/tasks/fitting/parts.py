"""What goes into a fit of a call and what comes out, whatever was asked."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dure.calls.tasks.learned import Learned

SEED = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """Answers that count, as columns; row i is one answer.

    `gold` maps task keys to truths. `predictions` is empty, or what each row's worker expects of
    the others. `items` maps task keys to what is compared (left and right) or ranked there, as
    answers call it; those among them that are pictures' addresses are `pictures`, and `names` has
    the others' texts where they are in several languages.
    """

    tasks: list[str]
    workers: list[str]
    values: list[Any]
    gold: dict[str, Any]
    predictions: list[Any] = field(default_factory=list)
    items: dict[str, tuple[str, ...]] = field(default_factory=dict)
    pictures: set[str] = field(default_factory=set)
    names: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ranked:
    """An item's place among all of a call; ranks begin with 1, the interval is of 90 %.

    Items of different `component` were never compared, not even through others.
    """

    item: str
    score: float
    low: float | None
    high: float | None
    rank: int
    rank_low: int
    rank_high: int
    comparisons: int
    component: int


@dataclass(frozen=True, slots=True)
class Fit:
    """Verdicts as columns, ready to be stored; row i is the verdict on `tasks[i]`.

    A column that says nothing is empty. `values` holds what is more than a label or a number, as
    JSON. `classes` are the columns of `posteriors`, which are laid out row by row.
    """

    tasks: list[str]
    answers: list[int]
    method: str
    version: str
    outcome: str
    labels: Sequence[str | None] = ()
    probabilities: Sequence[float | None] = ()
    posteriors: Sequence[float] = ()
    estimates: Sequence[float | None] = ()
    lows: Sequence[float | None] = ()
    highs: Sequence[float | None] = ()
    values: Sequence[Any] = ()
    classes: Sequence[str] = ()
    ranking: Sequence[Ranked] = ()
    learned: Learned = field(default_factory=Learned)

    def digest(self) -> bytes:
        """A hash of the numbers, to tell whether a fit made again came out the same."""
        nothing = [None] * len(self.tasks)
        columns = [self.labels, self.probabilities]
        numbers = [self.estimates, self.lows, self.highs]
        # Repeating the fit gives the same bits, and repr gives each float back exactly.
        said: list[Any] = [
            self.tasks,
            *(list(column) or nothing for column in columns),
            list(self.posteriors),
            *(list(column) or nothing for column in numbers),
            self.answers,
        ]
        # Runs were kept before there were more of these.
        more = [list(column) for column in (self.values, self.ranking) if column]
        return hashlib.sha256(repr(tuple(said + more)).encode()).digest()


def finite(values: NDArray[np.float64]) -> list[float | None]:
    """Numbers as JSON can carry them: what is unknown or without bound is null."""
    return [value if math.isfinite(value) else None for value in values.tolist()]
