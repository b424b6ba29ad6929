"""The fit behind `infer_pairs`: scores, pairs, workers and how much each of them varies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dure.truth import _laplacian as laplacian
from dure.truth._order_kernels import fill_moments
from dure.truth._pair_votes import EXPERT_PRECISION, Moments, Votes
from dure.truth._sums import OTHERS_MIN, summed
from dure.truth.habits_of_order import LEAN, PRECISION, TIE
from dure.truth.types import Floats

# What is believed of variances before any vote, as if so many cases had been seen; chosen on
# simulated crowds, by how often the intervals cover the truth.
N_CASES_BEFORE = 2.0
N_WORKERS_BEFORE = 5.0
SCORE_VARIANCE_BEFORE = 1.0
PAIR_VARIANCE_BEFORE = 0.1
WORKER_VARIANCE_BEFORE = np.array([0.4, 0.1, 0.5])
# The crowd's own lean and readiness to say same; precision 1 is the scores' unit.
CROWD_VARIANCE = np.array([1.0, 1.0, 4.0])
# Scores and workers are renewed so often before the variances are.
N_INNER = 2
N_SAMPLES_OF_VARIANCES = 8
STEP_MAX = 1.0
N_HALVINGS_MAX = 8

# Each vote's moments, and its worker's precision toward the pair's first.
Seen: TypeAlias = tuple[Moments, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """All that is fitted; `extra` is by how much a pair differs from what its scores say.

    `own` is by how much each worker differs from the crowd, (n_workers, 3), with its covariance,
    and `doubt` the variance of each pair's difference.
    """

    score: Floats
    extra: Floats
    doubt: Floats
    own: Floats
    crowd: Floats
    score_variance: float
    pair_variance: float
    worker_variance: Floats
    own_covariance: Floats


def start(votes: Votes) -> State:
    """Return a state where nothing is known."""
    return State(
        score=np.zeros(votes.n_items),
        extra=np.zeros(len(votes.first)),
        doubt=np.zeros(len(votes.first)),
        own=np.zeros((votes.n_workers, 3)),
        crowd=np.array([1.0, 0.0, 0.0]),
        score_variance=SCORE_VARIANCE_BEFORE,
        pair_variance=PAIR_VARIANCE_BEFORE,
        worker_variance=WORKER_VARIANCE_BEFORE.copy(),
        own_covariance=np.tile(np.diag(WORKER_VARIANCE_BEFORE), (votes.n_workers, 1, 1)),
    )


def step(votes: Votes, state: State, *, seed: int) -> tuple[State, float]:
    """Return the state after one round, and how far scores moved in their own unit."""
    after, seen = state, observe(votes, state)
    for _ in range(N_INNER):
        after, seen = renew_scores(votes, after, seen)
        after = _renew_workers(votes, after, seen)
        seen = observe(votes, after)
    after = _renew_variances(votes, after, seen, seed=seed)
    unit = np.sqrt(after.score_variance)
    moved = float(np.abs(after.score - state.score).mean()) / unit
    spread = abs(np.log(after.score_variance / state.score_variance)) / 10.0
    return after, moved + float(spread)


def difference(votes: Votes, state: State) -> Floats:
    """Return how far each pair's first lies above its second."""
    return state.score[votes.first] - state.score[votes.second] + state.extra


def parameters(votes: Votes, state: State) -> tuple[Floats, Floats, Floats]:
    """Return the precision, lean and tie of each vote's worker."""
    rows = np.vstack([state.crowd + state.own, [EXPERT_PRECISION, 0.0, 0.0]])
    if not votes.knows_ties:
        rows[:-1, TIE] = -np.inf
    of_vote = rows[votes.worker]
    return of_vote[:, PRECISION], of_vote[:, LEAN], of_vote[:, TIE]


def observe(votes: Votes, state: State) -> Seen:
    """Return each vote's moments, and its worker's precision toward the pair's first."""
    precision, lean, tie = parameters(votes, state)
    toward = precision * votes.toward
    rows = np.empty((len(toward), 6))
    fill_moments(toward * difference(votes, state)[votes.pair] + lean, tie, votes.side, rows)
    return Moments(*rows.T), toward


def per_pair(votes: Votes, told: Moments, toward: Floats) -> tuple[Floats, Floats]:
    """Return how each pair's votes push its difference, and how much they tell of it."""
    n_pairs = len(votes.first)
    push = summed(votes.pair, toward * told.lead_slope, n_pairs)
    return push, summed(votes.pair, toward**2 * told.lead_information, n_pairs)


def graph_of(votes: Votes, information: Floats, state: State) -> laplacian.Graph:
    """Return the precision of the scores, once what pairs have of their own is summed out."""
    weight = information / (1.0 + information * state.pair_variance)
    ridge = 1.0 / state.score_variance
    return laplacian.Graph(votes.first, votes.second, weight, ridge, votes.n_items, votes.blocks)


def renew_scores(votes: Votes, state: State, seen: Seen) -> tuple[State, Seen]:
    """Return the state with scores and pairs one Newton step on, and what is observed there."""
    told, toward = seen
    push, information = per_pair(votes, told, toward)
    graph = graph_of(votes, information, state)
    # As if the pair's difference had been seen with this information: the Newton step.
    pulled = information * difference(votes, state) + push
    damped = pulled / (1.0 + information * state.pair_variance)
    right = summed(votes.first, damped, votes.n_items)
    right -= summed(votes.second, damped, votes.n_items)
    score = laplacian.solve(graph, right, start=state.score)
    by_score = score[votes.first] - score[votes.second]
    extra = state.pair_variance * (damped - graph.weight * by_score)
    before = _worth(state, told)
    part = 1.0
    for _ in range(N_HALVINGS_MAX):
        after = replace(
            state,
            score=state.score + part * (score - state.score),
            extra=state.extra + part * (extra - state.extra),
        )
        observed = observe(votes, after)
        if _worth(after, observed[0]) >= before - 1e-9 * abs(before):
            return after, observed
        part /= 2.0
    return state, seen


def _worth(state: State, told: Moments) -> float:
    """Return the log posterior, as far as scores and pairs change it."""
    prior = (state.score**2).sum() / state.score_variance
    prior += (state.extra**2).sum() / state.pair_variance
    return float(told.log_chance.sum() - prior / 2.0)


def _renew_workers(votes: Votes, state: State, seen: Seen) -> State:
    """Return the state with the crowd's and each worker's parameters one Newton step on."""
    kept = ~votes.is_expert
    worker = votes.worker[kept]
    slope, information = _of_workers(votes, state, seen, kept)
    free = [LEAN, TIE] if votes.knows_ties else [LEAN]
    crowd = state.crowd.copy()
    pull = slope.sum(axis=0) - (crowd - [1.0, 0.0, 0.0]) / CROWD_VARIANCE
    whole = information.sum(axis=0) + np.diag(1.0 / CROWD_VARIANCE)
    moved = np.linalg.solve(whole[np.ix_(free, free)], pull[free])
    crowd[free] += np.clip(moved, -STEP_MAX, STEP_MAX)
    # What the crowd's step has explained is no longer the worker's.
    slope = slope - information[:, :, free] @ (crowd - state.crowd)[free]
    prior = 1.0 / state.worker_variance
    covariance: Any = np.linalg.inv(information + np.diag(prior))
    change = np.einsum("wij,wj->wi", covariance, slope - prior * state.own)
    own = state.own + np.clip(change, -STEP_MAX, STEP_MAX)
    # What workers have in common is the crowd's; precision is 1 on average by definition, since
    # scores twice as far apart and workers half as precise would say the same.
    active = np.bincount(worker, minlength=votes.n_workers) > 0
    if active.any():
        common = own[active].mean(axis=0)
        own[active] -= common
        crowd[free] += common[free]
    return replace(state, own=own, crowd=crowd, own_covariance=covariance)


def _of_workers(
    votes: Votes, state: State, seen: Seen, kept: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Return each worker's slopes (n_workers, 3) and information (n_workers, 3, 3).

    They are expected over what is not known of the differences: a worker who made a difference
    look large would else seem precise by his own votes.
    """
    told, toward = seen
    worker, n_workers = votes.worker[kept], votes.n_workers
    apart = (votes.toward * difference(votes, state)[votes.pair])[kept]
    doubt = state.doubt[votes.pair][kept]

    def total(values: Floats) -> Floats:
        return summed(worker, values, n_workers)

    slope, lead = told.lead_slope[kept], told.lead_information[kept]
    both = told.both_information[kept]
    precision = (toward * votes.toward)[kept]
    by_precision = slope * apart - precision * lead * doubt
    slopes = np.stack([total(by_precision), total(slope), total(told.tie_slope[kept])], axis=-1)
    information = np.empty((n_workers, 3, 3))
    for row, column, values in (
        (PRECISION, PRECISION, lead * (apart**2 + doubt)),
        (PRECISION, LEAN, lead * apart),
        (LEAN, LEAN, lead),
        (PRECISION, TIE, both * apart),
        (LEAN, TIE, both),
        (TIE, TIE, told.tie_information[kept]),
    ):
        information[:, row, column] = information[:, column, row] = total(values)
    return slopes, information


def _renew_variances(votes: Votes, state: State, seen: Seen, *, seed: int) -> State:
    """Return the state with the variances that the evidence asks for.

    Source: D. J. C. MacKay, Bayesian interpolation, Neural Computation 4(3), 1992, equation 2.
    """
    _, information = per_pair(votes, *seen)
    graph = graph_of(votes, information, state)
    item, between = laplacian.variances(graph, n_samples=N_SAMPLES_OF_VARIANCES, seed=seed)
    known = votes.n_items - item.sum() / state.score_variance
    score_variance = _variance((state.score**2).sum(), known, SCORE_VARIANCE_BEFORE)
    told_of_pairs = state.pair_variance * (graph.weight - graph.weight**2 * between)
    pair_variance = _variance((state.extra**2).sum(), told_of_pairs.sum(), PAIR_VARIANCE_BEFORE)
    active = np.bincount(votes.worker, minlength=votes.n_workers + 1)[:-1] > 0
    left = np.diagonal(state.own_covariance, axis1=1, axis2=2)[active].sum(axis=0)
    known_of_workers = active.sum() - left / state.worker_variance
    squares = (state.own[active] ** 2).sum(axis=0)
    worker_variance = _variance(
        squares, known_of_workers, WORKER_VARIANCE_BEFORE, n_before=N_WORKERS_BEFORE
    )
    before = between / (1.0 - np.minimum(graph.weight * between, 1.0 - OTHERS_MIN))
    return replace(
        state,
        doubt=1.0 / (1.0 / (before + state.pair_variance) + information),
        score_variance=float(score_variance),
        pair_variance=float(pair_variance),
        worker_variance=np.asarray(worker_variance),
    )


def _variance(
    squares: Floats | float,
    known: Floats | float,
    before: Floats | float,
    *,
    n_before: float = N_CASES_BEFORE,
) -> Floats | float:
    return (squares + n_before * before) / (np.maximum(known, 0.0) + n_before)
