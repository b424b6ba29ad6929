"""From a call's counted answers to verdicts: codes in, one fit, rows and a digest out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from dure.calls.tasks.learned import Learned, learn

if TYPE_CHECKING:
    from dure import truth


SEED = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """Answers that count, as columns; row i is one answer. `gold` maps task keys to truths."""

    tasks: list[str]
    workers: list[str]
    values: list[Any]
    gold: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fit:
    """Verdicts as columns, ready to be stored; row i is the verdict on `tasks[i]`."""

    tasks: list[str]
    labels: list[str | None]
    probabilities: list[float | None]
    posteriors: list[float]
    estimates: list[float | None]
    lows: list[float | None]
    highs: list[float | None]
    answers: list[int]
    classes: list[str]
    method: str
    version: str
    outcome: str
    learned: Learned = field(default_factory=Learned)

    def digest(self) -> bytes:
        """A hash of the numbers, to tell whether a fit made again came out the same."""
        # Repeating the fit gives the same bits, and repr gives each float back exactly.
        content = repr((self.tasks, self.labels, self.probabilities, self.posteriors,
                        self.estimates, self.lows, self.highs, self.answers))  # fmt: skip
        return hashlib.sha256(content.encode()).digest()


def fit(*, question: dict[str, Any], counted: Counted) -> Fit:
    if question["type"] == "choice":
        return _fit_choices(counted, classes=[option["value"] for option in question["options"]])
    assert question["type"] == "number", question["type"]
    return _fit_numbers(counted)


def _fit_choices(counted: Counted, *, classes: list[str]) -> Fit:
    # The engine is compiled code of 60 MB: only a process that fits holds it.
    from dure import truth  # noqa: PLC0415  slow import

    coded = truth.code_choices(counted.tasks, counted.workers, counted.values, classes=classes)
    place = {label: code for code, label in enumerate(coded.classes)}
    gold = np.array(
        [place.get(counted.gold.get(key, ""), -1) for key in coded.tasks], dtype=np.int32
    )
    posterior = truth.infer(coded.answers, gold_label=gold, seed=SEED)
    rows = np.arange(len(coded.tasks))
    empty = [None] * len(coded.tasks)
    return Fit(
        tasks=list(coded.tasks),
        labels=[coded.classes[code] for code in posterior.label],
        probabilities=posterior.probability[rows, posterior.label].tolist(),
        posteriors=posterior.probability.ravel().tolist(),
        estimates=list(empty),
        lows=list(empty),
        highs=list(empty),
        answers=posterior.n_answers.tolist(),
        classes=list(coded.classes),
        method=posterior.method,
        version=posterior.version,
        outcome=posterior.outcome.value,
        learned=learn(posterior.habits, workers=coded.workers),
    )


def _fit_numbers(counted: Counted) -> Fit:
    from dure import truth  # noqa: PLC0415  slow import

    coded = truth.code_numbers(counted.tasks, counted.workers, counted.values)
    gold = np.array([counted.gold.get(key, np.nan) for key in coded.tasks], dtype=np.float64)
    estimates = truth.infer_numbers(coded.numbers, gold_value=gold, seed=SEED)
    empty = [None] * len(coded.tasks)
    return Fit(
        tasks=list(coded.tasks),
        labels=list(empty),
        probabilities=list(empty),
        posteriors=[],
        estimates=_finite(estimates.estimate),
        lows=_finite(estimates.low),
        highs=_finite(estimates.high),
        answers=estimates.n_answers.tolist(),
        classes=[],
        method=estimates.method,
        version=estimates.version,
        outcome=estimates.outcome.value,
    )


def _finite(values: truth.types.Floats) -> list[float | None]:
    """Numbers as JSON can carry them: what is unknown or without bound is null."""
    return [value if np.isfinite(value) else None for value in values.tolist()]
