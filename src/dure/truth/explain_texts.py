"""What each answer weighed in a verdict on texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dure.truth._text_task import cluster_task
from dure.truth.normal_text import normalise
from dure.truth.spellings import best_spelling
from dure.truth.text_habits import (
    Clusters,
    TextHabits,
    join_costs,
    log_odds_against_none,
    say,
    scales,
    sureness,
    table_gains,
)
from dure.truth.types import Floats, Ints, TextPosterior, Texts
from dure.truth.validate import BadAnswers

# Beyond so many ways in which answers may have come before one, all share the restaurant's part.
N_CASES_MAX = 2_000_000
NONE = -1


@dataclass(frozen=True, slots=True, eq=False)
class TextExplanation:
    """What speaks for `text` against `runner_up`, in natural log odds.

    `runner_up` is None where what comes second is that none of the texts is right. An answer of
    cluster `cluster_of_answer[i]` weighed `weight_of_answer[i]`: above zero for the text. `prior`
    is what comes of doubts about the spelling. They sum to `log_odds`, which is that of the
    verdict's probabilities.
    """

    text: str
    runner_up: str | None
    prior: float
    weight_of_answer: Floats
    cluster_of_answer: Ints
    log_odds: float


def explain_texts(posterior: TextPosterior, texts: Texts, *, task: int) -> TextExplanation:
    """Say what each answer to a task weighed in its verdict.

    Assumes that `posterior` is the result of a fit to `texts`. See `docs/truth/text.md`.

    Parameters
    ----------
    posterior : TextPosterior
        The fit.
    texts : Texts
        The answers of the fit.
    task : int
        The task; `weight_of_answer` is in the order of its rows in `texts`.

    Returns
    -------
    TextExplanation
        For a task whose text is known, what its answers alone say for it.

    Raises
    ------
    BadAnswers
        If there is no such task, or nobody gave it the text of its verdict.

    Notes
    -----
    Source: see `explain_text_answers`.
    """
    if not 0 <= task < texts.n_tasks:
        raise BadAnswers(f"Expected a task from 0 to {texts.n_tasks - 1}, got {task}.")
    rows = np.flatnonzero(texts.task_of_answer == task)
    best = int(posterior.best[task])
    return explain_text_answers(
        posterior.habits,
        texts.worker_of_answer[rows],
        [texts.text_of_answer[row] for row in rows.tolist()],
        text=posterior.spelling_of_cluster[best] if best >= 0 else None,
    )


def explain_text_answers(
    habits: TextHabits,
    worker_of_answer: Ints,
    texts: Sequence[str],
    *,
    text: str | None = None,
) -> TextExplanation:
    """Say what each answer weighed, from habits alone.

    Assumes that the answers are those to one task. How reliable a worker is adds up by itself.
    What several wrong answers tell by being the same depends on all of them: it is shared out by
    what each answer adds, averaged over all orders in which they may have come.

    Parameters
    ----------
    habits : TextHabits
        What was learned of the workers.
    worker_of_answer : (n_answers,) int32
        Each answer's worker, a row of `habits.concentration`.
    texts : (n_answers,) text
        The answers.
    text : str, optional
        The text to explain; the likeliest if not given.

    Returns
    -------
    TextExplanation
        Against the likeliest other text, or against none being right if that is likelier.

    Raises
    ------
    BadAnswers
        If there are no answers, or none of them is the text.

    Notes
    -----
    Source: L. S. Shapley, A value for n-person games, 1953.
    """
    clusters, forms = cluster_task(texts, worker_of_answer, habits=habits)
    if not forms:
        raise BadAnswers("Expected at least one answer to explain, got none; collect some first.")
    factor = float(
        scales(clusters.n_answers, correlation=habits.correlation, sharpness=habits.sharpness)[0]
    )
    said = say(habits.concentration, clusters)
    against_none = log_odds_against_none(said, clusters, spread=habits.spread) * factor
    logs, log_none = _log_chances(against_none, sureness(clusters, slips=habits.slips)[0])
    best = int(logs.argmax()) if text is None else _place_of(text, forms)
    others = np.append(logs, log_none)
    others[best] = -np.inf
    second = int(others.argmax())
    rival = NONE if second == len(forms) else second
    log_odds = float(logs[best] - others[second])
    weights = factor * _weights(clusters, habits, best=best, rival=rival)
    known = habits.known
    spelt = [
        best_spelling(
            [one for one, of in zip(texts, clusters.of_answer.tolist(), strict=True) if of == at],
            _reliability(habits, clusters, at),
            known=known,
            styles=habits.styles,
        )
        for at in range(len(forms))
    ]
    return TextExplanation(
        text=spelt[best],
        runner_up=None if rival == NONE else spelt[rival],
        prior=log_odds - float(weights.sum()),
        weight_of_answer=weights,
        cluster_of_answer=clusters.of_answer,
        log_odds=log_odds,
    )


def _log_chances(against_none: Floats, sure: Floats) -> tuple[Floats, float]:
    """Return the log probabilities of the texts as they are spelt, and of none of them."""
    all_logs = np.append(against_none, 0.0)
    total = np.logaddexp.reduce(all_logs)
    with np.errstate(divide="ignore"):
        misspelt = against_none + np.log1p(-np.minimum(sure, 1.0))
    none = np.logaddexp.reduce(np.append(misspelt, 0.0)) - total
    return against_none - total + np.log(sure), float(none)


def _place_of(text: str, forms: Sequence[Sequence[str]]) -> int:
    form = normalise(text)
    for place, of_cluster in enumerate(forms):
        if form in of_cluster:
            return place
    raise BadAnswers(
        f"Expected a text that somebody gave to the task, got {text!r}; explain one of the answers."
    )


def _reliability(habits: TextHabits, clusters: Clusters, cluster: int) -> list[float]:
    worker = clusters.worker_of_answer[clusters.of_answer == cluster]
    right = habits.concentration[worker, 0] / habits.concentration[worker].sum(axis=1)
    found: list[float] = right.tolist()
    return found


def _weights(clusters: Clusters, habits: TextHabits, *, best: int, rival: int) -> Floats:
    concentration = habits.concentration[clusters.worker_of_answer]
    reliable = np.log(concentration[:, 0]) - np.log(concentration[:, 1])
    side = np.where(clusters.of_answer == best, 0, np.where(clusters.of_answer == rival, 1, 2))
    sign = np.array([1.0, -1.0, 0.0])
    sizes = np.bincount(side, minlength=3)
    weights: Floats = sign[side] * reliable + _shares(sizes.tolist(), habits.spread)[side]
    return weights


def _shares(sizes: Sequence[int], spread: float) -> Floats:
    """Return what one answer for the text, one for the rival and one for another add by company."""
    n = sum(sizes)
    if np.prod([size + 1 for size in sizes]) > N_CASES_MAX:
        return np.full(3, _company(*np.ogrid[tuple(slice(s, s + 1) for s in sizes)],
                                   n=n, spread=spread).item() / n)  # fmt: skip
    whole = _company(*np.ogrid[tuple(slice(size + 1) for size in sizes)], n=n, spread=spread)
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    shares = np.zeros(3)
    for side in range(3):
        if not sizes[side]:
            continue
        others = [size - (at == side) for at, size in enumerate(sizes)]
        counts = np.ogrid[tuple(slice(size + 1) for size in others)]
        ways = sum(
            factorials[size] - factorials[count] - factorials[size - count]
            for size, count in zip(others, counts, strict=True)
        )
        before = sum(counts)
        orders = factorials[n - 1] - factorials[before] - factorials[n - 1 - before]
        shares[side] = (np.exp(ways - orders) / n * np.diff(whole, axis=side)).sum()
    return shares


def _company(text: Ints, rival: Ints, other: Ints, *, n: int, spread: float) -> Floats:
    """Return the log odds of text to rival that come of who gives the same, by how many gave it."""
    gains, costs = table_gains(n, spread), join_costs(n, spread)
    for_text = gains[rival] - costs[rival + other]
    for_rival = gains[text] - costs[text + other]
    return np.asarray(for_text - for_rival)
