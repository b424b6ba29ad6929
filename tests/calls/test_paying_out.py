"""Batches of an organisation: who is in them, what the history says, and who may not know."""

from __future__ import annotations

import json

import pytest

from dure.calls import paying_out
from dure.calls.dues import owner_of, sum_up
from dure.calls.models import Call
from dure.errors import Unknown
from dure.ledger.audit import audit
from dure.ledger.journal import KeyReused
from dure.ledger.models import Transaction
from dure.ledger.money import Money
from dure.ledger.payouts.batches import EmptyBatch, FourEyes
from dure.ledger.payouts.models import Payout, PayoutBatch, PayoutDestination
from dure.ledger.payouts.paying import NotReleased
from dure.ledger.payouts.withholding import add_rule
from dure.people.models import AuditEntry, Organisation, Payee
from dure.people.payees import describe_payee, find_payee
from tests.calls.earning import ACCOUNT, earn
from tests.factories import make_call, make_organisation
from tests.ledger.payouts.test_batches import race

ADA, BO = "account:1", "account:2"


@pytest.fixture
def call() -> Call:
    return make_call(organisation=make_organisation())


def propose(organisation: Organisation, *, key: str = "k") -> PayoutBatch:
    return paying_out.propose_batch(
        organisation=organisation, currency="KRW", by=ADA, request_key=key
    )


def release(batch: PayoutBatch, organisation: Organisation) -> None:
    paying_out.release_batch(organisation=organisation, batch_id=batch.pk, by=BO)


@pytest.mark.django_db
def test_whole_way_from_earned_to_returned_is_in_the_history_without_bank_details(
    call: Call,
) -> None:
    organisation = call.organisation
    person = earn(call, 500, says_how=True).person
    earn(call, 300)

    batch, again = propose(organisation), propose(organisation)
    with pytest.raises(FourEyes):
        paying_out.release_batch(organisation=organisation, batch_id=batch.pk, by=ADA)
    for _ in range(2):
        release(batch, organisation)
        marked = paying_out.mark_paid(organisation=organisation, batch_id=batch.pk, by=ADA)
    (payout,) = batch.payouts.all()
    for _ in range(2):
        paying_out.mark_returned(
            organisation=organisation, reference=payout.reference, reason="closed", by=BO
        )

    assert batch == again
    with pytest.raises(KeyReused):
        paying_out.propose_batch(organisation=organisation, currency="USD", by=ADA, request_key="k")
    assert marked.paid == 0
    assert (payout.payee, payout.gross_minor) == (f"person:{person.pk}", 500)
    assert payout.destination.details == describe_payee(find_payee(person_id=person.pk))
    written = AuditEntry.objects.order_by("pk").values_list("action", "by", "thing", "facts")
    thing = f"payouts:{batch.pk}"
    assert list(written) == [
        ("make payouts", ADA, thing, {"added": 1}),
        ("release payouts", BO, thing, {}),
        ("mark payouts paid", ADA, thing, {"added": 1}),
        ("return payout", BO, thing, {"reference": payout.reference}),
    ]
    for transaction in Transaction.objects.all():
        assert ACCOUNT["account"] not in json.dumps(transaction.facts)
    assert audit().is_sound
    # It is owed again, and may be paid again.
    assert sum_up(organisation)[0].amount_minor["ready"] == 500


@pytest.mark.django_db
def test_nobody_ready_makes_no_batch(call: Call) -> None:
    earn(call, 300)

    with pytest.raises(EmptyBatch):
        propose(call.organisation)

    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_cancelled_and_left_out_are_noted_once(call: Call) -> None:
    organisation = call.organisation
    earn(call, 500, says_how=True)
    first = propose(organisation)
    for _ in range(2):
        paying_out.cancel_batch(organisation=organisation, batch_id=first.pk, by=ADA)
    second = propose(organisation, key="k2")
    with pytest.raises(NotReleased):
        paying_out.mark_paid(organisation=organisation, batch_id=second.pk, by=ADA)
    release(second, organisation)
    reference = second.payouts.get().reference
    for _ in range(2):
        paying_out.drop_payout(
            organisation=organisation, reference=reference, reason="no such account", by=ADA
        )

    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == [
        "make payouts", "cancel payouts", "make payouts", "release payouts", "leave payout out"
    ]  # fmt: skip


@pytest.mark.django_db
def test_remittance_and_fee_are_noted_once(call: Call) -> None:
    organisation = call.organisation
    add_rule(owner=owner_of(organisation), country="KR", currency="KRW", name="tax",
             basis_points=1_000, above_minor=0, unit_minor=1, by=ADA)  # fmt: skip
    earn(call, 500, says_how=True)
    batch = propose(organisation)
    release(batch, organisation)
    paying_out.mark_paid(organisation=organisation, batch_id=batch.pk, by=ADA)

    for _ in range(2):
        paying_out.remit_withheld(
            organisation=organisation, name="tax", currency="KRW", by=ADA, request_key="r"
        )
        paying_out.record_fee(
            organisation=organisation, call_id=call.pk, fee=Money(5, "KRW"), by=ADA,
            request_key="f",
        )  # fmt: skip

    written = AuditEntry.objects.order_by("pk").values_list("action", "facts")
    assert list(written)[-2:] == [("remit withheld", {"name": "tax"}), ("record fee", {})]


@pytest.mark.django_db
def test_another_organisations_batch_is_unknown(call: Call) -> None:
    stranger = make_organisation()
    earn(call, 500, says_how=True)
    batch = propose(call.organisation)
    reference = batch.payouts.get().reference

    for deed in (
        lambda: release(batch, stranger),
        lambda: paying_out.cancel_batch(organisation=stranger, batch_id=batch.pk, by=BO),
        lambda: paying_out.mark_paid(organisation=stranger, batch_id=batch.pk, by=BO),
        lambda: paying_out.mark_returned(
            organisation=stranger, reference=reference, reason="x", by=BO
        ),
        lambda: paying_out.drop_payout(
            organisation=stranger, reference=reference, reason="x", by=BO
        ),
        lambda: paying_out.record_fee(
            organisation=stranger, call_id=call.pk, fee=Money(5, "KRW"), by=BO, request_key="f"
        ),
    ):
        with pytest.raises(Unknown):
            deed()
    batch.refresh_from_db()
    assert (batch.released_at, batch.cancelled_at) == (None, None)


@pytest.mark.django_db
def test_what_somebody_said_is_forgotten_with_what_is_over(call: Call) -> None:
    person = earn(call, 500, says_how=True).person
    batch = propose(call.organisation)
    release(batch, call.organisation)
    paying_out.forget_payee(person_id=person.pk)
    assert (Payee.objects.count(), PayoutDestination.objects.count()) == (0, 1)

    paying_out.mark_paid(organisation=call.organisation, batch_id=batch.pk, by=ADA)
    paying_out.forget_payee(person_id=person.pk)

    assert not PayoutDestination.objects.exists()
    assert Payout.objects.get().erased_at is not None


@pytest.mark.usefixtures("live_db")
def test_members_who_act_at_once_pay_once() -> None:
    call = make_call(organisation=make_organisation())
    organisation = call.organisation
    for _ in range(5):
        earn(call, 500, says_how=True)

    batches = race(*[lambda: propose(organisation)] * 2)
    race(*[lambda: release(batches[0], organisation)] * 2)
    race(
        *[lambda: paying_out.mark_paid(organisation=organisation, batch_id=batches[0].pk, by=ADA)]
        * 3
    )

    assert batches[0] == batches[1]
    assert Transaction.objects.filter(reason="paid-out").count() == 5
    assert AuditEntry.objects.count() == 3
    assert audit().is_sound
