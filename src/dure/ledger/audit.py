"""Prove from the rows alone that the journal is in balance."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, F, Sum

from dure.ledger.models import Entry, Transaction

# One fault is too many; this is how many of each kind a report names.
FAULTS_MAX = 100


@dataclass(frozen=True, slots=True)
class Residual:
    """A transaction that does not sum to zero in a currency."""

    key: str
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Miscount:
    """A transaction that has not the number of entries it stated."""

    key: str
    stated: int
    found: int


@dataclass(frozen=True, slots=True)
class Misplaced:
    """An entry whose currency is not its account's."""

    key: str
    place: int


@dataclass(frozen=True, slots=True)
class Report:
    n_transactions: int
    n_entries: int
    residuals: tuple[Residual, ...]
    miscounts: tuple[Miscount, ...]
    misplaced: tuple[Misplaced, ...]

    @property
    def is_sound(self) -> bool:
        return not (self.residuals or self.miscounts or self.misplaced)


def audit() -> Report:
    """Each check is one statement, so it sees every transaction either whole or not at all."""
    return Report(
        n_transactions=Transaction.objects.count(),
        n_entries=Entry.objects.count(),
        residuals=_residuals(),
        miscounts=_miscounts(),
        misplaced=_misplaced(),
    )


def _residuals() -> tuple[Residual, ...]:
    rows = (
        Entry.objects.values_list("transaction__key", "currency")
        .annotate(residual=Sum("amount_minor"))
        .exclude(residual=0)
        .order_by("transaction_id", "currency")[:FAULTS_MAX]
    )
    return tuple(Residual(key, currency, amount) for key, currency, amount in rows)


def _miscounts() -> tuple[Miscount, ...]:
    rows = (
        Transaction.objects.annotate(found=Count("entries__place"))
        .exclude(found=F("n_entries"))
        .order_by("id")
        .values_list("key", "n_entries", "found")[:FAULTS_MAX]
    )
    return tuple(Miscount(key, stated, found) for key, stated, found in rows)


def _misplaced() -> tuple[Misplaced, ...]:
    rows = (
        Entry.objects.exclude(currency=F("account__currency"))
        .order_by("transaction_id", "place")
        .values_list("transaction__key", "place")[:FAULTS_MAX]
    )
    return tuple(Misplaced(key, place) for key, place in rows)
