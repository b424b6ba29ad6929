"""Rounds of a fit to texts: who is right, how wrong texts spread, how often hands slip."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dure.truth.habits import Strengths, learn_coins
from dure.truth.text_habits import (
    NO_CLUSTER,
    Clusters,
    chances,
    join_costs,
    log_odds_against_none,
    say,
    scales,
    sureness,
)
from dure.truth.types import Floats

# The logarithm of the spread of wrong answers is believed to be about that of 2, this far.
SPREAD_USUAL = 2.0
SPREAD_LOG_DEVIATION = 1.0
SPREAD_GRID = np.exp(np.linspace(np.log(0.05), np.log(500.0), 120))
# The same for the sharpness that known texts tell, about 1.
SHARPNESS_LOG_DEVIATION = 0.5
SHARPNESS_GRID = np.exp(np.linspace(-2.0, 1.5, 71))
# Slips are believed to be so frequent, as if so many answers had said so.
SLIPS_USUAL = 0.05
SLIPS_STRENGTH = 20.0
SLIPS_MAX = 0.5
N_SLIP_ROUNDS = 20
PROBABILITY_MIN = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """Each cluster's probability and what it tells of workers and of wrong answers."""

    probability: Floats
    hits: Floats
    strengths: Strengths
    concentration: Floats
    newcomer: Floats
    spread: float


def start(clusters: Clusters, *, n_workers: int) -> Round:
    n_answered = max(1, int((clusters.n_answers > 0).sum()))
    votes = clusters.size / np.maximum(clusters.n_answers, 1)[clusters.task]
    right = clusters.right[clusters.task]
    share = np.where(
        right == NO_CLUSTER, votes, (right == np.arange(len(votes))).astype(np.float64)
    )
    strengths = Strengths(n_each=len(clusters.of_answer) / n_answered)
    return _learn(clusters, share, strengths, n_workers=n_workers)


def step(clusters: Clusters, state: Round, *, n_workers: int) -> tuple[Round, float]:
    log_odds = log_odds_against_none(
        say(state.concentration, clusters), clusters, spread=state.spread
    )
    probability = chances(log_odds, clusters)
    n_answered = max(1, int((clusters.n_answers > 0).sum()))
    change = float(np.abs(probability - state.probability).sum()) / n_answered
    return _learn(clusters, probability, state.strengths, n_workers=n_workers), change


def _learn(
    clusters: Clusters, probability: Floats, strengths: Strengths, *, n_workers: int
) -> Round:
    hits = _hits(clusters, probability, n_workers=n_workers)
    concentration, newcomer, strengths = learn_coins(hits, strengths)
    spread = _learn_spread(clusters, probability)
    return Round(probability, hits, strengths, concentration, newcomer, spread)


def _hits(clusters: Clusters, probability: Floats, *, n_workers: int) -> Floats:
    worker = clusters.worker_of_answer
    right = np.bincount(worker, weights=probability[clusters.of_answer], minlength=n_workers)
    n_given = np.bincount(worker, minlength=n_workers)
    return np.stack([right, np.maximum(n_given - right, 0.0)], axis=1)


def _learn_spread(clusters: Clusters, probability: Floats) -> float:
    """Return the likeliest spread of wrong answers, under the belief of what it may be."""
    n_tasks, n = len(clusters.n_answers), clusters.n_answers
    none = 1.0 - np.bincount(clusters.task, weights=probability, minlength=n_tasks)
    n_texts = np.bincount(clusters.task[clusters.size > 0], minlength=n_tasks)
    # A known text that nobody gave is not among the wrong ones either.
    n_wrong_texts = float(n_texts.sum() - probability[clusters.size > 0].sum())
    n_wrong = np.concatenate([n[clusters.task] - clusters.size, n])
    weights = np.concatenate([probability, np.maximum(none, 0.0)])
    how_often = np.bincount(n_wrong, weights=weights, minlength=1)
    belief = -0.5 * (np.log(SPREAD_GRID / SPREAD_USUAL) / SPREAD_LOG_DEVIATION) ** 2
    for at, spread in enumerate(SPREAD_GRID.tolist()):
        costs = join_costs(len(how_often) - 1, spread)
        belief[at] += n_wrong_texts * np.log(spread) - how_often @ costs
    return float(SPREAD_GRID[belief.argmax()])


def learn_sharpness(clusters: Clusters, state: Round, *, correlation: float) -> float:
    """Tell from known texts how much surer or less sure the verdicts should be.

    Each known task is concluded as if it were not known and its answers had told nothing of those
    who gave them.
    """
    known = np.flatnonzero((clusters.right != NO_CLUSTER) & (clusters.n_answers > 0))
    if not known.size:
        return 1.0
    right_of_answer = state.probability[clusters.of_answer]
    own = np.stack([right_of_answer, 1.0 - right_of_answer], axis=1)
    without = np.maximum(state.concentration[clusters.worker_of_answer] - own, 1e-9)
    # As if each answer's worker were another one, of whom the own task told nothing.
    apart = replace(
        clusters,
        worker_of_answer=np.arange(len(own), dtype=np.int32),
        right=np.full(len(clusters.right), NO_CLUSTER, np.int32),
    )
    log_odds = log_odds_against_none(say(without, apart), apart, spread=state.spread)
    is_given = clusters.size[clusters.right[known]] > 0
    belief = -0.5 * (np.log(SHARPNESS_GRID) / SHARPNESS_LOG_DEVIATION) ** 2
    for at, sharpness in enumerate(SHARPNESS_GRID.tolist()):
        factor = scales(clusters.n_answers, correlation=correlation, sharpness=sharpness)
        probability = chances(log_odds * factor[clusters.task], apart)
        probability = np.where(clusters.size > 0, probability, 0.0)
        none = 1.0 - np.bincount(
            clusters.task, weights=probability, minlength=len(clusters.n_answers)
        )
        of_truth = np.where(is_given, probability[clusters.right[known]], none[known])
        belief[at] += np.log(np.maximum(of_truth, PROBABILITY_MIN)).sum()
    return float(SHARPNESS_GRID[belief.argmax()])


def learn_slips(clusters: Clusters, probability: Floats) -> float:
    """Tell how often an answer to a right text has its spelling wrong.

    From texts that several gave; that of a single one has nothing beside it.
    """
    of_several = clusters.size > 1
    weight = np.where(of_several, probability, 0.0)
    total = float(weight @ clusters.size) + SLIPS_STRENGTH
    slips = SLIPS_USUAL
    for _ in range(N_SLIP_ROUNDS):
        chance = sureness(clusters, slips=slips)[1]
        right = np.bincount(
            clusters.cluster_of_spelling,
            weights=chance * clusters.support_of_spelling,
            minlength=len(weight),
        )
        wrong = np.maximum(clusters.size - right, 0.0)
        slips = float(weight @ wrong + SLIPS_USUAL * SLIPS_STRENGTH) / total
        slips = min(slips, SLIPS_MAX)
    return slips
