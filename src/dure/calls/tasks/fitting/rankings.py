"""Verdicts on tasks that ask to put items in order."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dure.calls.tasks.fitting.parts import SEED, Counted, Fit, Ranked
from dure.calls.tasks.fitting.ranked import ranked
from dure.calls.tasks.learned import CELLS_MAX, Learned

if TYPE_CHECKING:
    from dure.truth.coding_order import CodedRankings
    from dure.truth.types import Ranking


# Between a task and an item, where a task's items are its own; no text that people type has it.
WITHIN = "\x1f"


def fit_rankings(question: dict[str, Any], counted: Counted) -> Fit:
    """One fit over all tasks' items, where an item of one name is one item.

    Where the question has options, each task ranks them for itself: its order is of its own
    scores, from a fit in which tasks share only what workers are like and how far scores lie
    apart. The order over all tasks still pools them.
    """
    from dure import truth  # noqa: PLC0415  slow import

    coded = _code(counted, of_task="")
    whole = truth.infer_rankings(coded.rankings, gold=coded.gold, seed=SEED)
    everything = ranked(coded.items, whole)
    own_coded, own = coded, whole
    if question.get("options"):
        own_coded = _code(counted, of_task=WITHIN)
        own = truth.infer_rankings(own_coded.rankings, gold=own_coded.gold, seed=SEED)
        by_task = _by_task(ranked(own_coded.items, own))
        listed = [_alone(by_task[task], n_all=len(own_coded.items)) for task in coded.tasks]
    else:
        by_name = {one.item: one for one in everything}
        sizes = Counter(one.component for one in everything)
        n_all = len(everything)
        listed = [
            _among(by_name, counted.items[task], sizes=sizes, n_all=n_all) for task in coded.tasks
        ]
    values = [
        _as_known(items, counted.gold.get(task))
        for task, items in zip(coded.tasks, listed, strict=True)
    ]
    return Fit(
        tasks=list(coded.tasks),
        labels=[json.dumps([one["item"] for one in items], ensure_ascii=False) for items in values],
        values=[{"items": items} for items in values],
        answers=np.bincount(coded.task_of_answer, minlength=len(coded.tasks)).tolist(),
        method=own.method,
        version=own.version,
        outcome=own.outcome.value,
        ranking=everything,
        learned=_learned(own, own_coded),
    )


def _code(counted: Counted, *, of_task: str) -> CodedRankings:
    """Code the answers; items are named after their task where `of_task` stands between."""
    from dure import truth  # noqa: PLC0415  slow import

    def named(task: str, items: Iterable[str]) -> list[str]:
        return [f"{task}{of_task}{item}" if of_task else item for item in items]

    answered = sorted(set(counted.tasks))
    return truth.code_rankings(
        counted.tasks,
        counted.workers,
        [named(task, value) for task, value in zip(counted.tasks, counted.values, strict=True)],
        items=[one for task in answered for one in named(task, counted.items[task])],
        gold={task: named(task, counted.gold[task]) for task in answered if task in counted.gold},
    )


def _by_task(everything: list[Ranked]) -> dict[str, list[Ranked]]:
    by_task: dict[str, list[Ranked]] = {}
    for one in everything:
        by_task.setdefault(one.item.rpartition(WITHIN)[0], []).append(one)
    return by_task


def _alone(items: list[Ranked], *, n_all: int) -> list[dict[str, Any]]:
    """A task's own items; those of other tasks, which may lie anywhere, don't widen its ranks."""
    ranks = [one.rank for one in items]
    beyond = n_all - len(items)
    return [
        _kept(
            one,
            name=one.item.rpartition(WITHIN)[2],
            ranks=(1 + ranks.index(one.rank), one.rank_low, one.rank_high - beyond),
        )
        for one in items
    ]


def _among(
    by_name: dict[str, Ranked], names: Iterable[str], *, sizes: Counter[int], n_all: int
) -> list[dict[str, Any]]:
    """A task's items by all scores, and their ranks among themselves.

    Those of other components may lie anywhere; where others are in between, the interval leaves
    out who surely lies beyond it.
    """
    items = sorted((by_name[name] for name in set(names)), key=lambda one: (one.rank, one.item))
    ranks = [one.rank for one in items]
    # Where each may lie within its component.
    within = [
        (one.component, one.rank_low, one.rank_high - (n_all - sizes[one.component]))
        for one in items
    ]
    lows_of: dict[int, list[int]] = {}
    highs_of: dict[int, list[int]] = {}
    for component, low, high in within:
        insort(lows_of.setdefault(component, []), low)
        insort(highs_of.setdefault(component, []), high)
    kept = []
    for one, (component, low, high) in zip(items, within, strict=True):
        lows, highs = lows_of[component], highs_of[component]
        ends = low, high
        if len(lows) < sizes[component]:
            ends = 1 + bisect_left(highs, low), bisect_right(lows, high)
        place = 1 + ranks.index(one.rank)
        most = ends[1] + len(items) - len(lows)
        kept.append(_kept(one, name=one.item, ranks=(place, min(ends[0], place), max(most, place))))
    return kept


def _as_known(items: list[dict[str, Any]], order: Sequence[str] | None) -> list[dict[str, Any]]:
    """Items in the known order, each in its place for certain; items that it lacks come after."""
    if not order:
        return items
    place = {item: at for at, item in enumerate(order)}
    known = sorted(
        (one for one in items if one["item"] in place), key=lambda one: place[one["item"]]
    )
    if len(known) < len(items):
        return known + [one for one in items if one["item"] not in place]
    return [
        one | dict.fromkeys(("rank", "rank_low", "rank_high"), at + 1)
        for at, one in enumerate(known)
    ]


def _kept(one: Ranked, *, name: str, ranks: tuple[int, int, int]) -> dict[str, Any]:
    """An item as a verdict keeps it, with its rank and the ends of its rank's interval."""
    rank, low, high = ranks
    return {
        "item": name,
        "score": one.score,
        "low": one.low,
        "high": one.high,
        "rank": rank,
        "rank_low": low,
        "rank_high": high,
    }


def _learned(ranking: Ranking, coded: CodedRankings) -> Learned:
    from dure.truth import RankHabits  # noqa: PLC0415  slow import

    habits = ranking.habits
    assert isinstance(habits, RankHabits)
    if habits.workers.size > CELLS_MAX:
        return Learned()
    shared = {
        "kind": "rank",
        "newcomer": habits.newcomer.tolist(),
        "score_variance": habits.score_variance,
    }
    return Learned(shared, coded.workers, habits.workers)
