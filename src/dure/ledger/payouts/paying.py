"""What became of released payouts: paid, returned by the bank, or left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction

from dure.clock import now
from dure.errors import Invalid, Refusal, Sentence, Unknown
from dure.ledger.journal import take_turn
from dure.ledger.payouts.batches import LESS_OWED, find_batch, overdrawn
from dure.ledger.payouts.holding import hold_payouts
from dure.ledger.payouts.models import (
    REASON_LETTERS_MAX,
    Payout,
    PayoutBatch,
    PayoutDestination,
    PayoutSource,
)
from dure.ledger.payouts.posting import Custody, post_paid, post_returned, take_all

PAYOUTS_AT_ONCE = 200
ERASED_AT_ONCE_MAX = 10_000


class NotReleased(Refusal):
    """This batch is not released yet; another member than its maker releases it."""

    code = "not-released"
    status = 409


class NotPaid(Refusal):
    """This payout was not paid, so it can't come back; leave it out instead."""

    code = "not-paid"
    status = 409


class AlreadyPaid(Refusal):
    """This payout was paid; if it came back, say that it was returned."""

    code = "already-paid"
    status = 409


@dataclass(slots=True)
class Marked:
    """What became of the payouts that were to be marked as paid."""

    paid: int = 0
    already: int = 0
    # By reference, each with why.
    refused: dict[str, Sentence] = field(default_factory=dict)


def mark_paid(
    *, owner: str, batch_id: int, by: str, references: Sequence[str] | None = None
) -> Marked:
    """Post that these payouts went out, or all of a batch that wait; each once, however often."""
    marked = Marked()
    ids = ids_of(find_batch(owner=owner, batch_id=batch_id), references)
    for start in range(0, len(ids), PAYOUTS_AT_ONCE):
        mark_some(
            owner=owner,
            batch_id=batch_id,
            payout_ids=ids[start : start + PAYOUTS_AT_ONCE],
            by=by,
            marked=marked,
        )
    return marked


def mark_some(
    *, owner: str, batch_id: int, payout_ids: Sequence[int], by: str, marked: Marked
) -> None:
    """As many as fit one transaction; what does not go is told, and the others go on."""
    with transaction.atomic():
        hold_payouts(owner)
        # What is owed stays so from here on: a settlement may just be taken back.
        take_turn()
        batch = find_batch(owner=owner, batch_id=batch_id)
        if batch.released_at is None:
            raise NotReleased
        payouts = list(
            Payout.objects.filter(batch=batch, pk__in=payout_ids)
            .prefetch_related("sources__withheld__rule")
            .order_by("pk")
        )
        waiting = [one for one in payouts if one.paid_at is None and one.dropped_at is None]
        marked.already += sum(one.paid_at is not None for one in payouts)
        marked.refused |= {
            one.reference: Sentence(one.drop_reason or "")
            for one in payouts
            if one.dropped_at is not None
        }
        sources = [source for one in waiting for source in one.sources.all()]
        short = overdrawn(sources, currency=batch.currency)
        marked.refused |= {one.reference: LESS_OWED for one in waiting if one.pk in short}
        going = [one for one in waiting if one.pk not in short]
        _post_all(going, batch=batch, by=by)
        marked.paid += len(going)
        gone = [one.pk for one in going]
        Payout.objects.filter(pk__in=gone).update(paid_at=now(), paid_by=by)
        PayoutSource.objects.filter(payout_id__in=gone).update(ended_at=now())


def _post_all(going: Sequence[Payout], *, batch: PayoutBatch, by: str) -> None:
    """What is missing is paid in once for all of them; then each is a transaction of its own."""
    if not going:
        return
    sources = [source for one in going for source in one.sources.all()]
    custody = Custody.read(
        owner=batch.owner, currency=batch.currency, holders=(one.holder for one in sources)
    )
    # The first one is paid once, so its reference is in no other key.
    take_all(sources, custody=custody, key=going[0].reference, by=by)
    for payout in going:
        post_paid(payout, sources=list(payout.sources.all()), owner=batch.owner, by=by)


def ids_of(batch: PayoutBatch, references: Sequence[str] | None) -> list[int]:
    """The payouts of these references, or all that wait."""
    found = batch.payouts.order_by("pk")
    if references is None:
        return list(found.filter(paid_at=None, dropped_at=None).values_list("pk", flat=True))
    ids = list(found.filter(reference__in=references).values_list("pk", flat=True))
    if len(ids) < len(set(references)):
        raise Unknown("There is no such payout; look at the list again.")
    return ids


def mark_returned(*, owner: str, reference: str, reason: str, by: str) -> Payout:
    """The bank gave it back: the money is held and owed again, and may be paid in a new batch."""
    said = _read_reason(reason)
    with transaction.atomic():
        hold_payouts(owner)
        payout = find_payout(owner=owner, reference=reference)
        if payout.returned_at is not None:
            return payout
        if payout.paid_at is None:
            raise NotPaid
        post_returned(payout, by=by)
        payout.returned_at, payout.returned_by, payout.return_reason = now(), by, said
        payout.save(update_fields=["returned_at", "returned_by", "return_reason"])
    return payout


def drop_payout(*, owner: str, reference: str, reason: str, by: str) -> Payout:
    """Take a payout out of its batch before it is paid; what it would have paid stays owed."""
    said = _read_reason(reason)
    with transaction.atomic():
        hold_payouts(owner)
        payout = find_payout(owner=owner, reference=reference)
        if payout.dropped_at is not None or payout.batch.cancelled_at is not None:
            return payout
        if payout.paid_at is not None:
            raise AlreadyPaid
        payout.dropped_at, payout.dropped_by, payout.drop_reason = now(), by, said
        payout.save(update_fields=["dropped_at", "dropped_by", "drop_reason"])
        PayoutSource.objects.filter(payout=payout, ended_at=None).update(ended_at=now())
    return payout


def find_payout(*, owner: str, reference: str) -> Payout:
    found = (
        Payout.objects.filter(batch__owner=owner, reference=reference)
        .select_related("batch")
        .first()
    )
    if found is None:
        raise Unknown("There is no such payout; look at the list again.")
    return found


def erase_destinations(*, payees: Sequence[str]) -> int:
    """Forget where payouts to these payees went; what is on its way still knows."""
    with transaction.atomic():
        over = list(
            PayoutDestination.objects.filter(payout__payee__in=payees)
            .exclude(payout__sources__ended_at=None)
            .values_list("payout_id", flat=True)[:ERASED_AT_ONCE_MAX]
        )
        PayoutDestination.objects.filter(pk__in=over).delete()
        return Payout.objects.filter(pk__in=over, erased_at=None).update(erased_at=now())


def _read_reason(given: str) -> str:
    reason = " ".join(given.split())
    if not 1 <= len(reason) <= REASON_LETTERS_MAX or not reason.isprintable():
        raise Invalid("Please say why, in 1 to {most} letters.", most=REASON_LETTERS_MAX)
    return reason
