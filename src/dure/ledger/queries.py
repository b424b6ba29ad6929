"""What stands in the journal."""

from __future__ import annotations

from django.db.models import QuerySet, Sum

from dure.ledger.models import Entry, LedgerAccount, Purpose
from dure.ledger.money import Money


def accounts_of(owner: str) -> QuerySet[LedgerAccount]:
    return LedgerAccount.objects.filter(owner=owner).order_by("purpose", "currency")


def balance(account: LedgerAccount) -> Money:
    """The sum of all entries of the account."""
    total = Entry.objects.filter(account=account).aggregate(total=Sum("amount_minor"))["total"]
    return Money(total or 0, account.currency)


def balances(*, owner: str, purpose: Purpose) -> list[Money]:
    """One amount for each currency in which the owner has entries of this purpose."""
    rows = (
        Entry.objects.filter(account__owner=owner, account__purpose=purpose)
        .values_list("currency")
        .annotate(total=Sum("amount_minor"))
        .order_by("currency")
    )
    return [Money(total, currency) for currency, total in rows]
