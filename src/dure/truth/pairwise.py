"""Scores of items that were compared two by two, with each worker's reliability."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dure.truth import _pair_fit as fitting
from dure.truth._converge import Fit, iterate
from dure.truth._pair_others import differences
from dure.truth._pair_votes import Votes, put_in_order
from dure.truth._ranks import places, skills
from dure.truth.habits_of_order import PRECISION, PairHabits, empty_differences
from dure.truth.types import Comparisons, Floats, Ints, Outcome, Progress, Ranking
from dure.truth.validate import BadAnswers
from dure.truth.validate_order import check_comparisons, check_gold_comparisons

METHOD = "bradley-terry"
VERSION = "2"

# Once all else stands, scores are brought to the last digits.
N_STEPS_LAST_MAX = 30
LAST_DIGITS = 1e-10
N_SAMPLES_OF_MANY = 40


def infer_pairs(
    comparisons: Comparisons,
    *,
    gold: Comparisons | None = None,
    change_max: float = 1e-3,
    n_iterations_max: int = 100,
    progress: Progress | None = None,
    seed: int = 0,
) -> Ranking:
    """Score items from comparisons, with 90 % intervals of scores and ranks.

    Assumes that a vote's log odds are the difference of two scores, times the worker's precision,
    plus his lean to the left; that he says "same" more often the nearer the scores are, as ready
    as he is; and that a pair may differ a little from what its scores say. How much items, pairs
    and workers vary is learned. See `docs/truth/pairwise.md`.

    Parameters
    ----------
    comparisons : Comparisons
        The votes.
    gold : Comparisons, optional
        Pairs whose side is known, as the votes of one expert, on the same items.
    change_max : float
        The mean change of the scores, in units of how much they vary, at which the fit has
        settled.
    n_iterations_max : int
        The largest number of rounds.
    progress : callable, optional
        Told each round and its change; the fit ends when it returns False.
    seed : int
        For the samples that ranks' intervals, and the variances of many items, come from.

    Returns
    -------
    Ranking
        With `PairHabits`.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other, or an item is compared with itself.

    Notes
    -----
    Source: R. A. Bradley and M. E. Terry, Biometrika 39, 1952; ties by R. R. Davidson, JASA 65,
    1970; workers' precision after X. Chen et al., Pairwise ranking aggregation in a crowdsourced
    setting, WSDM 2013; variances by D. J. C. MacKay, Neural Computation 4(3), 1992.
    """
    check_comparisons(comparisons)
    check_gold_comparisons(gold, comparisons)
    if n_iterations_max < 1:
        raise BadAnswers(f"Expected n_iterations_max of at least 1, got {n_iterations_max}.")
    votes = put_in_order(comparisons, gold)
    state = fitting.start(votes)
    if not len(comparisons.side_of_answer):
        return _ranking(votes, Fit(state, Outcome.NO_ANSWERS, 0, 0.0), seed=seed)
    fit = iterate(
        lambda state: fitting.step(votes, state, seed=seed),
        state,
        change_max=change_max,
        n_iterations_max=n_iterations_max,
        progress=progress,
    )
    return _ranking(votes, replace(fit, state=_to_last_digits(votes, fit.state)), seed=seed)


def _to_last_digits(votes: Votes, state: fitting.State) -> fitting.State:
    seen = fitting.observe(votes, state)
    for _ in range(N_STEPS_LAST_MAX):
        after, seen = fitting.renew_scores(votes, state, seen)
        moved = np.abs(fitting.difference(votes, after) - fitting.difference(votes, state))
        state = after
        if moved.max() <= LAST_DIGITS:
            break
    return state


def _ranking(votes: Votes, fit: Fit[fitting.State], *, seed: int) -> Ranking:
    state = fit.state
    told, toward = fitting.observe(votes, state)
    push, information = fitting.per_pair(votes, told, toward)
    graph = fitting.graph_of(votes, information, state)
    compared = np.bincount(votes.first[votes.pair], minlength=votes.n_items)
    compared += np.bincount(votes.second[votes.pair], minlength=votes.n_items)
    place = places(
        state.score,
        graph,
        compared=compared,
        n_samples=N_SAMPLES_OF_MANY,
        seed=seed,
        of_pairs=True,
    )
    workers = _workers(state)
    n_given = np.bincount(votes.worker, minlength=votes.n_workers + 1)[:-1]
    skill, skill_low, skill_high = skills(
        workers[:, PRECISION], workers[:, 3 + PRECISION], state.score_variance, n_answers=n_given
    )
    pairs = (
        differences(
            votes,
            state,
            item=place.variance,
            between=place.between,
            push=push,
            weight=graph.weight,
        )
        if len(votes.first)
        else empty_differences()
    )
    return Ranking(
        score=state.score,
        low=place.low,
        high=place.high,
        rank=place.rank,
        rank_low=place.rank_low,
        rank_high=place.rank_high,
        n_comparisons=_of_votes_alone(votes),
        component=place.component,
        skill=skill,
        skill_low=skill_low,
        skill_high=skill_high,
        habits=PairHabits(
            workers=workers,
            newcomer=np.concatenate([state.crowd, state.worker_variance]),
            score_variance=state.score_variance,
            pair_variance=state.pair_variance,
            knows_ties=votes.knows_ties,
            differences=pairs,
        ),
        outcome=fit.outcome,
        n_iterations=fit.n_iterations,
        last_change=fit.last_change,
        method=METHOD,
        version=VERSION,
        seed=seed,
    )


def _workers(state: fitting.State) -> Floats:
    variance = np.diagonal(state.own_covariance, axis1=1, axis2=2)
    return np.concatenate([state.crowd + state.own, variance], axis=1)


def _of_votes_alone(votes: Votes) -> Ints:
    pair = votes.pair[~votes.is_expert]
    count = np.bincount(votes.first[pair], minlength=votes.n_items)
    count += np.bincount(votes.second[pair], minlength=votes.n_items)
    return count.astype(np.int32)
