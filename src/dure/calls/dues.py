"""Who is owed what in all calls of an organisation, by the person they turned out to be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.db import connection

from dure.calls.shares.moving import contributor_owner, organisation_owner
from dure.ledger.payouts.batches import Source
from dure.ledger.payouts.models import PayoutSource
from dure.ledger.payouts.rules import thresholds_of
from dure.people.models import Organisation, Payee
from dure.people.payees import payees_of


class Standing(StrEnum):
    """Whether somebody can be paid now, and if not, why."""

    READY = "ready"
    BELOW = "below"
    NO_DETAILS = "no_details"


@dataclass(frozen=True, slots=True)
class Due:
    """What one person is owed in one currency, less what is on its way."""

    person_id: int
    currency: str
    amount_minor: int
    sources: tuple[Source, ...]
    payee: Payee | None
    standing: Standing


@dataclass(slots=True)
class Waiting:
    """How many wait in one currency and for how much, by how they stand."""

    currency: str
    n: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Standing, 0))
    amount_minor: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Standing, 0))
    on_its_way_minor: int = 0


@dataclass(frozen=True, slots=True)
class _Account:
    """What stands for one contributor of a call."""

    call_id: int
    contributor_id: int
    amount_minor: int
    on_its_way_minor: int


def dues_of(organisation: Organisation, *, currency: str | None = None) -> list[Due]:
    """Everybody who is owed something that is not on its way; three queries for however many.

    Where somebody was paid more in one call than they turned out to have earned, that counts
    against what they are owed in others.
    """
    owed = _read_accounts(organisation, currency)
    taken = {key: _take(accounts) for key, accounts in owed.items()}
    payees = payees_of(person_id for (person_id, _currency), sources in taken.items() if sources)
    thresholds = thresholds_of(owner_of(organisation))
    dues = []
    for (person_id, of_currency), sources in taken.items():
        if sources:
            amount = sum(one.amount_minor for one in sources)
            payee = payees.get(person_id)
            standing = _stand(amount, threshold=thresholds.get(of_currency, 0), payee=payee)
            dues.append(Due(person_id, of_currency, amount, sources, payee, standing))
    return dues


def sum_up(organisation: Organisation) -> list[Waiting]:
    """Of each currency in which anybody is owed anything, how they stand."""
    found: dict[str, Waiting] = {}
    for due in dues_of(organisation):
        one = found.setdefault(due.currency, Waiting(due.currency))
        one.n[due.standing] += 1
        one.amount_minor[due.standing] += due.amount_minor
    on_their_way = PayoutSource.objects.filter(
        payout__batch__owner=owner_of(organisation), ended_at=None
    ).values_list("currency", "amount_minor")
    for currency, amount in on_their_way.iterator():
        found.setdefault(currency, Waiting(currency)).on_its_way_minor += amount
    return [found[currency] for currency in sorted(found)]


def owner_of(organisation: Organisation) -> str:
    return organisation_owner(organisation_id=organisation.pk)


def _read_accounts(
    organisation: Organisation, currency: str | None
) -> dict[tuple[int, str], list[_Account]]:
    owed: defaultdict[tuple[int, str], list[_Account]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            "select person_id, currency, call_id, contributor_id, amount_minor, on_its_way_minor "
            "from calls_dues(%s)",
            [organisation.pk],
        )
        for person_id, of_currency, *account in cursor:
            if currency in (None, of_currency):
                owed[person_id, of_currency].append(_Account(*account))
    return owed


def _take(accounts: Sequence[_Account]) -> tuple[Source, ...]:
    """From accounts that nothing is on its way from, what the person is owed in all."""
    left = [one.amount_minor - one.on_its_way_minor for one in accounts]
    debt = -sum(amount for amount in left if amount < 0)
    sources = []
    for one, amount in zip(accounts, left, strict=True):
        if amount <= 0:
            continue
        # What one call gave too much is kept back from the first that owes.
        kept = min(debt, amount)
        debt -= kept
        if amount > kept and not one.on_its_way_minor:
            sources.append(
                Source(
                    owner=contributor_owner(call_id=one.call_id, contributor_id=one.contributor_id),
                    holder=f"call:{one.call_id}",
                    amount_minor=amount - kept,
                )
            )
    return tuple(sources)


def _stand(amount_minor: int, *, threshold: int, payee: Payee | None) -> Standing:
    if amount_minor < threshold:
        return Standing.BELOW
    return Standing.READY if payee else Standing.NO_DETAILS


def calls_in(holders: Iterable[str]) -> list[int]:
    """The calls that `call:ID` names."""
    return sorted({int(name.partition(":")[2]) for name in holders})
