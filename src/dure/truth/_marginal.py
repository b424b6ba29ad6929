"""How a marginal likelihood changes with the strength of a belief; compiled."""

from __future__ import annotations

import math

from numba import njit

from dure.truth.types import Floats

# Counts below this are the tails of probabilities, not answers.
COUNT_MIN = 1e-6


@njit(cache=True, nogil=True)
def strengthen(counts: Floats, mean: Floats, strength: float) -> tuple[float, float]:
    """Return both sums of Minka's step for a Dirichlet's strength; see `habits.learn_strength`.

    counts[case, outcome, column] came from chances around mean[case, outcome, column].
    """
    gained = 0.0
    spent = 0.0
    for case in range(counts.shape[0]):
        for column in range(counts.shape[2]):
            total = 0.0
            for outcome in range(counts.shape[1]):
                n = counts[case, outcome, column]
                total += n
                if n > COUNT_MIN:
                    prior = strength * mean[case, outcome, column]
                    gained += mean[case, outcome, column] * digamma_rise(prior, n)
            if total > COUNT_MIN:
                spent += digamma_rise(strength, total)
    return gained, spent


@njit(cache=True, nogil=True)
def digamma_rise(x: float, n: float) -> float:
    """Return digamma(x + n) - digamma(x), for x > 0 and n >= 0.

    Source: M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions, 6.3.6 (six steps of
    the recurrence, summed up in one fraction) and 6.3.18.
    """
    return (
        math.log((x + n + 6.0) / (x + 6.0))
        - _beyond_log(x + n + 6.0)
        + _beyond_log(x + 6.0)
        - _six_inverses(x + n)
        + _six_inverses(x)
    )


@njit(cache=True, nogil=True)
def _beyond_log(x: float) -> float:
    """Return log(x) - digamma(x), for x of 6 or more."""
    one = 1.0 / x
    f = one * one
    return 0.5 * one + f * (1.0 / 12.0 - f * (1.0 / 120.0 - f * (1.0 / 252.0 - f / 240.0)))


@njit(cache=True, nogil=True)
def _six_inverses(x: float) -> float:
    """Return 1/x + 1/(x + 1) + ... + 1/(x + 5) by one division."""
    q = x * (x + 5.0)
    return (2.0 * x + 5.0) * (3.0 * q * q + 20.0 * q + 24.0) / (q * (q + 4.0) * (q + 6.0))
