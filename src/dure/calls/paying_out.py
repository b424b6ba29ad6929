"""Pay contributors: batches of what they are owed, each step held, noted and done once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection, transaction
from django.db.models import QuerySet

from dure.calls.dues import Standing, calls_in, dues_of, owner_of
from dure.calls.models import Call
from dure.calls.queries import find_call
from dure.ledger.money import Money
from dure.ledger.payouts import batches, fees, paying, withholding
from dure.ledger.payouts.batches import Line
from dure.ledger.payouts.holding import hold_payouts
from dure.ledger.payouts.models import Payout, PayoutBatch, PayoutSource
from dure.ledger.payouts.paying import Marked
from dure.people import audit
from dure.people.models import Organisation
from dure.people.payees import describe_payee, drop_payee

MARKED_AT_ONCE = 500


def propose_batch(
    *, organisation: Organisation, currency: str, by: str, request_key: str
) -> PayoutBatch:
    """A batch of everybody who can be paid in this currency now; another member releases it."""
    owner = owner_of(organisation)
    with transaction.atomic():
        # What ceased to count between reading what is owed and making the batch would refuse it.
        _hold_pay(Call.objects.filter(organisation=organisation).values_list("pk", flat=True))
        hold_payouts(owner)
        if earlier := batches.find_made(owner=owner, currency=currency, request_key=request_key):
            return earlier
        lines = [
            Line(f"person:{due.person_id}", describe_payee(due.payee), due.sources)
            for due in dues_of(organisation, currency=currency)
            if due.standing == Standing.READY and due.payee is not None
        ]
        batch = batches.make_batch(
            owner=owner,
            currency=currency,
            lines=lines[: batches.PAYOUTS_MAX],
            by=by,
            request_key=request_key,
        )
        audit.record(
            organisation=organisation,
            by=by,
            action="make payouts",
            thing=thing_of(batch),
            added=min(len(lines), batches.PAYOUTS_MAX),
        )
    return batch


def release_batch(*, organisation: Organisation, batch_id: int, by: str) -> PayoutBatch:
    with transaction.atomic():
        before = _hold_batch(organisation, batch_id)
        batch = batches.release_batch(owner=before.owner, batch_id=batch_id, by=by)
        if before.released_at is None:
            audit.record(
                organisation=organisation, by=by, action="release payouts", thing=thing_of(batch)
            )
    return batch


def cancel_batch(*, organisation: Organisation, batch_id: int, by: str) -> PayoutBatch:
    with transaction.atomic():
        before = _hold_batch(organisation, batch_id)
        batch = batches.cancel_batch(owner=before.owner, batch_id=batch_id, by=by)
        if before.cancelled_at is None:
            audit.record(
                organisation=organisation, by=by, action="cancel payouts", thing=thing_of(batch)
            )
    return batch


def mark_paid(
    *,
    organisation: Organisation,
    batch_id: int,
    by: str,
    references: Sequence[str] | None = None,
) -> Marked:
    """Those named, or all of the batch that wait; some hundreds in each transaction."""
    owner = owner_of(organisation)
    batch = batches.find_batch(owner=owner, batch_id=batch_id)
    ids = paying.ids_of(batch, references)
    marked = Marked()
    # A batch with nobody waiting is asked once too, so that it says when it is not released.
    for start in range(0, len(ids) or 1, MARKED_AT_ONCE):
        some = ids[start : start + MARKED_AT_ONCE]
        with transaction.atomic():
            _hold_pay(_calls_of(PayoutSource.objects.filter(payout_id__in=some)))
            paid_before = marked.paid
            paying.mark_some(owner=owner, batch_id=batch_id, payout_ids=some, by=by, marked=marked)
            if marked.paid > paid_before:
                audit.record(
                    organisation=organisation,
                    by=by,
                    action="mark payouts paid",
                    thing=thing_of(batch),
                    added=marked.paid - paid_before,
                )
    return marked


def mark_returned(*, organisation: Organisation, reference: str, reason: str, by: str) -> Payout:
    """The reason may hold words about a person, so the history does not repeat it."""
    with transaction.atomic():
        before = _hold_payout(organisation, reference)
        payout = paying.mark_returned(
            owner=before.batch.owner, reference=reference, reason=reason, by=by
        )
        if before.returned_at is None:
            audit.record(
                organisation=organisation,
                by=by,
                action="return payout",
                thing=thing_of(before.batch),
                reference=reference,
            )
    return payout


def drop_payout(*, organisation: Organisation, reference: str, reason: str, by: str) -> Payout:
    with transaction.atomic():
        before = _hold_payout(organisation, reference)
        payout = paying.drop_payout(
            owner=before.batch.owner, reference=reference, reason=reason, by=by
        )
        if before.dropped_at is None and payout.dropped_at is not None:
            audit.record(
                organisation=organisation,
                by=by,
                action="leave payout out",
                thing=thing_of(before.batch),
                reference=reference,
            )
    return payout


def remit_withheld(
    *, organisation: Organisation, name: str, currency: str, by: str, request_key: str
) -> None:
    with transaction.atomic():
        owner = owner_of(organisation)
        hold_payouts(owner)
        before = withholding.withheld_now(owner)
        withholding.remit_withheld(
            owner=owner, name=name, currency=currency, by=by, request_key=request_key
        )
        if withholding.withheld_now(owner) != before:
            audit.record(
                organisation=organisation,
                by=by,
                action="remit withheld",
                thing=f"organisation:{organisation.pk}",
                name=name,
            )


def record_fee(
    *, organisation: Organisation, call_id: int, fee: Money, by: str, request_key: str
) -> None:
    """A fee of the bank for what it paid for a call."""
    call = find_call(organisation=organisation, call_id=call_id)
    with transaction.atomic():
        _hold_pay([call.pk])
        _posted, is_new = fees.record_fee(
            owner=owner_of(organisation),
            holder=f"call:{call.pk}",
            fee=fee,
            by=by,
            request_key=request_key,
        )
        if is_new:
            audit.record(
                organisation=organisation, by=by, action="record fee", thing=f"call:{call.pk}"
            )


def note_file(*, organisation: Organisation, batch: PayoutBatch, form: str, by: str) -> None:
    """Bank details left by a file: the history says who took it."""
    audit.record(
        organisation=organisation,
        by=by,
        action="take payout file",
        thing=thing_of(batch),
        form=form,
    )


def forget_payee(*, person_id: int) -> None:
    """How this person is paid is erased, also from payouts that are over."""
    with transaction.atomic(), connection.cursor() as cursor:
        drop_payee(person_id=person_id)
        cursor.execute("select people_group(%s)", [person_id])
        paying.erase_destinations(payees=[f"person:{one}" for one in cursor.fetchone()[0]])


def thing_of(batch: PayoutBatch) -> str:
    """As the history names it."""
    return f"payouts:{batch.pk}"


def _hold_batch(organisation: Organisation, batch_id: int) -> PayoutBatch:
    """The batch as it is now; what its accounts earn waits, and so does whoever decides on it."""
    owner = owner_of(organisation)
    found = batches.find_batch(owner=owner, batch_id=batch_id)
    _hold_pay(_calls_of(PayoutSource.objects.filter(payout__batch=found)))
    hold_payouts(owner)
    return batches.find_batch(owner=owner, batch_id=batch_id)


def _hold_payout(organisation: Organisation, reference: str) -> Payout:
    owner = owner_of(organisation)
    found = paying.find_payout(owner=owner, reference=reference)
    _hold_pay(_calls_of(found.sources.all()))
    hold_payouts(owner)
    return paying.find_payout(owner=owner, reference=reference)


def _calls_of(sources: QuerySet[PayoutSource]) -> list[int]:
    return calls_in(sources.values_list("holder", flat=True).distinct())


def _hold_pay(call_ids: Iterable[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select calls_hold_pay(%s)", [list(call_ids)])
