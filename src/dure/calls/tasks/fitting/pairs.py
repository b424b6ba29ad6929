"""Verdicts on tasks that ask which of two items is more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dure.calls.tasks.fitting.parts import SEED, Counted, Fit
from dure.calls.tasks.fitting.ranked import ranked
from dure.calls.tasks.learned import CELLS_MAX, Learned

if TYPE_CHECKING:
    from dure.truth.coding_order import CodedPairs
    from dure.truth.types import Floats, Ranking


def fit_pairs(_question: dict[str, Any], counted: Counted) -> Fit:
    """The chance of each task's verdict is that the items' difference is so, not that of a vote.

    `values` keeps what is known of the two without the task's own votes, which explaining needs.
    """
    from dure import truth  # noqa: PLC0415  slow import
    from dure.truth.coding_order import SIDES  # noqa: PLC0415  slow import
    from dure.truth.pair_chances import difference_of  # noqa: PLC0415  slow import

    counted = _of_two_items(counted)
    answered = set(counted.tasks)
    coded = truth.code_pairs(
        counted.tasks,
        counted.workers,
        counted.values,
        items={task: two for task, two in counted.items.items() if task in answered},
        gold=counted.gold,
    )
    ranking = truth.infer_pairs(coded.comparisons, gold=coded.gold, seed=SEED)
    chance = _with_gold(coded, counted, truth.order_of(
        ranking, coded.left_of_task, coded.right_of_task
    ))  # fmt: skip
    mean, variance = difference_of(ranking, coded.left_of_task, coded.right_of_task)
    before = truth.before_votes(
        ranking,
        coded.comparisons,
        task_of_answer=coded.task_of_answer,
        left_of_task=coded.left_of_task,
        right_of_task=coded.right_of_task,
    )
    label = chance.argmax(axis=1)
    n_tasks = len(coded.tasks)
    return Fit(
        tasks=list(coded.tasks),
        labels=[SIDES[side] for side in label.tolist()],
        probabilities=chance[np.arange(n_tasks), label].tolist(),
        posteriors=chance.ravel().tolist(),
        values=[
            {"difference": at, "deviation": off, "left": left, "right": right, "variance": known}
            for at, off, left, right, known in zip(
                mean.tolist(),
                np.sqrt(variance).tolist(),
                *(one.tolist() for one in before),
                strict=True,
            )
        ],
        answers=np.bincount(coded.task_of_answer, minlength=n_tasks).tolist(),
        classes=list(SIDES),
        method=ranking.method,
        version=ranking.version,
        outcome=ranking.outcome.value,
        ranking=ranked(coded.items, ranking),
        learned=_learned(ranking, coded),
    )


def _of_two_items(counted: Counted) -> Counted:
    """Without tasks that show one item on both sides: they say nothing, so they get no verdict."""
    alike = {task for task, (left, right) in counted.items.items() if left == right}
    if not alike:
        return counted
    kept = [row for row, task in enumerate(counted.tasks) if task not in alike]
    return replace(
        counted,
        tasks=[counted.tasks[row] for row in kept],
        workers=[counted.workers[row] for row in kept],
        values=[counted.values[row] for row in kept],
        gold={task: side for task, side in counted.gold.items() if task not in alike},
        items={task: two for task, two in counted.items.items() if task not in alike},
    )


def _with_gold(coded: CodedPairs, counted: Counted, chance: Floats) -> Floats:
    """What is known is certain."""
    from dure.truth.coding_order import SIDE_OF_WORD  # noqa: PLC0415  slow import

    for row, task in enumerate(coded.tasks):
        if task in counted.gold:
            chance[row] = 0.0
            chance[row, SIDE_OF_WORD[counted.gold[task]]] = 1.0
    return chance


def _learned(ranking: Ranking, coded: CodedPairs) -> Learned:
    from dure.truth import PairHabits  # noqa: PLC0415  slow import

    habits = ranking.habits
    assert isinstance(habits, PairHabits)
    if habits.workers.size > CELLS_MAX:
        return Learned()
    shared = {
        "kind": "pair",
        "newcomer": habits.newcomer.tolist(),
        "score_variance": habits.score_variance,
        "pair_variance": habits.pair_variance,
        "knows_ties": habits.knows_ties,
        "same_within": habits.same_within,
    }
    return Learned(shared, coded.workers, habits.workers)
