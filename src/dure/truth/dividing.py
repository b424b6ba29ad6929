"""Dividing whole minor units of money, so that the parts sum to what was divided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dure.truth.types import Floats
from dure.truth.validate import BadAnswers

Longs: TypeAlias = NDArray[np.int64]
Weights: TypeAlias = Floats | Longs | Sequence[float] | Sequence[int]

# A fraction weighs by its billionths, rounded: its last bits may differ from machine to machine.
WEIGHT_PARTS = 10**9
WEIGHT_MAX = 1e15
AMOUNT_MAX = 2**63 - 1


def divide(amount_minor: int, weights: Weights) -> Longs:
    """Divide an amount by weights, by the largest remainders.

    Exact at any size: each part is the floor of its exact share or one more, equal weights get
    parts at most one apart, and among equal remainders the earlier position comes first.

    Parameters
    ----------
    amount_minor : int
        What to divide, from 0 to 2**63 - 1.
    weights : (n_parts,) float64 or int64
        Not negative, at most 1e15; fractions count by their billionths.

    Returns
    -------
    (n_parts,) int64
        They sum to the amount; all 0 where no weight is above 0.

    Raises
    ------
    BadAnswers
        If the amount or a weight is out of its range.

    Notes
    -----
    Source: A. Hamilton, Report on apportionment, 1792; M. L. Balinski and H. P. Young, Fair
    Representation, 1982, chapter 3.
    """
    _check_amount(amount_minor)
    return _largest_remainders(int(amount_minor), _whole("weights", weights))


def entitlements(total_minor: int, *, lower_weights: Weights, claim_weights: Weights) -> Longs:
    """Divide what is certain of an amount: its share that the lower weights are of the claims.

    Parameters
    ----------
    total_minor : int
        What there is, from 0 to 2**63 - 1.
    lower_weights : (n_parts,) float64 or int64
        What each has earned for certain.
    claim_weights : (n_parts,) float64 or int64
        What each may have earned, at least as much.

    Returns
    -------
    (n_parts,) int64
        They sum to floor(total × Σ lower / Σ claim); the rest is for later.

    Raises
    ------
    BadAnswers
        If an amount or a weight is out of its range, or a lower weight above its claim.
    """
    _check_amount(total_minor)
    lowest, claims = _whole("lower_weights", lower_weights), _whole("claim_weights", claim_weights)
    if len(lowest) != len(claims):
        raise BadAnswers(
            f"Expected as many claim_weights as lower_weights ({len(lowest)}), got {len(claims)}."
        )
    for at, (low, most) in enumerate(zip(lowest, claims, strict=True)):
        if low > most:
            raise BadAnswers(f"Expected no lower weight above its claim, got one at position {at}.")
    payable = int(total_minor) * sum(lowest) // max(1, sum(claims))
    return _largest_remainders(payable, lowest)


def _largest_remainders(amount: int, weights: list[int]) -> Longs:
    total = sum(weights)
    if not total:
        return np.zeros(len(weights), np.int64)
    parts, remainders = [], []
    for weight in weights:
        part, remainder = divmod(amount * weight, total)
        parts.append(part)
        remainders.append(remainder)
    rest = amount - sum(parts)
    # Sorting keeps the order of equals, so ties go by position.
    for at in sorted(range(len(weights)), key=lambda at: -remainders[at])[:rest]:
        parts[at] += 1
    return np.array(parts, np.int64)


def _whole(name: str, weights: Weights) -> list[int]:
    """Return the weights in billionths."""
    array = np.asarray(weights)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iuf"):
        raise BadAnswers(f"Expected {name} to be numbers in one row, got shape {array.shape}.")
    bad = np.flatnonzero(~((array >= 0) & (array <= WEIGHT_MAX)))
    if bad.size:
        raise BadAnswers(
            f"Expected {name} from 0 to {WEIGHT_MAX:g}, got {array[bad[0]]} at position {bad[0]}."
        )
    if array.dtype.kind in "iu":
        return [weight * WEIGHT_PARTS for weight in array.tolist()]
    # As a ratio of whole numbers, for the product of two floats would be rounded itself.
    ratios = (float(weight).as_integer_ratio() for weight in array)
    return [(2 * above * WEIGHT_PARTS + below) // (2 * below) for above, below in ratios]


def _check_amount(amount: int) -> None:
    if not 0 <= amount <= AMOUNT_MAX:
        raise BadAnswers(f"Expected an amount from 0 to {AMOUNT_MAX}, got {amount}.")
