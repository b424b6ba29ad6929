"""Scores of items that were put in order, with each worker's reliability."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from dure.truth import _rank_fit as fitting
from dure.truth._converge import Fit, iterate
from dure.truth._orders import Orders, put_in_order
from dure.truth._ranks import centred_variance, places, skills
from dure.truth.habits_of_order import RankHabits
from dure.truth.pairwise import LAST_DIGITS, N_SAMPLES_OF_MANY, N_STEPS_LAST_MAX
from dure.truth.types import Ints, Outcome, Progress, Ranking, Rankings
from dure.truth.validate import BadAnswers
from dure.truth.validate_order import check_gold_rankings, check_rankings

METHOD = "plackett-luce"
VERSION = "2"


def infer_rankings(
    rankings: Rankings,
    *,
    gold: Rankings | None = None,
    score_variance: float | None = None,
    change_max: float = 1e-3,
    n_iterations_max: int = 100,
    progress: Progress | None = None,
    seed: int = 0,
) -> Ranking:
    """Score items from rankings, full or of some of the items, with 90 % intervals.

    Assumes that a worker puts the items in order by choosing the next one again and again, each
    with a chance that grows with its score, times his precision. How much items and workers vary
    is learned. See `docs/truth/rankings.md`.

    Parameters
    ----------
    rankings : Rankings
        The answers; one that ranks fewer than two items says nothing.
    gold : Rankings, optional
        Known orders, as the answers of one expert, on the same items.
    score_variance : float, optional
        How much scores vary; learned if not given, and else workers are all alike.
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
        With `RankHabits`; `n_comparisons` counts the others that an item was ranked with.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other, or there are too many pairs.

    Notes
    -----
    Source: R. L. Plackett, The analysis of permutations, Applied Statistics 24(2), 1975;
    D. R. Hunter, MM algorithms for generalized Bradley-Terry models, Annals of Statistics 32(1),
    2004, for the model's shape; the fit is by Newton's method.
    """
    check_rankings(rankings)
    check_gold_rankings(gold, rankings)
    if n_iterations_max < 1:
        raise BadAnswers(f"Expected n_iterations_max of at least 1, got {n_iterations_max}.")
    if score_variance is not None and not 0.0 < score_variance < np.inf:
        raise BadAnswers(f"Expected a score_variance above 0, got {score_variance}.")
    orders = put_in_order(rankings, gold)
    state = fitting.start(orders)
    if score_variance is not None:
        state = replace(state, score_variance=score_variance)
    if not (np.diff(rankings.starts) > 1).any():
        return _ranking(orders, rankings, Fit(state, Outcome.NO_ANSWERS, 0, 0.0), seed=seed)
    fit = iterate(
        partial(fitting.step, orders, learns=score_variance is None, seed=seed),
        state,
        change_max=change_max,
        n_iterations_max=n_iterations_max,
        progress=progress,
    )
    fit = replace(fit, state=_to_last_digits(orders, fit.state))
    return _ranking(orders, rankings, fit, seed=seed)


def _to_last_digits(orders: Orders, state: fitting.State) -> fitting.State:
    for _ in range(N_STEPS_LAST_MAX):
        after = fitting.renew_scores(orders, state)
        moved = np.abs(after.score - state.score).max()
        state = after
        if moved <= LAST_DIGITS:
            break
    return state


def _ranking(orders: Orders, rankings: Rankings, fit: Fit[fitting.State], *, seed: int) -> Ranking:
    state = fit.state
    _, tied, _ = fitting.observe(orders, state)
    graph = fitting.graph_of(orders, tied, state.score_variance)
    compared = np.bincount(orders.first, minlength=orders.n_items)
    compared += np.bincount(orders.second, minlength=orders.n_items)
    place = places(
        state.score,
        graph,
        compared=compared,
        n_samples=N_SAMPLES_OF_MANY,
        seed=seed,
        of_pairs=False,
    )
    lengths = np.diff(rankings.starts)
    n_given = np.bincount(rankings.worker_of_answer[lengths > 1], minlength=orders.n_workers)
    skill, skill_low, skill_high = skills(
        state.own, state.own_variance, state.score_variance, n_answers=n_given
    )
    return Ranking(
        score=state.score,
        low=place.low,
        high=place.high,
        rank=place.rank,
        rank_low=place.rank_low,
        rank_high=place.rank_high,
        n_comparisons=_others_beside(rankings, lengths),
        component=place.component,
        skill=skill,
        skill_low=skill_low,
        skill_high=skill_high,
        habits=RankHabits(
            workers=np.stack([state.own, state.own_variance], axis=-1),
            newcomer=np.array([1.0, state.worker_variance]),
            score_variance=state.score_variance,
            variance=centred_variance(place.variance, graph, place.component),
        ),
        outcome=fit.outcome,
        n_iterations=fit.n_iterations,
        last_change=fit.last_change,
        method=METHOD,
        version=VERSION,
        seed=seed,
    )


def _others_beside(rankings: Rankings, lengths: NDArray[np.int64]) -> Ints:
    beside = np.repeat(lengths - 1, lengths).astype(np.float64)
    counted = np.bincount(rankings.item_of_place, weights=beside, minlength=rankings.n_items)
    return counted.astype(np.int32)
