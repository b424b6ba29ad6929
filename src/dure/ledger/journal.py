"""Post to the journal: all the legs of a transaction or none, and each key once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from dure.clock import now
from dure.errors import Invalid, Refusal
from dure.ledger.models import Entry, LedgerAccount, Purpose, Transaction
from dure.ledger.money import Money

KEY_LETTERS_MAX = 80
REASON_LETTERS_MAX = 60
OWNER_LETTERS_MAX = 120
LEGS_MAX = 10_001
ROWS_PER_INSERT = 1_000


class BadKey(Invalid):
    """A transaction needs a key of 1 to 80 letters, the same whenever it is tried again."""

    code = "bad-key"


class BadReason(Invalid):
    """A transaction needs a reason code of 1 to 60 letters."""

    code = "bad-reason"


class NothingPosted(Invalid):
    """A transaction needs legs: at least one that gives and one that takes."""

    code = "nothing-posted"


class TooManyLegs(Invalid):
    """The transaction has more legs than one may have; post it in parts."""

    code = "too-many-legs"


class BadOwner(Invalid):
    """An account's owner is a name of 1 to 120 letters."""

    code = "bad-owner"


class EmptyLeg(Invalid):
    """A leg moves nothing; leave it out."""

    code = "empty-leg"


class Unbalanced(Invalid):
    """The legs don't sum to zero."""

    code = "unbalanced"


class KeyReused(Refusal):
    """Another transaction has this key already."""

    code = "key-reused"
    status = 409


@dataclass(frozen=True, slots=True)
class Leg:
    """What one account gets, or loses where the amount is below zero."""

    owner: str
    purpose: Purpose
    money: Money


def post(
    *, key: str, reason: str, entries: Sequence[Leg], facts: Mapping[str, Any] | None = None
) -> Transaction:
    """Write the transaction with the caller's; one that was posted before is only given back.

    Posting is one at a time: the turn is held until the caller's transaction ends. So whoever needs
    locks of their own (a call's, pay's) takes them before they post, never after: two callers would
    wait for each other, one for the turn and one for the call.
    """
    check_posting(key=key, reason=reason, entries=entries)
    # As the database gives them back, so that a repeat compares equal.
    stated: dict[str, Any] = json.loads(json.dumps(dict(facts or {})))
    with transaction.atomic():
        earlier = Transaction.objects.filter(key=key).first()
        if earlier is None:
            take_turn()
            # Another connection may have committed the same key while we waited.
            earlier = Transaction.objects.filter(key=key).first()
        if earlier is None:
            return _write(key=key, reason=reason, entries=entries, facts=stated)
    _check_same(earlier, reason=reason, entries=entries, facts=stated)
    return earlier


def check_posting(*, key: str, reason: str, entries: Sequence[Leg]) -> None:
    """Every check that needs no database, always in this order."""
    if not 1 <= len(key) <= KEY_LETTERS_MAX:
        raise BadKey(f"A transaction's key has 1 to {KEY_LETTERS_MAX} letters; got {len(key)}.")
    if not 1 <= len(reason) <= REASON_LETTERS_MAX:
        raise BadReason(
            f"A transaction's reason has 1 to {REASON_LETTERS_MAX} letters; got {len(reason)}."
        )
    if not entries:
        raise NothingPosted
    if len(entries) > LEGS_MAX:
        raise TooManyLegs(
            f"A transaction has at most {LEGS_MAX} legs; got {len(entries)}. Post it in parts."
        )
    for leg in entries:
        if not 1 <= len(leg.owner) <= OWNER_LETTERS_MAX:
            raise BadOwner(
                f"An account's owner has 1 to {OWNER_LETTERS_MAX} letters; got {len(leg.owner)}."
            )
    for leg in entries:
        if leg.money.amount_minor == 0:
            raise EmptyLeg(f"The leg for {leg.owner} moves 0 {leg.money.currency}; leave it out.")
    for currency, residual_minor in sorted(_sums(entries).items()):
        if residual_minor:
            raise Unbalanced(
                f"The legs in {currency} should sum to 0; they sum to {residual_minor} minor units."
            )


def _sums(entries: Iterable[Leg]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for leg in entries:
        sums[leg.money.currency] += leg.money.amount_minor
    return sums


def take_turn() -> None:
    """Nobody else posts until this transaction ends: what is read after this stays true.

    It is taken before accounts are opened, so that two who open the same ones never wait in a
    circle.
    """
    with connection.cursor() as cursor:
        cursor.execute("select ledger_take_turn()")


def _write(*, key: str, reason: str, entries: Sequence[Leg], facts: dict[str, Any]) -> Transaction:
    accounts = _open_accounts(entries)
    posted = Transaction.objects.create(
        key=key, reason=reason, at=now(), facts=facts, n_entries=len(entries)
    )
    Entry.objects.bulk_create(
        (
            Entry(
                transaction=posted,
                place=place,
                account_id=accounts[_account_key(leg)],
                amount_minor=leg.money.amount_minor,
                currency=leg.money.currency,
            )
            for place, leg in enumerate(entries, start=1)
        ),
        batch_size=ROWS_PER_INSERT,
    )
    return posted


def _open_accounts(entries: Sequence[Leg]) -> dict[tuple[str, str, str], int]:
    """The account of each leg, opened where there was none."""
    wanted = {_account_key(leg) for leg in entries}
    known = _known_accounts(wanted)
    if missing := sorted(wanted - known.keys()):
        # Somebody else may open accounts without posting: theirs are found after ours were skipped.
        LedgerAccount.objects.bulk_create(
            (LedgerAccount(owner=o, purpose=p, currency=c) for o, p, c in missing),
            batch_size=ROWS_PER_INSERT,
            ignore_conflicts=True,
        )
        known = _known_accounts(wanted)
    return known


def _known_accounts(wanted: set[tuple[str, str, str]]) -> dict[tuple[str, str, str], int]:
    owners = sorted({owner for owner, _purpose, _currency in wanted})
    rows = LedgerAccount.objects.filter(owner__in=owners).values_list(
        "owner", "purpose", "currency", "id"
    )
    return {(o, p, c): pk for o, p, c, pk in rows if (o, p, c) in wanted}


def _account_key(leg: Leg) -> tuple[str, str, str]:
    return leg.owner, str(leg.purpose), leg.money.currency


def _check_same(
    posted: Transaction, *, reason: str, entries: Sequence[Leg], facts: dict[str, Any]
) -> None:
    """The effect of one: a repeat says what was said before, or it is not a repeat."""
    legs = Counter((*_account_key(leg), leg.money.amount_minor) for leg in entries)
    if posted.reason != reason or posted.facts != facts or _legs_of(posted) != legs:
        raise KeyReused(
            f"The key {posted.key!r} belongs to another transaction, {posted.reason!r} of "
            f"{posted.at:%Y-%m-%d}; send the same content again, or a new key."
        )


def _legs_of(posted: Transaction) -> Counter[tuple[str, str, str, int]]:
    rows = posted.entries.values_list(
        "account__owner", "account__purpose", "account__currency", "amount_minor"
    )
    return Counter((owner, purpose, currency, amount) for owner, purpose, currency, amount in rows)
