"""The fit behind `infer_rankings`: scores, workers' precision and how much each varies."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dure.truth import _laplacian as laplacian
from dure.truth import _plackett_luce as luce
from dure.truth._order_kernels import fill_of_precision, fill_told, log_chance_of
from dure.truth._orders import Orders
from dure.truth._pair_fit import (
    N_CASES_BEFORE,
    N_HALVINGS_MAX,
    N_INNER,
    N_SAMPLES_OF_VARIANCES,
    N_WORKERS_BEFORE,
    SCORE_VARIANCE_BEFORE,
    STEP_MAX,
    WORKER_VARIANCE_BEFORE,
)
from dure.truth._sums import summed
from dure.truth.habits_of_order import PRECISION
from dure.truth.types import Floats

# Where many answers have pushed a score too far, chances are flat and a step knows no bound: it is
# cut at so many times what scores typically differ by.
LEAP_MAX = 4.0
PRECISION_VARIANCE_BEFORE = float(WORKER_VARIANCE_BEFORE[PRECISION])


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """All that is fitted; `doubt` is the variance of each score, `own` each worker's precision."""

    score: Floats
    doubt: Floats
    own: Floats
    own_variance: Floats
    score_variance: float
    worker_variance: float


def start(orders: Orders) -> State:
    """Return a state where nothing is known."""
    return State(
        score=np.zeros(orders.n_items),
        doubt=np.zeros(orders.n_items),
        own=np.ones(orders.n_workers),
        own_variance=np.full(orders.n_workers, PRECISION_VARIANCE_BEFORE),
        score_variance=SCORE_VARIANCE_BEFORE,
        worker_variance=PRECISION_VARIANCE_BEFORE,
    )


def step(orders: Orders, state: State, *, learns: bool, seed: int) -> tuple[State, float]:
    """Return the state after one round, and how far scores moved in their own unit."""
    after = state
    for _ in range(N_INNER):
        after = renew_scores(orders, after)
        if learns:
            after = _renew_workers(orders, after)
    if learns:
        after = _renew_variances(orders, after, seed=seed)
    moved = float(np.abs(after.score - state.score).mean()) / np.sqrt(after.score_variance)
    spread = abs(np.log(after.score_variance / state.score_variance)) / 10.0
    return after, float(moved + spread)


def observe(orders: Orders, state: State) -> tuple[Floats, Floats, float]:
    """Return each item's pull, how much all answers tell of each pair, and their log chance."""
    pull, tied, log_chance = np.zeros(orders.n_items), np.zeros(len(orders.first)), 0.0
    for one in orders.lists:
        precision = luce.precision_of(one.worker, state.own)
        log_chance += fill_told(one.item, one.pair, precision, state.score, pull, tied)
    return pull, tied, log_chance


def graph_of(orders: Orders, weight: Floats, score_variance: float) -> laplacian.Graph:
    """Return the precision of the scores."""
    return laplacian.Graph(
        orders.first, orders.second, weight, 1.0 / score_variance, orders.n_items, orders.blocks
    )


def renew_scores(orders: Orders, state: State) -> State:
    """Return the state with the scores one Newton step on."""
    pull, tied, log_chance = observe(orders, state)
    graph = graph_of(orders, tied, state.score_variance)
    slope = pull - state.score / state.score_variance
    change = laplacian.solve(graph, slope, start=np.zeros(orders.n_items))
    leap = LEAP_MAX * np.sqrt(state.score_variance)
    before = log_chance - (state.score**2).sum() / state.score_variance / 2.0
    # A step that was cut may lead nowhere; the whole one does lead up.
    for direction in (np.clip(change, -leap, leap), change):
        part = 1.0
        for _ in range(N_HALVINGS_MAX):
            after = replace(state, score=state.score + part * direction)
            worth = _log_chance(orders, after)
            worth -= (after.score**2).sum() / state.score_variance / 2.0
            if worth >= before - 1e-9 * abs(before):
                return after
            part /= 2.0
        if (direction == change).all():
            break
    return state


def _log_chance(orders: Orders, state: State) -> float:
    total = 0.0
    for one in orders.lists:
        precision = luce.precision_of(one.worker, state.own)
        total += log_chance_of(one.item, precision, state.score)
    return total


def _renew_workers(orders: Orders, state: State) -> State:
    """Return the state with each worker's precision one Newton step on, 1 on average."""
    size = orders.n_workers
    slope, information = np.zeros(size), np.zeros(size)
    given = np.zeros(size)
    for one in orders.lists:
        kept = one.worker < size
        worker, item = one.worker[kept], one.item[kept]
        precision = luce.precision_of(worker, state.own)
        slopes, known = np.empty(len(worker)), np.empty(len(worker))
        fill_of_precision(item, precision, state.score, state.doubt, slopes, known)
        slope += summed(worker, slopes, size)
        information += summed(worker, known, size)
        given += np.bincount(worker, minlength=size)
    variance = 1.0 / (information + 1.0 / state.worker_variance)
    change = variance * (slope - (state.own - 1.0) / state.worker_variance)
    own = state.own + np.clip(change, -STEP_MAX, STEP_MAX)
    active = given > 0
    if active.any():
        own[active] += 1.0 - own[active].mean()
    return replace(state, own=own, own_variance=variance)


def _renew_variances(orders: Orders, state: State, *, seed: int) -> State:
    _, tied, _ = observe(orders, state)
    graph = graph_of(orders, tied, state.score_variance)
    item = laplacian.item_variances(graph, n_samples=N_SAMPLES_OF_VARIANCES, seed=seed)
    known = max(0.0, orders.n_items - item.sum() / state.score_variance)
    squares = (state.score**2).sum() + N_CASES_BEFORE * SCORE_VARIANCE_BEFORE
    answered = np.zeros(orders.n_workers, bool)
    for one in orders.lists:
        answered[one.worker[one.worker < orders.n_workers]] = True
    left = state.own_variance[answered].sum() / state.worker_variance
    known_of_workers = max(0.0, answered.sum() - left)
    off = ((state.own[answered] - 1.0) ** 2).sum() + N_WORKERS_BEFORE * PRECISION_VARIANCE_BEFORE
    return replace(
        state,
        doubt=item,
        score_variance=float(squares / (known + N_CASES_BEFORE)),
        worker_variance=float(off / (known_of_workers + N_WORKERS_BEFORE)),
    )
