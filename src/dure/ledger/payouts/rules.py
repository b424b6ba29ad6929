"""An owner's rules for payouts: from how much on, and what the bank's files look like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dure.errors import Invalid
from dure.ledger.money import check_currency
from dure.ledger.payouts.models import PayoutLayout, PayoutRule

THRESHOLD_MINOR_MAX = 10**12


def set_threshold(*, owner: str, currency: str, threshold_minor: int) -> PayoutRule:
    check_currency(currency)
    if not 0 <= threshold_minor <= THRESHOLD_MINOR_MAX:
        raise Invalid("A threshold is not below zero, and not beyond all bounds.")
    rule, _ = PayoutRule.objects.update_or_create(
        owner=owner, currency=currency, defaults={"threshold_minor": threshold_minor}
    )
    return rule


def thresholds_of(owner: str) -> dict[str, int]:
    """By currency; where nothing was said, everything is paid."""
    found = PayoutRule.objects.filter(owner=owner).order_by("currency")
    return dict(found.values_list("currency", "threshold_minor"))


def set_layout(
    *,
    owner: str,
    sheet: Mapping[str, Any] | None = None,
    payer: Mapping[str, Any] | None = None,
) -> PayoutLayout:
    """What is given replaces what was; batches that were released keep what they had."""
    given = {"sheet": sheet, "payer": payer}
    layout, _ = PayoutLayout.objects.update_or_create(
        owner=owner,
        defaults={name: dict(value) for name, value in given.items() if value is not None},
    )
    return layout


def print_layout(owner: str) -> dict[str, Any]:
    """What files of a batch are printed by."""
    found = PayoutLayout.objects.filter(owner=owner).first()
    return {"sheet": found.sheet, "payer": found.payer} if found else {"sheet": {}, "payer": {}}
