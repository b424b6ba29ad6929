"""From scores and how sure they are to intervals, ranks and what may be compared at all."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth import _laplacian as laplacian
from dure.truth._intervals import NORMAL_95
from dure.truth.types import Floats, Ints

# Ranks are told from so many samples of the scores; of many items from fewer.
N_SAMPLES = 1000
N_SAMPLES_OF_MANY = 100
# Scores nearer than this differ by rounding alone, and share a rank.
EQUAL = 1e-9
# Two typical items: their difference is normal, cut off where nothing is left.
_POINTS, _POINT_WEIGHTS = np.polynomial.legendre.leggauss(32)
_FAR = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """The order of items as `Ranking` gives it."""

    low: Floats
    high: Floats
    rank: Ints
    rank_low: Ints
    rank_high: Ints
    component: Ints


def components(first: Ints, second: Ints, n_items: int) -> Ints:
    """Number what is connected from the largest on; of equal size, the first item's first."""
    root = np.arange(n_items)
    while True:
        low = np.minimum(root[first], root[second])
        before = root.copy()
        np.minimum.at(root, before[first], low)
        np.minimum.at(root, before[second], low)
        root = root[root]
        if (root == before).all():
            break
    roots, place, sizes = np.unique(root, return_inverse=True, return_counts=True)
    number = np.empty(len(roots), np.int32)
    number[np.lexsort((roots, -sizes))] = np.arange(len(roots))
    found: Ints = number[place]
    return found


def places(
    score: Floats,
    variance: Floats,
    graph: laplacian.Graph,
    *,
    compared: NDArray[np.int64],
    seed: int,
) -> Places:
    """Return 90 % intervals of scores and of ranks.

    `variance` is that of a score in a prior's scale; its component's mean, which no comparison
    tells, is taken off here. `compared` counts each item's comparisons.
    """
    n_items = graph.n_items
    component = components(graph.first, graph.second, n_items)
    sizes = np.bincount(component, minlength=1)
    left = centred_variance(variance, graph, component)
    half = np.where(compared > 0, NORMAL_95 * np.sqrt(left), np.inf)
    within = _ranks(score[:, None], component)[:, 0]
    few = n_items <= laplacian.N_ITEMS_EXACT_MAX
    n_samples = N_SAMPLES if few else N_SAMPLES_OF_MANY
    drawn = _sampled_ranks(score, graph, component, n_samples=n_samples, seed=seed)
    ends = np.quantile(drawn, [0.05, 0.95], axis=1, method="inverted_cdf")
    others = (n_items - sizes[component]).astype(np.int32)
    return Places(
        low=score - half,
        high=score + half,
        rank=_ranks(score[:, None], np.zeros(n_items, np.int32))[:, 0],
        rank_low=np.minimum(ends[0], within).astype(np.int32),
        rank_high=(np.maximum(ends[1], within) + others).astype(np.int32),
        component=component,
    )


def centred_variance(variance: Floats, graph: laplacian.Graph, component: Ints) -> Floats:
    """Take off what is not known of the component's mean, which is the prior's alone."""
    sizes = np.maximum(np.bincount(component, minlength=1), 1)
    left: Floats = np.maximum(variance - 1.0 / (graph.ridge * sizes[component]), 0.0)
    return left


def chance_right(precision: Floats, score_variance: float) -> Floats:
    """Return the chance that a comparison of two typical items is as the scores have it."""
    unit = _FAR * (1.0 + _POINTS) / 2.0
    weight = _POINT_WEIGHTS * np.exp(-(unit**2) / 2.0)
    weight /= weight.sum()
    lead = math.sqrt(2.0 * score_variance) * unit
    with np.errstate(over="ignore"):
        right = 1.0 / (1.0 + np.exp(-precision[:, None] * lead))
    chance: Floats = right @ weight
    return chance


def skills(
    precision: Floats, variance: Floats, score_variance: float, *, n_answers: NDArray[np.int64]
) -> tuple[Floats, Floats, Floats]:
    """Return each worker's skill and its 90 % interval, nan without answers."""
    half = NORMAL_95 * np.sqrt(variance)
    ends = (precision, precision - half, precision + half)
    answered = n_answers > 0
    skill, low, high = (
        np.where(answered, chance_right(end, score_variance), np.nan) for end in ends
    )
    return skill, low, high


def _sampled_ranks(
    score: Floats, graph: laplacian.Graph, component: Ints, *, n_samples: int, seed: int
) -> Ints:
    n_items = graph.n_items
    sizes = np.maximum(np.bincount(component, minlength=1), 1)

    def blocks() -> Iterator[Ints]:
        for drawn in laplacian.samples(graph, n_samples=n_samples, seed=seed):
            yield _ranks(score[:, None] + _centred(drawn, component, sizes), component)

    if not n_items:
        return np.empty((0, n_samples), np.int32)
    return np.concatenate(list(blocks()), axis=1)


def _centred(drawn: Floats, component: Ints, sizes: Floats) -> Floats:
    """Take each component's mean off, which shifts all its items alike."""
    out = np.empty_like(drawn)
    for column in range(drawn.shape[1]):
        mean = np.bincount(component, weights=drawn[:, column], minlength=len(sizes)) / sizes
        out[:, column] = drawn[:, column] - mean[component]
    return out


def _ranks(scores: Floats, component: Ints) -> Ints:
    """Return the rank of each score within its component, 1 for the largest; equal ones share."""
    n_items, n_columns = scores.shape
    ranks = np.empty((n_items, n_columns), np.int32)
    for column in range(n_columns):
        one = scores[:, column]
        order = np.lexsort((-one, component))
        opens = np.ones(n_items, bool)
        steps = one[order[:-1]] - one[order[1:]] > EQUAL
        begins = component[order[1:]] != component[order[:-1]]
        opens[1:] = steps | begins
        at = np.arange(n_items)
        first = np.maximum.accumulate(np.where(np.append(True, begins)[:n_items], at, 0))
        lead = np.maximum.accumulate(np.where(opens, at, 0))
        ranks[order, column] = lead - first + 1
    return ranks
