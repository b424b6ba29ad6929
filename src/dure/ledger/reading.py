"""Read the journal from its beginning, however long it is, a few transactions at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from dure.ledger.models import Entry, Transaction

# How many transactions are looked up together, and after how many entries a batch ends: a
# transaction may have one entry or ten thousand.
TRANSACTIONS_PER_READ = 2_000
ENTRIES_PER_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Line:
    """An entry, with its account's names."""

    place: int
    owner: str
    purpose: str
    currency: str
    amount_minor: int
    # Another than the entry's only where somebody has damaged the journal.
    account_currency: str


@dataclass(frozen=True, slots=True)
class Posted:
    """A transaction with its entries in order of place, and its link in the chain."""

    id: int
    key: str
    reason: str
    at: datetime
    # JSON as the database spells it.
    facts: str
    n_entries: int
    # None where somebody has taken the link away.
    number: int | None
    previous: bytes
    hash: bytes
    lines: tuple[Line, ...]


def last_id() -> int:
    """The last transaction's number; numbers are in the order of commits, so none below is open."""
    last = Transaction.objects.order_by("-id").values_list("id", flat=True).first()
    return last or 0


def read_all(*, up_to: int) -> Iterator[Posted]:
    """Every transaction up to a number, in order."""
    after = 0
    while True:
        wanted = Transaction.objects.filter(id__gt=after, id__lte=up_to)
        heads = _read_heads(wanted.order_by("id")[:TRANSACTIONS_PER_READ])
        yield from _with_lines(heads)
        if len(heads) < TRANSACTIONS_PER_READ:
            return
        after = heads[-1].id


def read_some(ids: Sequence[int]) -> Iterator[Posted]:
    """These transactions, in order."""
    for start in range(0, len(ids), TRANSACTIONS_PER_READ):
        wanted = ids[start : start + TRANSACTIONS_PER_READ]
        yield from _with_lines(
            _read_heads(Transaction.objects.filter(id__in=wanted).order_by("id"))
        )


def _read_heads(transactions: QuerySet[Transaction]) -> list[Posted]:
    rows = transactions.annotate(spelt=Cast("facts", TextField())).values_list(
        "id", "key", "reason", "at", "spelt", "n_entries",
        "link__number", "link__previous", "link__hash",
    )  # fmt: skip
    return [
        Posted(
            pk, key, reason, at, facts, n_entries,
            number, bytes(previous or b""), bytes(own_hash or b""), (),
        )
        for pk, key, reason, at, facts, n_entries, number, previous, own_hash in rows
    ]  # fmt: skip


def _with_lines(heads: Sequence[Posted]) -> Iterator[Posted]:
    for batch in _batches(heads):
        rows = (
            Entry.objects.filter(transaction_id__in=[head.id for head in batch])
            .order_by("transaction_id", "place")
            .values_list(
                "transaction_id", "place", "account__owner", "account__purpose", "currency",
                "amount_minor", "account__currency",
            )
            .iterator(chunk_size=ENTRIES_PER_BATCH)
        )  # fmt: skip
        lines_of = {
            pk: tuple(Line(*row[1:]) for row in group) for pk, group in groupby(rows, itemgetter(0))
        }
        for head in batch:
            yield replace(head, lines=lines_of.get(head.id, ()))


def _batches(heads: Sequence[Posted]) -> Iterator[list[Posted]]:
    batch: list[Posted] = []
    entries = 0
    for head in heads:
        batch.append(head)
        entries += head.n_entries
        if entries >= ENTRIES_PER_BATCH:
            yield batch
            batch, entries = [], 0
    if batch:
        yield batch
