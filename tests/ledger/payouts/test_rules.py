"""Thresholds and layouts of an owner."""

from __future__ import annotations

import pytest

from dure.errors import Invalid
from dure.ledger.payouts.rules import print_layout, set_layout, set_threshold, thresholds_of

ORG = "organisation:1"


@pytest.mark.django_db
def test_threshold_is_kept_for_each_currency() -> None:
    set_threshold(owner=ORG, currency="KRW", threshold_minor=5)
    set_threshold(owner=ORG, currency="KRW", threshold_minor=10_000)
    set_threshold(owner=ORG, currency="EUR", threshold_minor=500)

    assert thresholds_of(ORG) == {"EUR": 500, "KRW": 10_000}
    assert thresholds_of("organisation:2") == {}
    for currency, threshold in (("KRW", -1), ("won", 1)):
        with pytest.raises(Invalid):
            set_threshold(owner=ORG, currency=currency, threshold_minor=threshold)


@pytest.mark.django_db
def test_layout_keeps_what_is_not_given() -> None:
    assert print_layout(ORG) == {"sheet": {}, "payer": {}}

    set_layout(owner=ORG, sheet={"header": True})
    set_layout(owner=ORG, payer={"name": "두레"})

    assert print_layout(ORG) == {"sheet": {"header": True}, "payer": {"name": "두레"}}
