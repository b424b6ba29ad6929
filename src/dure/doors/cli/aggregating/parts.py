"""What `dure aggregate` was asked, and what its parts hand each other."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dure.doors.files.answers import read_truth
from dure.doors.files.drawings import Drawing
from dure.truth import Outcome
from dure.truth.types import Floats, Ints, Progress
from dure.truth.validate import VALUE_MAX

Columns: TypeAlias = dict[str, NDArray[Any]]
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Request:
    """The command's options as they were given; '' is one that was not."""

    answers: str
    out: str
    columns: str = ""
    kind: str = "auto"
    method: str = "auto"
    classes: str = ""
    gold: str = ""
    truth: str = ""
    workers: str = ""
    plot: str = ""
    predictions: str = ""
    least: str = ""
    most: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A file, what to call it in messages, and what its columns are called."""

    path: Path
    file: str
    columns: dict[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Conclusion:
    """What to write, and what to tell the user."""

    verdicts: Columns
    workers: Columns
    notes: list[str]
    plot: Drawing | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told of the steps and of a fit's rounds."""

    step: Callable[[str], None]
    fit_round: Progress | None = None


class Skilled(Protocol):
    """A result of the engine that tells the workers' skill, with its 90 % interval."""

    @property
    def skill(self) -> Floats: ...

    @property
    def skill_low(self) -> Floats: ...

    @property
    def skill_high(self) -> Floats: ...


def number_of(text: str) -> float | None:
    """The number that a text is, if it is one that the engine can take."""
    if not NUMBER.fullmatch(text.strip()):
        return None
    value = float(text)
    return value if abs(value) <= VALUE_MAX else None


def truth_of(given: str) -> tuple[dict[str, str], dict[str, int]]:
    return read_truth(Path(given), file=given) if given else ({}, {})


def texts(names: Sequence[str]) -> NDArray[Any]:
    array = np.empty(len(names), dtype=object)
    array[:] = names
    return array


def worker_columns(workers: Sequence[str], told: Skilled, worker_of_answer: Ints) -> Columns:
    """How good each worker is, and how many answers they gave."""
    return {
        "worker": texts(workers),
        "skill": told.skill,
        "skill_low": told.skill_low,
        "skill_high": told.skill_high,
        "answers": np.bincount(worker_of_answer, minlength=len(workers)).astype(np.int32),
    }


def notes_on_fit(outcome: Outcome, *, n_known: int) -> list[str]:
    notes = [f"Known from --gold and held fixed: {n_known} tasks."] if n_known else []
    if outcome not in (Outcome.SETTLED, Outcome.DIRECT):
        notes.append(outcome.value)
    return notes


def notes_on_left_out(n_predictions: int, *, file: str) -> list[str]:
    if not n_predictions:
        return []
    return [f"{file}: left out {n_predictions} predictions without an answer."]
