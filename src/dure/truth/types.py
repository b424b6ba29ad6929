"""What goes into the engine and what comes out: arrays in frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int32]
Floats: TypeAlias = NDArray[np.float64]

NO_LABEL = -1


class Outcome(Enum):
    """How a fit ended; the value is the sentence to show."""

    DIRECT = "Computed directly from the counts; nothing had to settle."
    SETTLED = "The fit settled: another round would have changed almost nothing."
    NOT_SETTLED = (
        "The fit was still changing when it reached its largest number of rounds; "
        "the answers may support two readings about equally well. "
        "More answers or some tasks with a known truth would help."
    )
    SPREAD_UNKNOWN = (
        "No two answers to one task differ, so how far answers usually lie from the truth "
        "cannot be told; the intervals are unbounded. Ask several people for each task."
    )
    NO_ANSWERS = "There were no answers, so nothing was concluded. Collect some first."


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Answers that name one of a few labels; row i is one answer."""

    task_of_answer: Ints
    worker_of_answer: Ints
    label_of_answer: Ints
    n_tasks: int
    n_workers: int
    n_labels: int


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Answers that are numbers; row i is one answer."""

    task_of_answer: Ints
    worker_of_answer: Ints
    value_of_answer: Floats
    n_tasks: int
    n_workers: int


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """What the answers say of each task's label, and how sure they are.

    Each row of `probability` sums to 1. `label` is NO_LABEL (-1) for a task without answers.
    `skill` is the chance that a worker's answer is right, nan for a worker without answers.
    """

    probability: Floats
    label: Ints
    n_answers: Ints
    skill: Floats
    outcome: Outcome
    n_iterations: int
    last_change: float
    method: str
    version: str
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """What the answers say of each task's number, with a 90 % interval.

    `estimate`, `low` and `high` are nan for a task without answers; `low` is -inf and `high`
    inf where the spread is unknown. `skill` is 1 / (1 + the worker's squared error in units of
    the crowd's), so .5 is the crowd's own; nan for a worker without answers.
    """

    estimate: Floats
    low: Floats
    high: Floats
    n_answers: Ints
    skill: Floats
    outcome: Outcome
    n_iterations: int
    last_change: float
    method: str
    version: str
    seed: int
