"""Payouts of one owner are decided for one at a time; what stands in accounts meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from django.db import connection
from django.db.models import Sum

from dure.ledger.models import Entry, Purpose
from dure.ledger.payouts.models import PayoutWithheld

OWNERS_PER_QUERY = 5_000


def hold_payouts(owner: str) -> None:
    """Everybody else who would decide about this owner's payouts waits for this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select ledger_hold_payouts(%s)", [owner])


def sums_of(owners: Iterable[str], *, purpose: Purpose, currency: str) -> dict[str, int]:
    """What stands in the accounts of one purpose, by owner; no account is nothing."""
    sums: dict[str, int] = {}
    rest = iter(sorted(set(owners)))
    while some := list(islice(rest, OWNERS_PER_QUERY)):
        rows = (
            Entry.objects.filter(
                account__owner__in=some, account__purpose=purpose, account__currency=currency
            )
            .values_list("account__owner")
            .annotate(total=Sum("amount_minor"))
        )
        sums |= dict(rows)
    return sums


def withheld_of(holders: Iterable[str], *, currency: str) -> dict[str, int]:
    """What each holder keeps for an office: it is there, and can't be paid to anybody else."""
    rows = (
        PayoutWithheld.objects.filter(
            source__holder__in=sorted(set(holders)),
            source__currency=currency,
            source__payout__paid_at__isnull=False,
            source__payout__returned_at=None,
            remitted_as=None,
        )
        .values_list("source__holder")
        .annotate(total=Sum("amount_minor"))
    )
    return dict(rows)
