"""What is known of how people write, and what it makes of the texts given to a task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dure.truth.types import Floats, Ints

NO_CLUSTER = -1
# Of two slips in one text, so many are the same.
SAME_SLIP = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class TextHabits:
    """What a fit learned of how workers write, and how it turns texts into probabilities.

    `concentration` holds the parameters of a Beta distribution for each worker, right and wrong
    answers: (n_workers, 2); `newcomer` is the same for a worker without answers. `spread` is how
    much wrong answers differ: the next wrong one to a task is a new one with odds of `spread` to
    the number of wrong ones so far. `correlation` and `sharpness` temper the log odds. Spellings up
    to `nearness` errors a letter apart may be one, but those in `known`, which several people
    gave to some task, are words of their own; to explain a task those among its own words are as
    good as all. `slips` is how often an answer has a text's spelling wrong, and `styles` how large
    a part of the answers is in each style.
    """

    concentration: Floats
    newcomer: Floats
    spread: float
    correlation: float
    sharpness: float
    nearness: float
    known: frozenset[str]
    slips: float
    styles: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """Which answers to which task are one text; `right[t]` is its known cluster, or NO_CLUSTER.

    Clusters are numbered over all tasks, task by task. A known text that nobody gave is a cluster
    without answers. Spelling i is one of `cluster_of_spelling[i]`, with `support_of_spelling[i]`
    answers behind it.
    """

    of_answer: Ints
    worker_of_answer: Ints
    task: Ints
    size: Ints
    n_answers: Ints
    right: Ints
    cluster_of_spelling: Ints
    support_of_spelling: Floats


def say(concentration: Floats, clusters: Clusters) -> Floats:
    """Add up what the answers say for their texts.

    Parameters
    ----------
    concentration : (n_workers, 2) float64
        As in `TextHabits`.
    clusters : Clusters
        The answers' clusters.

    Returns
    -------
    (n_clusters,) float64
        The log odds of all of its answers being right to all being wrong.
    """
    log_odds = np.log(concentration[:, 0]) - np.log(concentration[:, 1])
    said: Floats = np.bincount(
        clusters.of_answer,
        weights=log_odds[clusters.worker_of_answer],
        minlength=len(clusters.task),
    ).astype(np.float64, copy=False)
    return said


def log_odds_against_none(said: Floats, clusters: Clusters, *, spread: float) -> Floats:
    """Tell how much likelier it is that a cluster is right than that no answer is.

    Wrong answers join each other as guests in a Chinese restaurant: the more are at a table, the
    likelier is the next to sit down there.

    Parameters
    ----------
    said : (n_clusters,) float64
        As `say` gives it.
    clusters : Clusters
        The answers' clusters.
    spread : float
        As in `TextHabits`.

    Returns
    -------
    (n_clusters,) float64
        Log odds, not tempered.

    Notes
    -----
    Source: C. H. Lin, Mausam and D. S. Weld, Crowdsourcing control: moving beyond multiple
    choice, UAI 2012, section 3 (the restaurant); with each worker's accuracy, and the partition's
    probability in full.
    """
    n = clusters.n_answers[clusters.task]
    joined = join_costs(int(n.max(initial=0)), spread)
    together = table_gains(int(clusters.size.max(initial=0)), spread)
    result: Floats = said - together[clusters.size] + joined[n] - joined[n - clusters.size]
    return result


def join_costs(n_max: int, spread: float) -> Floats:
    """Give log(spread (spread + 1) ... (spread + m - 1)) for m from 0 to `n_max`.

    Parameters
    ----------
    n_max : int
        The most wrong answers.
    spread : float
        As in `TextHabits`.

    Returns
    -------
    (n_max + 1,) float64
        What is divided by in the probability of a partition of m wrong answers.
    """
    return np.concatenate([[0.0], np.cumsum(np.log(spread + np.arange(n_max)))])


def table_gains(n_max: int, spread: float) -> Floats:
    """Give log(spread (k - 1)!) for k from 0 to `n_max`, 0 for none.

    Parameters
    ----------
    n_max : int
        The most answers of one text.
    spread : float
        As in `TextHabits`.

    Returns
    -------
    (n_max + 1,) float64
        What a wrong text of k answers adds to the log probability of a partition.
    """
    factorials = np.cumsum(np.log(np.maximum(np.arange(n_max), 1)))
    return np.concatenate([[0.0], np.log(spread) + factorials])


def scales(n_answers: Ints, *, correlation: float, sharpness: float) -> Floats:
    """Tell what log odds are multiplied with, for answers to one task fail together.

    Parameters
    ----------
    n_answers : (n,) int32
        How many answers a task has.
    correlation, sharpness : float
        As in `TextHabits`.

    Returns
    -------
    (n,) float64
        Factors above 0.
    """
    factors: Floats = sharpness / (1.0 + correlation * np.maximum(n_answers - 1, 0))
    return factors


def chances(log_odds: Floats, clusters: Clusters) -> Floats:
    """Turn log odds against none into probabilities; known texts are certain.

    Parameters
    ----------
    log_odds : (n_clusters,) float64
        Tempered or not.
    clusters : Clusters
        The answers' clusters.

    Returns
    -------
    (n_clusters,) float64
        Those of a task sum to at most 1; the rest is that none of its texts is right.
    """
    n_tasks = len(clusters.n_answers)
    best = np.zeros(n_tasks)
    np.maximum.at(best, clusters.task, log_odds)
    exponent = np.exp(log_odds - best[clusters.task])
    total = np.exp(-best) + np.bincount(clusters.task, weights=exponent, minlength=n_tasks)
    result: Floats = exponent / total[clusters.task]
    right = clusters.right[clusters.task]
    is_right = right == np.arange(len(clusters.task))
    return np.where(right == NO_CLUSTER, result, is_right.astype(np.float64))


def sureness(clusters: Clusters, *, slips: float) -> tuple[Floats, Floats]:
    """Tell how sure each cluster's best spelling is, were the cluster right.

    Each answer has the spelling right or slips, seldom twice in the same way; all may have slipped.

    Parameters
    ----------
    clusters : Clusters
        The spellings and their support.
    slips : float
        How often an answer slips, between 0 and 1.

    Returns
    -------
    (n_clusters,) float64, (n_spellings,) float64
        The best spelling's chance; and each spelling's.
    """
    n_clusters = len(clusters.task)
    support = clusters.support_of_spelling
    speaks = support * (np.log1p(-slips) - np.log(slips))
    speaks -= np.maximum(support - 1.0, 0.0) * np.log(SAME_SLIP)
    # Against the one spelling that nobody gave, for which nothing speaks.
    most = np.zeros(n_clusters)
    np.maximum.at(most, clusters.cluster_of_spelling, speaks)
    exponent = np.exp(speaks - most[clusters.cluster_of_spelling])
    total = np.exp(-most) + np.bincount(
        clusters.cluster_of_spelling, weights=exponent, minlength=n_clusters
    )
    chance = exponent / total[clusters.cluster_of_spelling]
    best = np.zeros(n_clusters)
    np.maximum.at(best, clusters.cluster_of_spelling, chance)
    return best, chance


def conclude_clusters(habits: TextHabits, clusters: Clusters) -> tuple[Floats, Floats]:
    """Tell each cluster's probability by what was learned.

    Parameters
    ----------
    habits : TextHabits
        What was learned.
    clusters : Clusters
        The answers' clusters.

    Returns
    -------
    two (n_clusters,) float64
        The chance that the cluster is right and its best spelling too, and the chance that the
        cluster is right, however it is spelt. Both are tempered; see `chances`.
    """
    log_odds = log_odds_against_none(
        say(habits.concentration, clusters), clusters, spread=habits.spread
    )
    factor = scales(clusters.n_answers, correlation=habits.correlation, sharpness=habits.sharpness)
    gathered = chances(log_odds * factor[clusters.task], clusters)
    sure = sureness(clusters, slips=habits.slips)[0]
    is_known = clusters.right[clusters.task] != NO_CLUSTER
    return np.where(is_known, gathered, gathered * sure), gathered
