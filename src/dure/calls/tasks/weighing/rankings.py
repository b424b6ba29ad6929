"""How far each ranking moved one of a task's items."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from statistics import NormalDist
from typing import Any

from dure.calls.tasks.weighing.parts import Beside, Moved, Seen, weights_of

# Answers times items times items: each answer is solved for all items at once.
CELLS_MAX = 2**22


def weigh_ranking(seen: Seen, about: str) -> Moved | None:
    """Of the item that is asked for, else of the first one."""
    items = (seen.value or {}).get("items") or []
    if not items or len(seen.answers) * len(items) ** 2 > CELLS_MAX:
        return None
    import numpy as np  # noqa: PLC0415  slow import

    from dure.truth.explain_rankings import explain_ranking  # noqa: PLC0415  slow import
    from dure.truth.types import Rankings  # noqa: PLC0415  slow import

    names = [one["item"] for one in items]
    place = {name: at for at, name in enumerate(names)}
    n_answers, spread = len(seen.answers), seen.learned["score_variance"]
    lengths = [len(value) for value in seen.values]
    explained = explain_ranking(
        np.array([one["score"] for one in items], dtype=np.float64),
        np.array(_variances(items, spread), dtype=np.float64),
        Rankings(
            worker_of_answer=np.arange(n_answers, dtype=np.int32),
            starts=np.array(list(accumulate(lengths, initial=0)), dtype=np.int64),
            item_of_place=np.array(
                [place[name] for value in seen.values for name in value], dtype=np.int32
            ),
            n_items=len(items),
            n_workers=n_answers,
        ),
        np.array(seen.habits, dtype=np.float64),
        score_variance=spread,
    )
    at = place.get(about, 0)
    return Moved(
        kind="rank",
        start=0.0,
        answers=weights_of(seen, explained.moved_by_answer[:, at].tolist()),
        besides=(Beside("elsewhere", float(explained.elsewhere[at])),),
        end=float(explained.score[at]),
        is_known=seen.is_known,
        item=names[at],
        others=tuple(names),
        truth=names if seen.is_known else None,
    )


def _variances(items: Sequence[dict[str, Any]], spread: float) -> list[float]:
    """From the intervals of 90 %; an item without one was never compared."""
    wide = 2.0 * NormalDist().inv_cdf(0.95)
    return [
        spread if one["low"] is None else ((one["high"] - one["low"]) / wide) ** 2 for one in items
    ]
