"""What a fit of numbers learned of the crowd as a whole: all that a verdict needs beside workers.

It stands below `types.py`, whose results carry it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

Scale: TypeAlias = Literal["plain", "log"]

# JSON has no such numbers; null stands for them.
_STANDS_FOR_NULL = {
    "step": math.inf,
    "low": -math.inf,
    "high": math.inf,
    "log_variance": math.nan,
    "variance": math.inf,
}


@dataclass(frozen=True, slots=True)
class NumberCrowd:
    """What holds for all workers and tasks; with each worker's bias and spread it concludes.

    `scale` is plain or log; all but `low`, `high` and `step` is on it, and on the log scale a
    number below `floor` counts as `floor`. `low` and `high` bound the numbers, and `step` is what
    answers that agree may be off where nothing told how far answers lie apart (`distance` 0).

    A task's log variance lies about `log_variance`, nan if unknown, and differs from task to task
    by `log_variance_differs`, a variance; `distance` is the typical median distance to the centre.
    `unit` is the spread of all tasks where answers share one bounded scale, 0 where each task has
    its own. `centre` and `variance` are those of true values, the variance inf where they are not
    believed to be alike. `bias` is a newcomer's, in units of the spread; an answer counts in full
    within `pull` spreads of its worker. `tails` is by how much squared errors exceed what the
    spreads say, `correlation` how much errors go together, `freedom` how many answers told, and
    `pivot` how much of the distance from predictions to answers is gone again beyond the answers.
    """

    scale: Scale
    floor: float
    low: float
    high: float
    step: float = math.inf
    log_variance: float = math.nan
    log_variance_differs: float = 0.0
    distance: float = 0.0
    unit: float = 0.0
    centre: float = 0.0
    variance: float = math.inf
    bias: float = 0.0
    pull: float = 1.0
    tails: float = 1.0
    correlation: float = 0.0
    freedom: int = 1
    pivot: float = 0.0


def crowd_as_json(crowd: NumberCrowd) -> dict[str, Any]:
    """Spell a crowd as JSON can carry it.

    Parameters
    ----------
    crowd : NumberCrowd
        What a fit learned.

    Returns
    -------
    dict
        Null stands for a number without bound or not known.
    """
    given = asdict(crowd)
    for name in _STANDS_FOR_NULL:
        given[name] = given[name] if math.isfinite(given[name]) else None
    return given


def crowd_from_json(given: Mapping[str, Any]) -> NumberCrowd:
    """Return the crowd that `crowd_as_json` spelled; names it does not know are left aside.

    Parameters
    ----------
    given : mapping
        What was kept.

    Returns
    -------
    NumberCrowd
        Equal to the one that was spelled.
    """
    values = {name: given[name] for name in NumberCrowd.__dataclass_fields__}
    for name, stands_for in _STANDS_FOR_NULL.items():
        values[name] = stands_for if values[name] is None else values[name]
    return NumberCrowd(**values)
