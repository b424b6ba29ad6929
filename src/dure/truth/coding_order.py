"""The one coding of comparisons and rankings to integers; see `coding`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth.coding import Ids, _canonical_order, _check_lengths, _code
from dure.truth.types import LEFT, RIGHT, SAME, Comparisons, Ints, Rankings
from dure.truth.validate import BadAnswers

SIDES = ("left", "right", "same")
SIDE_OF_WORD = {"left": LEFT, "right": RIGHT, "same": SAME}


@dataclass(frozen=True, slots=True, eq=False)
class CodedPairs:
    """Coded comparisons with the ids behind the codes; `items[code]` is an item's name.

    `left_of_task` and `right_of_task` say what each of `tasks` compares, `row_of_answer[i]` is
    the row of the input that became answer i, and `gold` is None where nothing is known.
    """

    comparisons: Comparisons
    gold: Comparisons | None
    tasks: tuple[str, ...]
    items: tuple[str, ...]
    workers: tuple[str, ...]
    left_of_task: Ints
    right_of_task: Ints
    task_of_answer: Ints
    row_of_answer: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class CodedRankings:
    """Coded rankings with the ids behind the codes; see `CodedPairs`."""

    rankings: Rankings
    gold: Rankings | None
    tasks: tuple[str, ...]
    items: tuple[str, ...]
    workers: tuple[str, ...]
    task_of_answer: Ints
    row_of_answer: NDArray[np.int64]


def code_pairs(
    tasks: Ids,
    workers: Ids,
    sides: Sequence[str],
    *,
    items: Mapping[str, tuple[str, ...]],
    gold: Mapping[str, str] | None = None,
) -> CodedPairs:
    """Code answers that say which of two is more.

    Ids are sorted by code point, and rows by task and worker, so the order of the rows changes
    nothing.

    Parameters
    ----------
    tasks, workers : (n_answers,) text
        Row i is one answer; at most one for each task and worker.
    sides : (n_answers,) text
        left, right or same.
    items : mapping of text to (left, right)
        What each task compares; tasks without answers may be among them.
    gold : mapping of text to text, optional
        The known side of some tasks; others than those of `items` are not looked at.

    Returns
    -------
    CodedPairs
        The answers in canonical order, with the ids behind the codes.

    Raises
    ------
    BadAnswers
        If the columns differ in length, a side is another word, a task has no two items, or a
        worker answered a task twice.
    """
    _check_lengths(tasks=tasks, workers=workers, sides=sides)
    rows = range(len(tasks))
    task_ids, task_codes = _code(tasks, known=items, noun="task", rows=rows)
    worker_ids, worker_codes = _code(workers, known=None, noun="worker", rows=rows)
    order = _canonical_order(task_codes, worker_codes, task_ids, worker_ids, rows)
    names = tuple(sorted({name for two in items.values() for name in two}))
    place = {name: code for code, name in enumerate(names)}
    for name in task_ids:
        if len(items[name]) != 2:
            raise BadAnswers(
                f"Expected two items for task {name!r}, got {len(items[name])}; name its left "
                "and its right."
            )
    left = np.array([place[items[name][0]] for name in task_ids], np.int32)
    right = np.array([place[items[name][1]] for name in task_ids], np.int32)
    given = np.array([_side(side, row) for row, side in enumerate(sides)], np.int32)[order]
    task = task_codes[order]
    known = {name: side for name, side in (gold or {}).items() if name in items}
    at = [(code, _side(known[name], code)) for code, name in enumerate(task_ids) if name in known]
    on, says = np.array(at, np.int32).reshape(-1, 2).T
    size, n_workers = len(names), len(worker_ids)
    expert = np.zeros(len(on), np.int32)
    return CodedPairs(
        comparisons=Comparisons(
            left[task], right[task], worker_codes[order], given, size, n_workers
        ),
        gold=Comparisons(left[on], right[on], expert, says, size, 1) if len(on) else None,
        tasks=task_ids,
        items=names,
        workers=worker_ids,
        left_of_task=left,
        right_of_task=right,
        task_of_answer=task,
        row_of_answer=order,
    )


def code_rankings(
    tasks: Ids,
    workers: Ids,
    orders: Sequence[Sequence[str]],
    *,
    items: Iterable[str] = (),
    gold: Mapping[str, Sequence[str]] | None = None,
) -> CodedRankings:
    """Code answers that put items in order.

    Ids are sorted by code point, and rows by task and worker, so the order of the rows changes
    nothing.

    Parameters
    ----------
    tasks, workers : (n_answers,) text
        Row i is one answer; at most one for each task and worker.
    orders : (n_answers,) lists of text
        The items, the first one first, each at most once.
    items : iterable of text, optional
        More items than those that occur.
    gold : mapping of text to list of text, optional
        The known order of some tasks.

    Returns
    -------
    CodedRankings
        The answers in canonical order, with the ids behind the codes.

    Raises
    ------
    BadAnswers
        If the columns differ in length, an item stands twice in an answer, or a worker answered a
        task twice.
    """
    _check_lengths(tasks=tasks, workers=workers, orders=range(len(orders)))
    rows = range(len(tasks))
    task_ids, task_codes = _code(tasks, known=None, noun="task", rows=rows)
    worker_ids, worker_codes = _code(workers, known=None, noun="worker", rows=rows)
    order = _canonical_order(task_codes, worker_codes, task_ids, worker_ids, rows)
    known = [list((gold or {})[task]) for task in sorted(gold or {})]
    for row, one in enumerate(orders):
        if len(set(one)) < len(one):
            twice = next(name for at, name in enumerate(one) if name in one[:at])
            raise BadAnswers(
                f"Expected each item once in an answer, got {twice!r} twice in row {row}; "
                "leave the answer out."
            )
    names = tuple(sorted({*items, *(name for one in (*orders, *known) for name in one)}))
    place = {name: code for code, name in enumerate(names)}
    listed = [orders[row] for row in order.tolist()]
    worker = worker_codes[order]
    expert = np.zeros(len(known), np.int32)
    return CodedRankings(
        rankings=_rankings(listed, worker, place, n_workers=len(worker_ids)),
        gold=_rankings(known, expert, place, n_workers=1) if known else None,
        tasks=task_ids,
        items=names,
        workers=worker_ids,
        task_of_answer=task_codes[order],
        row_of_answer=order,
    )


def _rankings(
    orders: Sequence[Sequence[str]], worker: Ints, place: Mapping[str, int], *, n_workers: int
) -> Rankings:
    lengths = np.fromiter((len(one) for one in orders), np.int64, len(orders))
    return Rankings(
        worker_of_answer=worker,
        starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        item_of_place=np.fromiter(
            (place[name] for one in orders for name in one), np.int32, int(lengths.sum())
        ),
        n_items=len(place),
        n_workers=n_workers,
    )


def _side(word: str, row: int) -> int:
    side = SIDE_OF_WORD.get(word)
    if side is None:
        raise BadAnswers(
            f"Expected each side to be one of 'left', 'right', 'same'; got {word!r} in row {row}."
        )
    return side
