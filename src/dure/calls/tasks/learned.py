"""What a fit learned of its workers, kept beside the verdicts so that weights are told later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from django.db import connection
from numpy.typing import NDArray

if TYPE_CHECKING:
    from dure.truth.surprise_types import Surprise, SurpriseTerms
    from dure.truth.types import Habits

# A call whose workers' habits have more numbers keeps none: an eighth of a gigabyte for each fit.
CELLS_MAX = 2**24
CELLS_AT_ONCE = 2**20
# Runs stay for good, so a larger matrix of a newcomer is left out; no weight needs it.
NEWCOMER_CELLS_MAX = 1024


@dataclass(frozen=True, slots=True)
class Learned:
    """`shared` is what holds for all; row i of `concentrations` is the worker's `workers[i]`."""

    shared: dict[str, Any] = field(default_factory=dict)
    workers: Sequence[str] = ()
    concentrations: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))


def learn(habits: Habits | None, *, workers: Sequence[str]) -> Learned:
    """Habits as they are kept; nothing where a method learns none or there are too many."""
    if habits is None or habits.concentration.size > CELLS_MAX:
        return Learned()
    is_small = habits.newcomer.size <= NEWCOMER_CELLS_MAX
    shared = {
        "n_labels": habits.n_labels,
        # Of one worker's numbers, which are kept in one row.
        "shape": list(habits.newcomer.shape),
        "newcomer": habits.newcomer.tolist() if is_small else None,
        "prevalence": habits.prevalence.tolist(),
        "correlation": habits.correlation,
        "sharpness": habits.sharpness,
        "vote_weight": habits.vote_weight,
        "vote_smoothing": habits.vote_smoothing,
    }
    rows = habits.concentration.reshape(len(workers), habits.newcomer.size)
    return Learned(shared, workers, rows)


def recall(shared: dict[str, Any], concentrations: list[list[float]]) -> Habits:
    """The habits of some workers, each as one row, to the last digit as they were learned."""
    from dure.truth.types import Habits  # noqa: PLC0415  slow import

    shape = tuple(shared["shape"])
    newcomer = shared["newcomer"]
    return Habits(
        concentration=np.array(concentrations, dtype=np.float64).reshape(-1, *shape),
        newcomer=np.full(shape, np.nan) if newcomer is None else np.array(newcomer),
        prevalence=np.array(shared["prevalence"], dtype=np.float64),
        n_labels=shared["n_labels"],
        correlation=shared["correlation"],
        sharpness=shared["sharpness"],
        vote_weight=shared["vote_weight"],
        vote_smoothing=shared["vote_smoothing"],
    )


def shared_of_surprise(surprise: Surprise) -> dict[str, Any]:
    """What is kept beside the habits of a fit that heard predictions."""
    terms, reasons = surprise.terms, surprise.reasons
    return {
        "kind": "surprise",
        "believes_surprising": surprise.believes_surprising,
        "evidence": surprise.evidence,
        "reasons": {
            "recorded": reasons.recorded,
            "share": reasons.share,
            "skill": reasons.skill,
            "gold": reasons.gold,
        },
        "lean": terms.lean.tolist(),
        "n_expected": terms.n_expected,
        "surprise_sharpness": terms.sharpness,
        "trust": terms.trust,
    }


def recall_terms(shared: dict[str, Any]) -> SurpriseTerms | None:
    """The terms as they were; None where no predictions were heard or none are believed."""
    if not shared.get("believes_surprising"):
        return None
    from dure.truth.surprise_types import SurpriseTerms  # noqa: PLC0415  slow import

    return SurpriseTerms(
        lean=np.array(shared["lean"], dtype=np.float64),
        n_expected=shared["n_expected"],
        sharpness=shared["surprise_sharpness"],
        trust=shared["trust"],
    )


def put_habits(*, call_id: int, run_id: int, as_of: datetime, learned: Learned) -> None:
    """Put what a run learned of its workers in place of the last run's, within a transaction."""
    n_cells = learned.concentrations.shape[1]
    n_rows = max(1, CELLS_AT_ONCE // max(n_cells, 1))
    with connection.cursor() as cursor:
        for start in range(0, len(learned.workers), n_rows):
            rows = slice(start, start + n_rows)
            cursor.execute(
                "select tasks_put_habits(%s, %s, %s, %s::varchar[], %s::float8[])",
                [
                    call_id,
                    run_id,
                    as_of,
                    list(learned.workers[rows]),
                    _spell(learned.concentrations[rows]),
                ],
            )
        cursor.execute("select tasks_drop_habits(%s, %s)", [call_id, run_id])


def _spell(numbers: NDArray[np.float64]) -> str:
    """An array as PostgreSQL reads it, each number with as many digits as give it back exactly."""
    flat = np.ascontiguousarray(numbers).ravel()
    return "{" + orjson.dumps(flat, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].decode() + "}"
