"""Verdicts on items in order, as comparisons and rankings both have them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dure.doors.cli.aggregating.parts import Columns, texts
from dure.truth import Ranking


def verdicts_on_items(items: Sequence[str], ranking: Ranking) -> Columns:
    """The first one first; items of one rank by name."""
    order = np.lexsort((np.arange(len(items)), ranking.rank))
    return {
        "item": texts(items)[order],
        "score": ranking.score[order],
        "low": ranking.low[order],
        "high": ranking.high[order],
        "rank": ranking.rank[order],
        "comparisons": ranking.n_comparisons[order],
        "rank_low": ranking.rank_low[order],
        "rank_high": ranking.rank_high[order],
        "component": ranking.component[order],
    }


def notes_on_gold(n_known: int) -> list[str]:
    """A known order informs scores and does not fix them."""
    return [f"Known from --gold and heard as an expert's word: {n_known} tasks."] if n_known else []


def notes_on_components(ranking: Ranking) -> list[str]:
    n_apart = int(ranking.component.max(initial=-1)) + 1
    if n_apart < 2:
        return []
    return [
        (
            f"The items fall into {n_apart} parts with no comparison between them; scores of "
            "different parts (column component) can't be compared."
        )
    ]
