"""What counts tell of how workers answer: each is shrunk to the crowd as far as the crowd agrees.

Every function takes the counts of one round and the strengths of the beliefs so far.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dure.truth._intervals import wilson
from dure.truth._marginal import strengthen
from dure.truth._rows import N_PARTS_MAX, side_by_side
from dure.truth.chances import odds
from dure.truth.types import Floats, Habits, Ints

# What is believed of a crowd before its first answer: right 7 times in 10, worth so many answers.
CROWD_ACCURACY = 0.7
CROWD_STRENGTH = 50.0
# Each label is believed to be as frequent as the others, worth so many tasks each.
PREVALENCE_STRENGTH = 10.0
STRENGTH_MIN, STRENGTH_MAX = 0.5, 500.0
# Below so many cells a second thread costs more than it brings.
N_CELLS_OF_PART = 40_000


@dataclass(frozen=True, slots=True)
class Belief:
    """A Gamma distribution of what a strength may be, before the answers tell."""

    mean: float
    shape: float


# Workers are like the crowd as if so many answers had said so.
ALIKE = Belief(mean=4.0, shape=10.0)
# The crowd's wrong answers spread evenly as if so many tasks of each label had said so: tasks and
# not answers, for answers to one task tend to be wrong in the same way.
EVEN = Belief(mean=10.0, shape=3.0)


@dataclass(frozen=True, slots=True)
class Strengths:
    """How strong beliefs are by now.

    How alike workers are in how often they are right, and in how they confuse, in answers; how
    evenly the crowd's wrong answers spread, in tasks, which have `n_each` answers on average.
    """

    n_each: float
    accuracy: float = ALIKE.mean
    matrix: float = ALIKE.mean
    even: float = EVEN.mean


def learn_matrices(counts: Floats, strengths: Strengths) -> tuple[Floats, Floats, Strengths]:
    """Shrink each worker's matrix to the crowd's, scaled to how often that worker is right.

    Parameters
    ----------
    counts : (n_workers, n_labels, n_states) float64
        How many answers of each label each worker gave to tasks of each state.
    strengths : Strengths
        How alike workers were in the last round.

    Returns
    -------
    (n_workers, n_labels, n_states) float64, (n_labels, n_states) float64, Strengths
        Each worker's Dirichlet parameters, a newcomer's, and how alike workers are now.

    Notes
    -----
    Source: our own, `docs/truth/dawid_skene.md`.
    """
    crowd, even = learn_crowd(counts.sum(axis=0), strengths)
    accuracy, crowd_accuracy, of_accuracy = _learn_accuracy(count_hits(counts), strengths.accuracy)
    mean = np.repeat(crowd[None], len(counts), axis=0)
    label, state = _where_right(*crowd.shape)
    mean[:, label, state] *= _odds_ratio(accuracy, crowd_accuracy)[:, None]
    mean /= mean.sum(axis=1, keepdims=True)
    of_matrix = learn_strength(counts, mean, strengths.matrix, belief=ALIKE)
    mean *= of_matrix
    mean += counts
    learned = replace(strengths, accuracy=of_accuracy, matrix=of_matrix, even=even)
    return mean, crowd * of_matrix, learned


def count_hits(counts: Floats) -> Floats:
    """Count how many answers were right and wrong.

    Parameters
    ----------
    counts : (n_workers, n_labels, n_states) or (n_workers, 2) float64
        As `learn_matrices` or `learn_coins` takes them.

    Returns
    -------
    (n_workers, 2) float64
        The counts of right and wrong ones.
    """
    if counts.ndim == 2:
        return counts
    label, state = _where_right(*counts.shape[1:])
    right = counts[:, label, state].sum(axis=1)
    return np.stack([right, np.maximum(counts.sum(axis=(1, 2)) - right, 0.0)], axis=1)


def tell_without_own(
    habits: Habits,
    hits: Floats,
    strength: float,
    *,
    worker_of_answer: Ints,
    label_of_answer: Ints,
    own: Floats,
) -> Floats:
    """Tell each answer's chance by matrices that have not counted it.

    It is taken out of its worker's counts and of how often that worker is right, to which the
    matrix is scaled. Where workers gave few answers the second tells as much as the first.

    Parameters
    ----------
    habits : Habits
        Those of `learn_matrices`.
    hits : (n_workers, 2) float64
        The counts of right and wrong answers that they came from.
    strength : float
        How alike workers are in how often they are right.
    worker_of_answer, label_of_answer : (n_answers,) int32
        The answers.
    own : (n_answers, n_states) float64
        What each was counted as: its task's probabilities.

    Returns
    -------
    (n_answers, n_states) float64
        The chance of the answer's label given the state.
    """
    strength_of_matrix = habits.newcomer.sum(axis=0)
    crowd = habits.newcomer / strength_of_matrix
    right = own.reshape(len(own), -1, habits.n_labels)[np.arange(len(own)), :, label_of_answer]
    own_hits = np.stack([right.sum(axis=1), 1.0 - right.sum(axis=1)], axis=1)
    crowd_accuracy = _crowd_accuracy(hits[:, 0].sum(), hits.sum())
    with_own, without_own = (
        strength_of_matrix
        * _scale_crowd(
            crowd, crowd_accuracy, _accuracy(given, strength, crowd_accuracy), label_of_answer
        )
        for given in (hits[worker_of_answer], hits[worker_of_answer] - own_hits)
    )
    counted = habits.concentration[worker_of_answer, label_of_answer] - with_own - own
    total = habits.concentration.sum(axis=1)[worker_of_answer] - own
    # What was counted can be taken away; rounding must not leave less than nothing.
    chance: Floats = (without_own + np.maximum(counted, 0.0)) / total
    return chance


def _scale_crowd(
    crowd: Floats, crowd_accuracy: float, accuracy: Floats, label_of_answer: Ints
) -> Floats:
    """Return each answer's chance by the crowd's matrix, scaled to its worker's accuracy."""
    label, state = _where_right(*crowd.shape)
    scale = _odds_ratio(accuracy, crowd_accuracy)[:, None]
    total = 1.0 + crowd[label, state] * (scale - 1.0)
    is_right = label_of_answer[:, None] == label
    scaled: Floats = crowd[label_of_answer] * np.where(is_right, scale, 1.0) / total
    return scaled


def learn_coins(hits: Floats, strengths: Strengths) -> tuple[Floats, Floats, Strengths]:
    """Shrink how often each worker is right to the crowd.

    Parameters
    ----------
    hits : (n_workers, 2) float64
        How many of each worker's answers were right and wrong.
    strengths : Strengths
        How alike workers were in the last round.

    Returns
    -------
    (n_workers, 2) float64, (2,) float64, Strengths
        Each worker's Beta parameters, a newcomer's, and how alike workers are now.

    Notes
    -----
    Source: our own, `docs/truth/one_coin.md`.
    """
    _, crowd_accuracy, strength = _learn_accuracy(hits, strengths.accuracy)
    newcomer = strength * np.array([crowd_accuracy, 1.0 - crowd_accuracy])
    return hits + newcomer, newcomer, replace(strengths, accuracy=strength)


def share_coin(hits: Floats, strengths: Strengths) -> tuple[Floats, Floats, Strengths]:
    """Let all workers be right as often as all of them together.

    Parameters
    ----------
    hits : (n_workers, 2) float64
        How many of each worker's answers were right and wrong.
    strengths : Strengths
        Comes back as it is.

    Returns
    -------
    (n_workers, 2) float64, (2,) float64, Strengths
        Beta parameters, the same for all.

    Notes
    -----
    Source: our own, `docs/truth/shared_accuracy.md`.
    """
    both = hits.sum(axis=0) + CROWD_STRENGTH * np.array([CROWD_ACCURACY, 1.0 - CROWD_ACCURACY])
    return np.repeat(both[None], len(hits), axis=0), both, strengths


def learn_crowd(counts: Floats, strengths: Strengths) -> tuple[Floats, float]:
    """Estimate the crowd's chance of each label given the state, and how evenly it errs.

    Parameters
    ----------
    counts : (n_labels, n_states) float64
        Answers by label given and state.
    strengths : Strengths
        How evenly the crowd erred in the last round, and how many answers a task has.

    Returns
    -------
    (n_labels, n_states) float64, float
        Each column sums to 1; and the strength of the belief that errors spread evenly, in tasks.
    """
    n_labels, n_states = counts.shape
    if n_labels == 1:
        return np.ones((1, n_states)), strengths.even
    right = _where_right(n_labels, n_states)
    accuracy = _crowd_accuracy(counts[right].sum(), counts.sum())
    even = np.full((n_labels, n_states), (1.0 - accuracy) / (n_labels - 1))
    even[right] = accuracy
    in_tasks = counts / strengths.n_each
    strength = learn_strength(in_tasks[None], even[None], strengths.even, belief=EVEN)
    return (in_tasks + strength * even) / (in_tasks.sum(axis=0) + strength), strength


def learn_strength(counts: Floats, mean: Floats, strength: float, *, belief: Belief) -> float:
    """Make the counts likelier: how near do the chances behind them lie to `mean`?

    Parameters
    ----------
    counts : (n_cases, n_outcomes, n_columns) float64
        Each column of each case came from chances of its own.
    mean : (n_cases, n_outcomes, n_columns) float64
        What those chances are believed to be; each column sums to 1.
    strength : float
        The strength so far, in what the counts count.
    belief : Belief
        What the strength may be.

    Returns
    -------
    float
        A likelier one under the belief, about four steps further.

    Notes
    -----
    Source: T. P. Minka, Estimating a Dirichlet distribution, 2000, section 4 (his step for the
    precision of a Dirichlet-multinomial), with the belief's terms added to both sums.
    """
    n_parts = min(max(counts.size // N_CELLS_OF_PART, 1), N_PARTS_MAX)
    bounds = np.linspace(0, len(counts), n_parts + 1).astype(np.int64).tolist()
    logs = [math.log(strength)]
    for _ in range(2):
        strength = math.exp(logs[-1])
        gained, spent = _strengthen(counts, mean, strength, bounds)
        renewed = (strength * gained + belief.shape) / (spent + belief.shape / belief.mean)
        logs.append(math.log(min(max(renewed, STRENGTH_MIN), STRENGTH_MAX)))
    # Steps shorten by a nearly constant factor: two more, as they would be, for nothing.
    first, second = logs[1] - logs[0], logs[2] - logs[1]
    factor = min(max(second / first, 0.0), 1.0) if first else 0.0
    further = math.exp(logs[2] + second * (factor + factor**2))
    return min(max(further, STRENGTH_MIN), STRENGTH_MAX)


def _strengthen(
    counts: Floats, mean: Floats, strength: float, bounds: list[int]
) -> tuple[float, float]:
    if len(bounds) == 2:
        gained, spent = strengthen(counts, mean, strength)
        return gained, spent
    parts = side_by_side(
        lambda first, last: strengthen(counts[first:last], mean[first:last], strength), bounds
    )
    return sum(gained for gained, _ in parts), sum(spent for _, spent in parts)


def learn_prevalence(mass: Floats, *, n_labels: int) -> Floats:
    """Estimate how often each state is true.

    Parameters
    ----------
    mass : (n_states,) float64
        The tasks' probabilities, added up.
    n_labels : int
        How many labels there are.

    Returns
    -------
    (n_states,) float64
        Sums to 1.
    """
    total = mass + PREVALENCE_STRENGTH * n_labels / len(mass)
    prevalence: Floats = total / total.sum()
    return prevalence


def skill_interval(
    habits: Habits, *, n_given: Floats, doubt: Floats, strengths: Strengths
) -> tuple[Floats, Floats, Floats]:
    """Tell how often each worker is right, over the labels as often as they occur.

    Parameters
    ----------
    habits : Habits
        What was learned of the workers.
    n_given : (n_workers,) float64
        How many answers each gave.
    doubt : (n_workers,) float64
        The variance of the number of right answers, for the truth is not known for certain.
    strengths : Strengths
        How alike workers are.

    Returns
    -------
    three (n_workers,) float64
        The skill, and the ends of its 90 % interval.

    Notes
    -----
    Source: Wilson's interval, with as many answers as the variance is worth.
    """
    believed = habits.concentration
    if believed.ndim == 2:
        n_worth = believed.sum(axis=1)
        skill = believed[:, 0] / n_worth
    else:
        # What a matrix is shrunk to came from the same answers: it is no further evidence.
        n_worth = n_given + strengths.accuracy
        label, state = _where_right(*believed.shape[1:])
        right = believed[:, label, state] / believed.sum(axis=1)
        skill = right @ habits.prevalence
    variance = skill * (1.0 - skill) / (n_worth + 1.0) + doubt / n_worth**2
    low, high = wilson(skill, skill * (1.0 - skill) / np.maximum(variance, 1e-12) - 1.0)
    return skill, low, high


def _where_right(n_labels: int, n_states: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the label that is right in each state, and the state: an index into matrices."""
    state = np.arange(n_states)
    return state % n_labels, state


def _odds_ratio(accuracy: Floats, crowd_accuracy: float) -> Floats:
    return odds(accuracy) / odds(np.array([crowd_accuracy]))


def _learn_accuracy(hits: Floats, strength: float) -> tuple[Floats, float, float]:
    """Return how often each worker is right, how often the crowd is, and how alike they are."""
    crowd = _crowd_accuracy(hits[:, 0].sum(), hits.sum())
    mean = np.empty((len(hits), 2, 1))
    mean[:, 0], mean[:, 1] = crowd, 1.0 - crowd
    strength = learn_strength(hits[:, :, None], mean, strength, belief=ALIKE)
    return _accuracy(hits, strength, crowd), crowd, strength


def _accuracy(hits: Floats, strength: float, crowd_accuracy: float) -> Floats:
    accuracy: Floats = (hits[:, 0] + strength * crowd_accuracy) / (hits.sum(axis=1) + strength)
    return accuracy


def _crowd_accuracy(n_right: float, n_given: float) -> float:
    return float((n_right + CROWD_STRENGTH * CROWD_ACCURACY) / (n_given + CROWD_STRENGTH))
