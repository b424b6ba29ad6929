"""Prove the whole journal from its rows: every hash again, every sum, every noted balance.

The hashes are made here anew, not by the function that wrote them, so a mistake in that shows.
docs/ledger.md says what is hashed.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.db.models import Exists, F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from dure.errors import Invalid
from dure.ledger.models import Checkpoint, Entry, Link, Transaction
from dure.ledger.reading import Posted, last_id, read_all

HASH_BYTES = 32
BEGINNING = bytes(HASH_BYTES)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
HEAD = re.compile(r"(?:(?P<number>[0-9]{1,18}):)?(?P<hash>[0-9a-f]{64})")
TRANSACTIONS_PER_WORD = 1_000


class BadHead(Invalid):
    """A noted head is a number, a colon and 64 hexadecimal digits, as the ledger gave it."""

    code = "bad-head"


class What(StrEnum):
    """What is wrong with a transaction."""

    MISCOUNTED = "it has not the entries that it stated"
    MISPLACED = "an entry is in another currency than its account"
    UNBALANCED = "it does not sum to zero"
    UNCHAINED = "it is in no chain"
    CUT = "it does not follow the transaction before it"
    ALTERED = "it does not say what it said when it was chained"
    ORPHANED = "there are entries of it, but not itself"
    MISNOTED = "a noted balance up to it is not the sum of the entries"
    LOST = "the head that was noted is not in the chain"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first one found; the key names the transaction, or what else it is about."""

    key: str
    what: What

    def __str__(self) -> str:
        return f"{self.key}: {self.what.value}"


@dataclass(frozen=True, slots=True)
class Head:
    """How many transactions are chained, and the last one's hash: it stands for all of them."""

    number: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.hash.hex()}"


@dataclass(frozen=True, slots=True)
class Proof:
    """Up to the fault, where there is one."""

    n_transactions: int
    n_entries: int
    head: Head
    fault: Fault | None

    @property
    def is_sound(self) -> bool:
        return self.fault is None


def head() -> Head:
    last = Link.objects.order_by("-transaction_id").first()
    return Head(last.number, bytes(last.hash)) if last else Head(0, BEGINNING)


def verify(*, head: str = "", tell: Callable[[int], None] | None = None) -> Proof:
    """Everything that was posted before now; a head that was noted earlier must be part of it."""
    noted = _read_head(head) if head else None
    walk = _Walk(noted)
    for posted in read_all(up_to=last_id()):
        fault = walk.step(posted)
        if fault:
            return Proof(walk.n_transactions, walk.n_entries, walk.head, fault)
        if tell and walk.n_transactions % TRANSACTIONS_PER_WORD == 0:
            tell(walk.n_transactions)
    fault = next(_faults_beside(), None)
    if fault is None and not walk.has_met:
        fault = Fault(head, What.LOST)
    return Proof(walk.n_transactions, walk.n_entries, walk.head, fault)


def hash_of(posted: Posted, *, previous: bytes) -> bytes:
    text = (
        f"{posted.id} {(posted.at - EPOCH) // MICROSECOND} {posted.n_entries}"
        f" {_measured(posted.key)} {_measured(posted.reason)} {_measured(posted.facts)}\n"
    )
    lines = (
        f"{one.place} {one.purpose} {one.currency} {one.amount_minor} {_measured(one.owner)}\n"
        for one in posted.lines
    )
    return hashlib.sha256(previous + (text + "".join(lines)).encode()).digest()


def _measured(text: str) -> str:
    return f"{len(text.encode())}:{text}"


class _Walk:
    """Along the chain, holding no more than where it is."""

    def __init__(self, noted: tuple[int | None, bytes] | None) -> None:
        self.noted = noted
        self.has_met = noted is None or noted in ((0, BEGINNING), (None, BEGINNING))
        self.head = Head(0, BEGINNING)
        self.n_transactions = self.n_entries = 0

    def step(self, posted: Posted) -> Fault | None:
        what = _fault_within(posted) or self._fault_in_chain(posted)
        if what:
            return Fault(posted.key, what)
        self.head = Head(self.head.number + 1, posted.hash)
        self.n_transactions += 1
        self.n_entries += len(posted.lines)
        if self.noted and self.noted[1] == posted.hash:
            self.has_met = self.noted[0] in (None, self.head.number)
        return None

    def _fault_in_chain(self, posted: Posted) -> What | None:
        if posted.number is None:
            return What.UNCHAINED
        if posted.previous != self.head.hash or posted.number != self.head.number + 1:
            return What.CUT
        if posted.hash != hash_of(posted, previous=posted.previous):
            return What.ALTERED
        return None


def _fault_within(posted: Posted) -> What | None:
    """What `audit` proves of all, of one transaction."""
    places = [line.place for line in posted.lines]
    if posted.n_entries < 2 or places != list(range(1, posted.n_entries + 1)):
        return What.MISCOUNTED
    if any(line.currency != line.account_currency for line in posted.lines):
        return What.MISPLACED
    sums: Counter[str] = Counter()
    for line in posted.lines:
        sums[line.currency] += line.amount_minor
    return What.UNBALANCED if any(sums.values()) else None


def _faults_beside() -> Iterator[Fault]:
    """What a walk along the transactions does not meet; each is one statement, of one moment."""
    of_transaction = Transaction.objects.filter(pk=OuterRef("transaction_id"))
    for rows in (Entry.objects, Link.objects):
        orphan = rows.filter(~Exists(of_transaction)).order_by("transaction_id").first()
        if orphan:
            yield Fault(f"transaction {orphan.transaction_id}", What.ORPHANED)
    summed = (
        Entry.objects.filter(
            account=OuterRef("account_id"), transaction_id__lte=OuterRef("up_to_id")
        )
        .order_by()
        .values("account")
        .annotate(total=Sum("amount_minor"))
        .values("total")
    )
    lie = (
        Checkpoint.objects.annotate(found=Coalesce(Subquery(summed), 0))
        .exclude(found=F("balance_minor"))
        .select_related("account", "up_to")
        .order_by("account_id")
        .first()
    )
    if lie:
        yield Fault(lie.up_to.key, What.MISNOTED)


def _read_head(text: str) -> tuple[int | None, bytes]:
    found = HEAD.fullmatch(text.strip().lower())
    if not found:
        raise BadHead
    number = found["number"]
    return (None if number is None else int(number)), bytes.fromhex(found["hash"])
