"""The laws of comparisons and rankings, and random and simulated ones to try them on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dure.truth import Comparisons, Ranking, Rankings
from dure.truth._pair_votes import chances

# Sums in another order differ in their last bits, and a fit of many rounds multiplies that.
SAME = {"rtol": 1e-5, "atol": 1e-6}


@st.composite
def random_comparisons(draw: st.DrawFn) -> Comparisons:
    n_items, n_workers = draw(st.integers(2, 6)), draw(st.integers(1, 4))
    vote = st.tuples(
        st.integers(0, n_items - 1),
        st.integers(1, n_items - 1),
        st.integers(0, n_workers - 1),
        st.integers(0, 2),
    )
    rows = np.array(draw(st.lists(vote, max_size=20)), np.int32).reshape(-1, 4)
    left = rows[:, 0].copy()
    right = (rows[:, 0] + rows[:, 1]) % np.int32(n_items)
    return Comparisons(left, right, rows[:, 2].copy(), rows[:, 3].copy(), n_items, n_workers)


@st.composite
def random_rankings(draw: st.DrawFn) -> Rankings:
    n_items, n_workers = draw(st.integers(2, 6)), draw(st.integers(1, 4))
    orders = draw(
        st.lists(st.lists(st.integers(0, n_items - 1), unique=True, max_size=n_items), max_size=10)
    )
    workers = draw(
        st.lists(st.integers(0, n_workers - 1), min_size=len(orders), max_size=len(orders))
    )
    return listed(orders, workers, n_items=n_items, n_workers=n_workers)


def listed(orders: Any, workers: Any, *, n_items: int, n_workers: int) -> Rankings:
    return Rankings(
        np.array(workers, np.int32),
        np.cumsum([0, *(len(one) for one in orders)]).astype(np.int64),
        np.array([item for one in orders for item in one], np.int32),
        n_items,
        n_workers,
    )


def simulated_pairs(
    *, n_items: int, n_workers: int, n_votes: int, seed: int, tie: float = -0.5
) -> tuple[Comparisons, np.ndarray]:
    """Votes drawn from the model, and the true scores in units of the mean precision."""
    random = np.random.default_rng(seed)
    score = random.normal(0, 1, n_items)
    precision, lean = random.normal(1, 0.4, n_workers), random.normal(0.2, 0.3, n_workers)
    left = random.integers(0, n_items, n_votes)
    right = (left + random.integers(1, n_items, n_votes)) % n_items
    worker = random.integers(0, n_workers, n_votes)
    lead = precision[worker] * (score[left] - score[right]) + lean[worker]
    share = chances(lead, np.full(n_votes, tie)).cumsum(axis=1)
    side = (random.random(n_votes)[:, None] > share).sum(axis=1)
    codes = (one.astype(np.int32) for one in (left, right, worker, np.minimum(side, 2)))
    return Comparisons(*codes, n_items, n_workers), (score - score.mean()) * precision.mean()


def simulated_rankings(
    *, n_items: int, n_workers: int, n_answers: int, seed: int, length: int = 5
) -> tuple[Rankings, np.ndarray]:
    random = np.random.default_rng(seed)
    score, precision = random.normal(0, 1, n_items), random.normal(1, 0.4, n_workers)
    workers = random.integers(0, n_workers, n_answers)
    orders = []
    for worker in workers:
        items = random.choice(n_items, length, replace=False)
        said = precision[worker] * score[items] + random.gumbel(size=length)
        orders.append(items[np.argsort(-said)].tolist())
    rankings = listed(orders, workers, n_items=n_items, n_workers=n_workers)
    return rankings, (score - score.mean()) * precision.mean()


def part_of(comparisons: Comparisons, rows: Any) -> Comparisons:
    columns = ("left_of_answer", "right_of_answer", "worker_of_answer", "side_of_answer")
    return replace(comparisons, **{name: getattr(comparisons, name)[rows] for name in columns})


def renamed(comparisons: Comparisons, items: np.ndarray, workers: np.ndarray) -> Comparisons:
    return replace(
        comparisons,
        left_of_answer=items[comparisons.left_of_answer],
        right_of_answer=items[comparisons.right_of_answer],
        worker_of_answer=workers[comparisons.worker_of_answer],
    )


def check_intervals(result: Ranking) -> None:
    """The estimate lies in its interval, ranks from 1 to as many as there are, means are 0."""
    n_items = len(result.score)
    assert (result.low <= result.score).all()
    assert (result.score <= result.high).all()
    assert (result.rank_low >= 1).all()
    assert (result.rank_low <= result.rank).all()
    assert (result.rank <= result.rank_high).all()
    assert (result.rank_high <= n_items).all()
    never = result.n_comparisons == 0
    assert np.isinf(result.low[never]).all()
    assert np.isfinite(result.low[~never]).all()
    assert (result.rank_low[never] == 1).all()
    assert (result.rank_high[never] == n_items).all()
    for part in np.unique(result.component):
        np.testing.assert_allclose(result.score[result.component == part].mean(), 0, atol=1e-8)


def check_same_up_to_names(
    result: Ranking, expected: Ranking, items: np.ndarray, workers: np.ndarray
) -> None:
    np.testing.assert_allclose(result.score[items], expected.score, **SAME)
    np.testing.assert_allclose(result.low[items], expected.low, **SAME)
    np.testing.assert_allclose(result.skill[workers], expected.skill, **SAME)
    assert (result.n_comparisons[items] == expected.n_comparisons).all()
    joined = result.component[items][:, None] == result.component[items]
    assert (joined == (expected.component[:, None] == expected.component)).all()


def bits(record: Any) -> list[object]:
    values = [getattr(record, name) for name in record.__dataclass_fields__]
    return [
        one.tobytes()
        if isinstance(one, np.ndarray)
        else bits(one)
        if hasattr(one, "__dataclass_fields__")
        else one
        for one in values
    ]
