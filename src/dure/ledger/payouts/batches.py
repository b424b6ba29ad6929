"""Batches of payouts: made by one member, released by another, or cancelled before that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db import transaction

from dure.clock import now
from dure.errors import Invalid, Refusal, Sentence, Unknown
from dure.ledger.journal import KeyReused
from dure.ledger.models import Purpose
from dure.ledger.money import check_currency
from dure.ledger.payouts.holding import hold_payouts, sums_of
from dure.ledger.payouts.models import (
    Payout,
    PayoutBatch,
    PayoutDestination,
    PayoutSource,
    PayoutWithheld,
    WithholdingRule,
)
from dure.ledger.payouts.providers import BY_HAND, find_provider
from dure.ledger.payouts.references import draw_references
from dure.ledger.payouts.rules import print_layout
from dure.ledger.payouts.withholding import rules_of, spread, withhold

# As many as are made and released while somebody waits for a page.
PAYOUTS_MAX = 10_000
KEY_LETTERS_MAX = 80
ROWS_PER_INSERT = 1_000
LESS_OWED = Sentence("Less is owed than when the batch was made; make a new batch for the rest.")


class EmptyBatch(Refusal):
    """There is nobody to pay in this batch."""

    code = "empty-batch"
    status = 409


class AlreadyOnItsWay(Refusal):
    """Money of {n} accounts is on its way in another batch; let that one finish first."""

    code = "already-on-its-way"
    status = 409


class LessOwed(Refusal):
    """{n} accounts are owed less than the batch would pay; look at the list again."""

    code = "less-owed"
    status = 409


class FourEyes(Refusal):
    """You made this batch, so another member must release it."""

    code = "four-eyes"
    status = 409


class BatchOver(Refusal):
    """This batch was {state} already."""

    code = "batch-over"
    status = 409


@dataclass(frozen=True, slots=True)
class Source:
    """An account to take from, and the holder whose custody it leaves."""

    owner: str
    holder: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Line:
    """One payee, where the money goes, and from which accounts it comes."""

    payee: str
    destination: Mapping[str, Any]
    sources: tuple[Source, ...]

    @property
    def gross_minor(self) -> int:
        return sum(source.amount_minor for source in self.sources)


def make_batch(
    *,
    owner: str,
    currency: str,
    lines: Sequence[Line],
    by: str,
    request_key: str,
    way: str = BY_HAND.name,
) -> PayoutBatch:
    """All lines or none, and nothing is posted yet; the same request again is the same batch."""
    check_currency(currency)
    find_provider(way)
    if not 1 <= len(request_key) <= KEY_LETTERS_MAX:
        raise Invalid("A batch needs a key of its own, the same whenever it is tried again.")
    with transaction.atomic():
        # Two members, or two clicks, would else both find the accounts free.
        hold_payouts(owner)
        if earlier := find_made(owner=owner, currency=currency, request_key=request_key):
            return earlier
        _check_lines(lines, currency=currency)
        batch = PayoutBatch.objects.create(
            owner=owner,
            currency=currency,
            way=way,
            request_key=request_key,
            made_at=now(),
            made_by=by,
        )
        _write_lines(batch, lines)
    return batch


def release_batch(*, owner: str, batch_id: int, by: str) -> PayoutBatch:
    """Let the money go. Whoever is owed less by now is left out; a second click changes nothing."""
    with transaction.atomic():
        hold_payouts(owner)
        batch = find_batch(owner=owner, batch_id=batch_id)
        if batch.released_at is not None:
            return batch
        if batch.cancelled_at is not None:
            raise BatchOver(state=Sentence("cancelled"))
        if batch.made_by == by:
            raise FourEyes
        _leave_out_overdrawn(batch, by=by)
        if not batch.payouts.filter(dropped_at=None).exists():
            raise EmptyBatch
        batch.released_at, batch.released_by = now(), by
        batch.printed = print_layout(owner)
        batch.save(update_fields=["released_at", "released_by", "printed"])
        find_provider(batch.way).send(batch)
    return batch


def cancel_batch(*, owner: str, batch_id: int, by: str) -> PayoutBatch:
    """Nothing of it is paid, and its accounts may be in another batch; also where it goes, goes."""
    with transaction.atomic():
        hold_payouts(owner)
        batch = find_batch(owner=owner, batch_id=batch_id)
        if batch.cancelled_at is not None:
            return batch
        if batch.released_at is not None:
            raise BatchOver(state=Sentence("released"))
        batch.cancelled_at, batch.cancelled_by = now(), by
        batch.save(update_fields=["cancelled_at", "cancelled_by"])
        PayoutSource.objects.filter(payout__batch=batch, ended_at=None).update(ended_at=now())
        batch.payouts.update(erased_at=now())
        PayoutDestination.objects.filter(payout__batch=batch).delete()
    return batch


def find_made(*, owner: str, currency: str, request_key: str) -> PayoutBatch | None:
    """The batch that this request made before, if it did."""
    found = PayoutBatch.objects.filter(owner=owner, request_key=request_key).first()
    if found is not None and found.currency != currency:
        raise KeyReused("This request was sent before with other content; send a new one.")
    return found


def find_batch(*, owner: str, batch_id: int) -> PayoutBatch:
    """The owner's own batch; another's is as unknown as one that never was."""
    found = PayoutBatch.objects.filter(owner=owner, pk=batch_id).first()
    if found is None:
        raise Unknown("There are no such payouts; look at the list again.")
    return found


def overdrawn(sources: Sequence[PayoutSource], *, currency: str) -> set[int]:
    """The payouts of these sources of which one asks for more than is owed."""
    owed = sums_of((source.owner for source in sources), purpose=Purpose.OWED_TO, currency=currency)
    return {
        source.payout_id for source in sources if owed.get(source.owner, 0) < source.amount_minor
    }


def _check_lines(lines: Sequence[Line], *, currency: str) -> None:
    if not lines:
        raise EmptyBatch
    if len(lines) > PAYOUTS_MAX:
        raise Invalid("A batch has at most {most} payouts; make several.", most=PAYOUTS_MAX)
    if len({line.payee for line in lines}) < len(lines):
        raise Invalid("Each payee is in a batch once.")
    sources = list(chain.from_iterable(line.sources for line in lines))
    if not all(line.sources for line in lines) or any(one.amount_minor <= 0 for one in sources):
        raise Invalid("Each payout takes something from each of its accounts.")
    asked: Counter[str] = Counter()
    for source in sources:
        asked[source.owner] += source.amount_minor
    if len(asked) < len(sources):
        raise Invalid("Each account is in a batch once.")
    on_its_way = PayoutSource.objects.filter(
        owner__in=list(asked), currency=currency, ended_at=None
    ).count()
    if on_its_way:
        raise AlreadyOnItsWay(n=on_its_way)
    owed = sums_of(asked, purpose=Purpose.OWED_TO, currency=currency)
    if short := sum(owed.get(name, 0) < amount for name, amount in asked.items()):
        raise LessOwed(n=short)


def _write_lines(batch: PayoutBatch, lines: Sequence[Line]) -> None:
    rules = list(rules_of(batch.owner))
    payouts, parts = [], []
    for line, reference in zip(lines, draw_references(len(lines)), strict=True):
        gross = line.gross_minor
        country = str(line.destination.get("country", ""))
        kept = withhold(gross, country=country, currency=batch.currency, rules=rules)
        withheld = sum(one.amount_minor for one in kept)
        payouts.append(
            Payout(
                batch=batch,
                payee=line.payee,
                reference=reference,
                gross_minor=gross,
                withheld_minor=withheld,
                net_minor=gross - withheld,
            )
        )
        parts.append(spread(kept, amounts_minor=[one.amount_minor for one in line.sources]))
    Payout.objects.bulk_create(payouts, batch_size=ROWS_PER_INSERT)
    PayoutDestination.objects.bulk_create(
        (
            PayoutDestination(payout=payout, details=dict(line.destination))
            for payout, line in zip(payouts, lines, strict=True)
        ),
        batch_size=ROWS_PER_INSERT,
    )
    _write_sources(batch, lines, payouts, parts)


def _write_sources(
    batch: PayoutBatch,
    lines: Sequence[Line],
    payouts: Sequence[Payout],
    parts: Sequence[Sequence[Sequence[tuple[WithholdingRule, int]]]],
) -> None:
    sources = [
        PayoutSource(
            payout=payout,
            owner=one.owner,
            holder=one.holder,
            currency=batch.currency,
            amount_minor=one.amount_minor,
        )
        for line, payout in zip(lines, payouts, strict=True)
        for one in line.sources
    ]
    PayoutSource.objects.bulk_create(sources, batch_size=ROWS_PER_INSERT)
    PayoutWithheld.objects.bulk_create(
        (
            PayoutWithheld(source=source, rule=rule, amount_minor=amount)
            for source, kept in zip(sources, chain.from_iterable(parts), strict=True)
            for rule, amount in kept
        ),
        batch_size=ROWS_PER_INSERT,
    )


def _leave_out_overdrawn(batch: PayoutBatch, *, by: str) -> None:
    """A merge or a correction since the batch was made took from what these are owed."""
    sources = list(PayoutSource.objects.filter(payout__batch=batch, ended_at=None))
    if short := overdrawn(sources, currency=batch.currency):
        Payout.objects.filter(pk__in=short).update(
            dropped_at=now(), dropped_by=by, drop_reason=str(LESS_OWED)
        )
        PayoutSource.objects.filter(payout_id__in=short).update(ended_at=now())
