"""Texts: spellings gathered, then each text's chance to be right by who gave it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from dure.truth._converge import Fit, iterate
from dure.truth._text_clusters import (
    cluster_texts,
    count_forms,
    known_forms,
    learn_nearness,
    share_of_styles,
)
from dure.truth._text_fit import Round, learn_sharpness, learn_slips, start, step
from dure.truth.habits import skill_interval
from dure.truth.normal_text import normalise
from dure.truth.spellings import best_spelling
from dure.truth.text_checks import check_gold_texts, check_texts
from dure.truth.text_habits import NO_CLUSTER, Clusters, TextHabits, conclude_clusters
from dure.truth.types import Floats, Habits, Ints, Outcome, Progress, TextPosterior, Texts
from dure.truth.validate import BadAnswers

METHOD = "text-clusters"
METHODS = ("auto", METHOD)
VERSION = "1"

# How much answers to one task fail together; measured, see docs/truth/text.md.
CORRELATION = 0.3


def infer_texts(
    texts: Texts,
    *,
    method: str = "auto",
    gold_text: Sequence[str | None] | None = None,
    nearness: float | None = None,
    correlation: float = CORRELATION,
    change_max: float = 2e-3,
    n_iterations_max: int = 100,
    progress: Progress | None = None,
    seed: int = 0,
) -> TextPosterior:
    """Say which text is right for each task, and how sure that is.

    Assumes that a worker's text is right with a chance of the worker's own, slips of the keyboard
    aside, and that wrong texts resemble each other as much in all tasks. See `docs/truth/text.md`.

    Parameters
    ----------
    texts : Texts
        At most one answer for each task and worker.
    method : {'auto', 'text-clusters'}
        The method; there is one so far.
    gold_text : (n_tasks,) text or None, optional
        Known texts, None where unknown; they inform the fit and come back as certain.
    nearness : float, optional
        The most errors a letter between spellings of one text, from 0 to .5; learned if None.
    correlation : float
        From 0 to 1: how much answers to one task fail together. Log odds are divided by
        1 + correlation * (n - 1).
    change_max : float
        The mean change of a task's probabilities at which the fit has settled.
    n_iterations_max : int
        The largest number of rounds.
    progress : callable, optional
        Told each round and its mean change; False stops the fit.
    seed : int
        Chooses which texts of different tasks are compared where there are very many.

    Returns
    -------
    TextPosterior
        Clusters of spellings, task by task.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other or an option is out of its range.

    Notes
    -----
    Source: C. H. Lin, Mausam and D. S. Weld, Crowdsourcing control: moving beyond multiple
    choice, UAI 2012, for open answers; the gathering of spellings is our own.
    """
    check_texts(texts)
    check_gold_texts(gold_text, n_tasks=texts.n_tasks)
    _check_options(
        method, nearness=nearness, correlation=correlation, n_iterations_max=n_iterations_max
    )
    order = np.lexsort((texts.worker_of_answer, texts.task_of_answer))
    ordered = _in_order(texts, order)
    rows = count_forms(ordered)
    known = known_forms(rows, n_tasks=texts.n_tasks)
    if nearness is None:
        nearness = learn_nearness(rows, n_tasks=texts.n_tasks, seed=seed)
    right = [None if one is None else normalise(one) for one in gold_text or ()]
    clusters = cluster_texts(ordered, rows, nearness=nearness, known=known, right_forms=right)
    fit = iterate(
        lambda state: step(clusters, state, n_workers=texts.n_workers),
        start(clusters, n_workers=texts.n_workers),
        change_max=change_max,
        n_iterations_max=n_iterations_max,
        progress=progress,
    )
    habits = TextHabits(
        concentration=fit.state.concentration,
        newcomer=fit.state.newcomer,
        spread=fit.state.spread,
        correlation=correlation,
        sharpness=learn_sharpness(clusters, fit.state, correlation=correlation),
        nearness=nearness,
        known=known,
        slips=learn_slips(clusters, fit.state.probability),
        styles=share_of_styles(texts),
    )
    result = _posterior(ordered, clusters, habits, fit, gold_text=gold_text, seed=seed)
    given = np.empty(len(order), np.int32)
    given[order] = result.cluster_of_answer
    return replace(result, cluster_of_answer=given)


def _check_options(
    method: str, *, nearness: float | None, correlation: float, n_iterations_max: int
) -> None:
    if method not in METHODS:
        raise BadAnswers(
            f"Expected the method {', '.join(METHODS)}, got {method!r}; labels go to infer."
        )
    if nearness is not None and not (isinstance(nearness, Real) and 0.0 <= nearness <= 0.5):
        raise BadAnswers(f"Expected nearness from 0 to .5, got {nearness}; .2 is usual.")
    if not (isinstance(correlation, Real) and 0.0 <= correlation <= 1.0):
        raise BadAnswers(f"Expected correlation from 0 to 1, got {correlation}.")
    if n_iterations_max < 1:
        raise BadAnswers(f"Expected n_iterations_max of at least 1, got {n_iterations_max}.")


def _in_order(texts: Texts, order: NDArray[np.int64]) -> Texts:
    return replace(
        texts,
        task_of_answer=texts.task_of_answer[order],
        worker_of_answer=texts.worker_of_answer[order],
        text_of_answer=tuple(texts.text_of_answer[at] for at in order.tolist()),
    )


def _posterior(
    texts: Texts,
    clusters: Clusters,
    habits: TextHabits,
    fit: Fit[Round],
    *,
    gold_text: Sequence[str | None] | None,
    seed: int,
) -> TextPosterior:
    probability, _ = conclude_clusters(habits, clusters)
    worker = clusters.worker_of_answer
    n_given = np.bincount(worker, minlength=texts.n_workers).astype(np.float64)
    unsure = fit.state.probability * (1.0 - fit.state.probability)
    # With no answers at all numpy counts in integers.
    doubt = np.bincount(
        worker, weights=unsure[clusters.of_answer], minlength=texts.n_workers
    ).astype(np.float64)
    skill, low, high = skill_interval(
        _as_coins(habits),
        n_given=n_given,
        doubt=doubt,
        strengths=fit.state.strengths,
    )
    skill, low, high = (np.where(n_given > 0, one, np.nan) for one in (skill, low, high))
    has_answers = bool(texts.text_of_answer)
    return TextPosterior(
        cluster_of_answer=clusters.of_answer,
        spelling_of_cluster=_spell(texts, clusters, habits, gold_text=gold_text),
        task_of_cluster=clusters.task,
        share_of_cluster=clusters.size / np.maximum(clusters.n_answers, 1)[clusters.task],
        probability_of_cluster=probability,
        best=_likeliest(probability, clusters),
        n_answers=clusters.n_answers,
        skill=skill,
        skill_low=low,
        skill_high=high,
        habits=habits,
        outcome=fit.outcome if has_answers else Outcome.NO_ANSWERS,
        n_iterations=fit.n_iterations if has_answers else 0,
        last_change=fit.last_change,
        method=METHOD,
        version=VERSION,
        seed=seed,
    )


def _as_coins(habits: TextHabits) -> Habits:
    return Habits(
        concentration=habits.concentration,
        newcomer=habits.newcomer,
        prevalence=np.ones(1),
        n_labels=1,
        correlation=habits.correlation,
        sharpness=habits.sharpness,
        vote_weight=0.0,
        vote_smoothing=0.5,
    )


def _likeliest(probability: Floats, clusters: Clusters) -> Ints:
    """Return each task's likeliest cluster, of equally likely ones the first."""
    best = np.full(len(clusters.n_answers), NO_CLUSTER, np.int32)
    order = np.lexsort((np.arange(len(probability)), -probability, clusters.task))
    tasks, first = np.unique(clusters.task[order], return_index=True)
    best[tasks] = order[first]
    return best


def _spell(
    texts: Texts,
    clusters: Clusters,
    habits: TextHabits,
    *,
    gold_text: Sequence[str | None] | None,
) -> tuple[str, ...]:
    """Return each cluster's best spelling; a known text is spelt as it was told."""
    order = np.argsort(clusters.of_answer, kind="stable").tolist()
    ends = np.cumsum(clusters.size).tolist()
    reliability = habits.concentration[:, 0] / habits.concentration.sum(axis=1)
    weight = reliability[clusters.worker_of_answer].tolist()
    given = texts.text_of_answer
    right = set(clusters.right[clusters.right != NO_CLUSTER].tolist())
    tasks = clusters.task.tolist()
    spelt, first = [], 0
    for cluster, last in enumerate(ends):
        if cluster in right and gold_text is not None:
            spelt.append(gold_text[tasks[cluster]] or "")
        else:
            rows = order[first:last]
            spelt.append(
                best_spelling(
                    [given[row] for row in rows],
                    [weight[row] for row in rows],
                    known=habits.known,
                    styles=habits.styles,
                )
            )
        first = last
    return tuple(spelt)
