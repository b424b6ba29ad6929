from __future__ import annotations

import pytest

from dure.calls.shares.limits import limit_of, limits_of, set_limit
from dure.errors import Invalid
from dure.ledger.money import Money
from tests.factories import make_organisation

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("currency", "usual"), [("KRW", 1_000_000), ("USD", 100_000)])
def test_the_last_limit_of_a_currency_holds(currency: str, usual: int) -> None:
    organisation = make_organisation()
    assert limit_of(organisation, currency) == Money(usual, currency)

    for limit in (5, 0):
        set_limit(organisation=organisation, limit=Money(limit, currency), by="account:1")

    assert limit_of(organisation, currency) == Money(0, currency)
    assert limit_of(make_organisation(), currency) == Money(usual, currency)


def test_a_limit_is_not_below_nothing() -> None:
    with pytest.raises(Invalid):
        set_limit(organisation=make_organisation(), limit=Money(-1, "KRW"), by="account:1")


def test_limits_are_read_at_once_for_all_currencies() -> None:
    organisation = make_organisation()
    for amount in (5, 7):
        set_limit(organisation=organisation, limit=Money(amount, "EUR"), by="x")

    found = limits_of(organisation, ["USD", "KRW"])

    assert found == [limit_of(organisation, currency) for currency in ("EUR", "KRW", "USD")]
