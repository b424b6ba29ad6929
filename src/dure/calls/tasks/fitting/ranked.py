"""Items in order, as a fit gives them and as a verdict keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dure.calls.tasks.fitting.parts import Ranked, finite

if TYPE_CHECKING:
    from dure.truth.types import Ranking


def ranked(items: Sequence[str], ranking: Ranking) -> list[Ranked]:
    """All items, the first one first; those of one rank by name."""
    columns = zip(
        items,
        ranking.score.tolist(),
        finite(ranking.low),
        finite(ranking.high),
        ranking.rank.tolist(),
        ranking.rank_low.tolist(),
        ranking.rank_high.tolist(),
        ranking.n_comparisons.tolist(),
        ranking.component.tolist(),
        strict=True,
    )
    return sorted((Ranked(*column) for column in columns), key=lambda one: (one.rank, one.item))
