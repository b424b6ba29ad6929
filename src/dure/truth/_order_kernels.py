"""The compiled loops behind orders of items. Their numpy twins are the specification."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dure.truth._plackett_luce import FAR
from dure.truth.types import Floats, Ints


@njit(cache=True, nogil=True)
def add_differences(first: Ints, second: Ints, weight: Floats, x: Floats, out: Floats) -> None:
    """Add the graph's Laplacian times `x`, (n_items, n_columns), to `out`."""
    n_columns = x.shape[1]
    for pair in range(first.shape[0]):
        i, j, w = first[pair], second[pair], weight[pair]
        for column in range(n_columns):
            pull = w * (x[i, column] - x[j, column])
            out[i, column] += pull
            out[j, column] -= pull


@njit(cache=True, nogil=True)
def fill_moments(lead: Floats, tie: Floats, side: Floats, out: Floats) -> None:
    """Fill the columns of `out`, (n, 6), as `moments` of comparisons has them."""
    for i in range(lead.shape[0]):
        half = lead[i] / 2.0
        top = max(abs(half), tie[i])
        left, right = math.exp(half - top), math.exp(-half - top)
        same = math.exp(tie[i] - top)
        total = left + right + same
        left, right, same = left / total, right / total, same / total
        expected = left - right
        is_same = side[i] == 0.0
        said = tie[i] if is_same else side[i] * half
        row = out[i]
        row[0] = said - top - math.log(total)
        row[1] = (side[i] - expected) / 2.0
        row[2] = (1.0 if is_same else 0.0) - same
        row[3] = (left + right - expected * expected) / 4.0
        row[4] = same * (1.0 - same)
        row[5] = -expected * same / 2.0


@njit(cache=True, nogil=True)
def fill_told(
    item: Ints, pair: Ints, precision: Floats, score: Floats, pull: Floats, tied: Floats
) -> float:
    """Add all answers' pulls and ties, and return their log chance, as `choices` has them."""
    n_answers, length = item.shape
    strength, inverse, square = np.empty(length), np.empty(length), np.empty(length)
    total = 0.0
    for answer in range(n_answers):
        own = precision[answer]
        total += _choose(item[answer], own, score, strength, inverse)
        so_far = 0.0
        for place in range(length):
            so_far += inverse[place] * inverse[place]
            square[place] = so_far
        so_far = 0.0
        for place in range(length):
            so_far += inverse[place]
            chosen = 1.0 if place < length - 1 else 0.0
            pull[item[answer, place]] += own * (chosen - strength[place] * so_far)
        at = 0
        for ahead in range(length):
            known = own * own * strength[ahead] * square[ahead]
            for behind in range(ahead + 1, length):
                tied[pair[answer, at]] += known * strength[behind]
                at += 1
    return total


@njit(cache=True, nogil=True)
def log_chance_of(item: Ints, precision: Floats, score: Floats) -> float:
    """Return the log chance of all answers, as `choices` has it."""
    n_answers, length = item.shape
    strength, inverse = np.empty(length), np.empty(length)
    total = 0.0
    for answer in range(n_answers):
        total += _choose(item[answer], precision[answer], score, strength, inverse)
    return total


@njit(cache=True, nogil=True)
def fill_of_precision(
    item: Ints, precision: Floats, score: Floats, variance: Floats, slope: Floats, known: Floats
) -> None:
    """Fill each answer's slope and information, as `of_precision` has them."""
    n_answers, length = item.shape
    strength, inverse = np.empty(length), np.empty(length)
    for answer in range(n_answers):
        own = precision[answer]
        _choose(item[answer], own, score, strength, inverse)
        pulled, spread, doubt, mass, square = 0.0, 0.0, 0.0, 0.0, 0.0
        for place in range(length - 1, -1, -1):
            at = score[item[answer, place]]
            mass += strength[place] * at
            square += strength[place] * at * at
            if place < length - 1:
                mean = mass * inverse[place]
                pulled += at - mean
                spread += square * inverse[place] - mean * mean
        once, twice = 0.0, 0.0
        for place in range(length):
            once += inverse[place]
            twice += inverse[place] * inverse[place]
            one = strength[place]
            doubt += (one * once - one * one * twice) * variance[item[answer, place]]
        slope[answer] = pulled - own * doubt
        known[answer] = max(spread, 0.0) + doubt


@njit(cache=True, nogil=True)
def _choose(items: Ints, own: float, score: Floats, strength: Floats, inverse: Floats) -> float:
    """Fill one answer's strengths and one over what was left, and return its log chance."""
    length = items.shape[0]
    top = -np.inf
    for place in range(length):
        top = max(top, own * score[items[place]])
    left, total = 0.0, 0.0
    for place in range(length - 1, -1, -1):
        lead = max(own * score[items[place]] - top, -FAR)
        strength[place] = math.exp(lead)
        left += strength[place]
        if place < length - 1:
            inverse[place] = 1.0 / left
            total += lead - math.log(left)
        else:
            inverse[place] = 0.0
    return total


@njit(cache=True, nogil=True)
def mark_pairs(item: Ints, place: Ints, begin: NDArray[np.int64], number: Ints) -> None:
    """Set to 1 the cells of pairs that an answer has; item i's row starts at `begin[i]`."""
    n_answers, length = item.shape
    for answer in range(n_answers):
        for ahead in range(length):
            for behind in range(ahead + 1, length):
                i, j = item[answer, ahead], item[answer, behind]
                number[begin[min(i, j)] + place[max(i, j)]] = 1


@njit(cache=True, nogil=True)
def fill_pairs(item: Ints, place: Ints, begin: NDArray[np.int64], number: Ints, pair: Ints) -> None:
    """Fill in the number of each answer's pairs, in the order of `triu_indices`."""
    n_answers, length = item.shape
    for answer in range(n_answers):
        at = 0
        for ahead in range(length):
            for behind in range(ahead + 1, length):
                i, j = item[answer, ahead], item[answer, behind]
                pair[answer, at] = number[begin[min(i, j)] + place[max(i, j)]]
                at += 1
