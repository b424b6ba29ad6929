"""Who gets how much of a call's money: whole minor units, worked out anew from all that is known.

What somebody is entitled to by now is worked out from the whole pot; a settlement pays what of it
was not paid before. So it does not matter in how many settlements a pot is shared out, and what is
learned later only adds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dure.calls.shares.work import Work
from dure.truth.dividing import divide, entitlements

if TYPE_CHECKING:
    from dure.calls.shares.work import Longs

# Weights are whole numbers: answers times millionths of a nat.
NANO_PER_WEIGHT = 1000


@dataclass(frozen=True, slots=True)
class Pots:
    """All there is to share so far, in minor units: to each answer alike, and by value."""

    base_minor: int
    value_minor: int


@dataclass(frozen=True, slots=True)
class Before:
    """What was shared before: to each contributor of the work, and to others besides."""

    base_minor: Longs
    value_minor: Longs
    others_base_minor: int
    others_value_minor: int


@dataclass(frozen=True, slots=True)
class Shares:
    """What each contributor of the work gets now, in minor units."""

    base_minor: Longs
    value_minor: Longs


def share_out(*, pots: Pots, work: Work, before: Before, is_last: bool) -> Shares:
    """Divide what is there; the last time nothing is left, except where nobody contributed."""
    return Shares(
        base_minor=_pay(
            divide(pots.base_minor, work.counted),
            before=before.base_minor,
            available_minor=pots.base_minor
            - int(before.base_minor.sum())
            - before.others_base_minor,
        ),
        value_minor=_pay(
            _value_entitlements(pots.value_minor, work=work, is_last=is_last),
            before=before.value_minor,
            available_minor=pots.value_minor
            - int(before.value_minor.sum())
            - before.others_value_minor,
        ),
    )


def lower_weights(work: Work) -> Longs:
    """What is certain of the value of all somebody's answers: mean less error, times how many."""
    lower = np.where(work.is_known, np.maximum(work.mean_nano - work.error_nano, 0), 0)
    weights: Longs = work.counted * (lower // NANO_PER_WEIGHT)
    return weights


def claim_weights(work: Work) -> Longs:
    """What all somebody's answers may be worth; of whom little is known, as much as the crowd's."""
    known = work.is_known
    checked = int(work.checked[known].sum())
    crowd = int((work.checked[known] * np.maximum(work.mean_nano[known], 0)).sum())
    usual = crowd // checked if checked else 0
    mean = np.where(known, np.maximum(work.mean_nano, 0), usual)
    weights: Longs = work.counted * (mean // NANO_PER_WEIGHT)
    return weights


def _value_entitlements(pot_minor: int, *, work: Work, is_last: bool) -> Longs:
    lower = lower_weights(work)
    if is_last:
        # Nothing more will be checked. Where no value was found, all answers are alike.
        return divide(pot_minor, lower if lower.any() else work.counted)
    return entitlements(pot_minor, lower_weights=lower, claim_weights=claim_weights(work))


def _pay(entitled: Longs, *, before: Longs, available_minor: int) -> Longs:
    """What is due and was not paid yet; what was paid too much once is never asked back."""
    due: Longs = np.maximum(entitled - before, 0)
    available_minor = max(0, available_minor)
    if int(due.sum()) <= available_minor:
        return due
    return divide(available_minor, due)
