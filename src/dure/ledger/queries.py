"""What stands in the journal: balances, trial balances, an account's entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import connection
from django.db.models import BigIntegerField, Exists, F, Func, OuterRef, Q, QuerySet, Sum
from django.db.models.expressions import RawSQL
from django.db.models.functions import Collate

from dure.ledger.models import Checkpoint, Entry, LedgerAccount, Purpose
from dure.ledger.money import Money
from dure.ledger.reading import Posted, read_all, read_some

ROWS_PER_READ = 2_000


@dataclass(frozen=True)
class Owners:
    """Some owners: by name, and all whose names begin so, each beginning up to a colon."""

    names: frozenset[str]
    beginnings: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        assert all(one.endswith(":") for one in self.beginnings)

    def has(self, owner: str) -> bool:
        return owner in self.names or self.beginning_of(owner) is not None

    def beginning_of(self, owner: str) -> str | None:
        parts = owner.split(":")
        begun = (":".join(parts[:n]) + ":" for n in range(1, len(parts)))
        return next((one for one in begun if one in self.beginnings), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in an owner's account, or in all accounts whose owners begin so."""

    owner: str
    purpose: Purpose
    balance: Money
    n_accounts: int = 1
    # Where it is one account.
    account_id: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Passed:
    """An entry of an account, and what stood there after it."""

    entry: Entry
    balance: Money

    @property
    def cursor(self) -> tuple[int, int]:
        return self.entry.transaction_id, self.entry.place


def accounts_of(owner: str) -> QuerySet[LedgerAccount]:
    return LedgerAccount.objects.filter(owner=owner).order_by("purpose", "currency")


def balance(account: LedgerAccount) -> Money:
    """What was noted of the account, and every entry after it."""
    with connection.cursor() as cursor:
        cursor.execute("select ledger_balance(%s)", [account.pk])
        [total] = cursor.fetchone()
    return Money(int(total), account.currency)


def balances(*, owner: str, purpose: Purpose) -> list[Money]:
    """One amount for each currency in which the owner has entries of this purpose."""
    rows = (
        LedgerAccount.objects.filter(owner=owner, purpose=purpose)
        .filter(Exists(Entry.objects.filter(account=OuterRef("pk"))))
        .annotate(total=Func(F("pk"), function="ledger_balance", output_field=BigIntegerField()))
        .order_by("currency")
        .values_list("currency", "total")
    )
    return [Money(int(total), currency) for currency, total in rows]


def trial_balance(*, owners: Owners | None = None, as_of: datetime | None = None) -> list[Standing]:
    """Every balance of these owners, or of all; those under a beginning are summed as one.

    Over everybody it sums to zero in each currency. An earlier time is summed from all entries.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select owner, purpose, currency, balance_minor, accounts, account"
            " from ledger_trial_balance(%s::text[], %s::text[], %s)",
            [*_as_arrays(owners), as_of],
        )
        return [
            Standing(owner, Purpose(purpose), Money(int(total), currency), n, account)
            for owner, purpose, currency, total, n, account in cursor.fetchall()
        ]


def entries_of(
    account: LedgerAccount, *, before: tuple[int, int] | None = None, limit: int
) -> list[Passed]:
    """The account's entries, the last first, from before a cursor on."""
    found = Entry.objects.filter(account=account)
    if before:
        posted, place = before
        # The first comparison is said twice, since an index is searched by it alone.
        found = found.filter(transaction_id__lte=posted).filter(
            Q(transaction_id__lt=posted) | Q(place__lt=place)
        )
    page = list(found.select_related("transaction").order_by("-transaction_id", "-place")[:limit])
    if not page:
        return []
    standing = _balance_after(page[0])
    passed = []
    for entry in page:
        passed.append(Passed(entry, Money(standing, account.currency)))
        standing -= entry.amount_minor
    return passed


def _balance_after(entry: Entry) -> int:
    posted, place = entry.transaction_id, entry.place
    noted = Checkpoint.objects.filter(account=entry.account_id, up_to_id__lt=posted).first()
    found = Entry.objects.filter(
        account=entry.account_id,
        transaction_id__gt=noted.up_to_id if noted else 0,
        transaction_id__lte=posted,
    ).filter(Q(transaction_id__lt=posted) | Q(place__lte=place))
    total: int | None = found.aggregate(total=Sum("amount_minor"))["total"]
    return (noted.balance_minor if noted else 0) + (total or 0)


def read_accounts(*, owners: Owners | None = None) -> Iterator[LedgerAccount]:
    """The accounts of these owners, or all, by name; however many there are."""
    return (
        LedgerAccount.objects.filter(pk__in=_ids_of(owners))
        .order_by(Collate("owner", "C"), "purpose", "currency")
        .iterator(chunk_size=ROWS_PER_READ)
    )


def read_transactions(*, up_to: int, owners: Owners | None = None) -> Iterator[Posted]:
    """Every transaction, or every one that touches these owners, in order, a few at a time."""
    if owners is None:
        yield from read_all(up_to=up_to)
        return
    touched = (
        Entry.objects.filter(account_id__in=_ids_of(owners), transaction_id__lte=up_to)
        .order_by("transaction_id")
        .values_list("transaction_id", flat=True)
        .distinct()
        .iterator(chunk_size=ROWS_PER_READ)
    )
    while ids := list(islice(touched, ROWS_PER_READ)):
        yield from read_some(ids)


def _ids_of(owners: Owners | None) -> RawSQL:
    return RawSQL(
        "select id from ledger_accounts_of(%s::text[], %s::text[])", [*_as_arrays(owners)]
    )


def _as_arrays(owners: Owners | None) -> tuple[list[str] | None, list[str] | None]:
    return (sorted(owners.names), sorted(owners.beginnings)) if owners else (None, None)
