"""Paid, returned, left out: each posts once, and custody is what came in less what went out."""

from __future__ import annotations

from threading import Event
from time import sleep

import pytest
from django.db.transaction import atomic

from dure import postgres
from dure.errors import Invalid, Unknown
from dure.ledger.audit import audit
from dure.ledger.models import Purpose, Transaction
from dure.ledger.payouts.batches import AlreadyOnItsWay, cancel_batch, release_batch
from dure.ledger.payouts.models import PayoutDestination
from dure.ledger.payouts.paying import (
    AlreadyPaid,
    Marked,
    NotPaid,
    NotReleased,
    drop_payout,
    erase_destinations,
    mark_paid,
    mark_returned,
)
from dure.ledger.payouts.withholding import add_rule
from tests.ledger.payouts.owing import (
    CALL,
    CALL_2,
    MAKER,
    ORG,
    RELEASER,
    a_batch,
    a_released_batch,
    line,
    owe,
    pay_in,
    reference_of,
    stands,
)
from tests.ledger.payouts.test_batches import race, two_owed

LESS = "Less is owed than when the batch was made; make a new batch for the rest."


@pytest.mark.django_db
def test_paid_out_of_nothing_is_paid_in_just_before_and_owed_no_more() -> None:
    batch = a_released_batch(*two_owed())

    marked = mark_paid(owner=ORG, batch_id=batch.pk, by=MAKER)

    assert (marked.paid, marked.already, marked.refused) == (2, 0, {})
    assert [stands(f"contributor:7:{n}", Purpose.OWED_TO) for n in (1, 2)] == [0, 0]
    assert [(stands(call, Purpose.HELD), stands(call, Purpose.OWED_BY)) for call in (CALL, CALL_2)
            ] == [(0, 0), (0, 0)]  # fmt: skip
    reasons = Transaction.objects.order_by("pk").values_list("reason", flat=True)
    assert [one for one in reasons if one != "settled"] == [
        "paid-in", "paid-in", "paid-out", "paid-out"
    ]  # fmt: skip
    assert audit().is_sound


@pytest.mark.django_db
def test_what_is_held_goes_first_and_only_the_rest_is_paid_in() -> None:
    owe("contributor:7:1", 500)
    pay_in(450, debt_minor=450)
    batch = a_released_batch(line("person:1", 500))

    mark_paid(owner=ORG, batch_id=batch.pk, by=MAKER)

    paid_in = Transaction.objects.get(key=f"paid-in:{reference_of('person:1')}:{CALL}")
    assert {one.amount_minor for one in paid_in.entries.all()} == {-50, 50}
    assert (stands(CALL, Purpose.HELD), stands(CALL, Purpose.OWED_BY)) == (0, 0)


@pytest.mark.django_db
def test_debt_that_the_organisation_itself_bore_is_settled_and_the_rest_is_deposit() -> None:
    owe("contributor:7:1", 300, call=ORG)
    batch = a_released_batch(line("person:1", 300))

    mark_paid(owner=ORG, batch_id=batch.pk, by=MAKER)

    assert (stands(ORG, Purpose.OWED_BY), stands(CALL, Purpose.DEPOSIT)) == (0, 0)
    assert stands(CALL, Purpose.HELD) == 0


@pytest.mark.django_db
def test_marked_twice_is_posted_once() -> None:
    batch = a_released_batch(*two_owed())
    one = reference_of("person:1")

    first = mark_paid(owner=ORG, batch_id=batch.pk, by=MAKER, references=[one])
    again = mark_paid(owner=ORG, batch_id=batch.pk, by=RELEASER, references=[one])
    rest = mark_paid(owner=ORG, batch_id=batch.pk, by=MAKER)

    assert [(m.paid, m.already) for m in (first, again, rest)] == [(1, 0), (0, 1), (1, 0)]
    assert Transaction.objects.filter(reason="paid-out").count() == 2


@pytest.mark.usefixtures("live_db")
def test_two_members_who_mark_at_once_post_once() -> None:
    batch = a_released_batch(*two_owed())

    found = race(*[lambda: mark_paid(owner=ORG, batch_id=batch.pk, by=MAKER)] * 3)

    assert sum(marked.paid for marked in found) == 2
    assert Transaction.objects.filter(reason="paid-out").count() == 2
    assert stands("contributor:7:1", Purpose.OWED_TO) == 0


@pytest.mark.usefixtures("live_db")
def test_two_members_who_release_at_once_release_once() -> None:
    batch = a_batch(*two_owed())

    found = race(
        lambda: release_batch(owner=ORG, batch_id=batch.pk, by="account:8"),
        lambda: release_batch(owner=ORG, batch_id=batch.pk, by="account:9"),
    )

    assert found[0].released_by == found[1].released_by


@pytest.mark.usefixtures("live_db")
def test_paid_and_left_out_at_once_are_never_both() -> None:
    batch = a_released_batch(*two_owed())
    one = reference_of("person:1")

    race(
        lambda: mark_paid(owner=ORG, batch_id=batch.pk, by=MAKER, references=[one]),
        lambda: drop_payout(owner=ORG, reference=one, reason="no account", by=RELEASER),
    )

    payout = batch.payouts.get(reference=one)
    assert (payout.paid_at is None) != (payout.dropped_at is None)
    assert (stands("contributor:7:1", Purpose.OWED_TO) == 0) == (payout.paid_at is not None)


@pytest.mark.django_db
def test_whoever_is_owed_less_by_then_is_refused_and_the_others_are_paid() -> None:
    batch = a_released_batch(*two_owed())
    owe("contributor:8:1", -1, call=CALL_2)
    one = reference_of("person:1")

    marked = mark_paid(owner=ORG, batch_id=batch.pk, by=MAKER)

    assert (marked.paid, marked.refused) == (1, {one: LESS})
    assert stands("contributor:7:1", Purpose.OWED_TO) == 500
    drop_payout(owner=ORG, reference=one, reason="less by now", by=MAKER)
    again = mark_paid(owner=ORG, batch_id=batch.pk, by=MAKER, references=[one])
    assert again.refused == {one: "less by now"}
    a_batch(line("person:1", 500, 299), key="the rest")


@pytest.mark.usefixtures("live_db")
def test_what_is_taken_back_at_the_same_moment_is_not_paid_as_well() -> None:
    owe("contributor:7:1", 500)
    batch = a_released_batch(line("person:1", 500))
    is_taken, is_waited_for = Event(), Event()

    def take_back() -> None:
        with atomic():
            owe("contributor:7:1", -500)
            is_taken.set()
            is_waited_for.wait(60)

    def pay() -> Marked:
        is_taken.wait(60)
        return mark_paid(owner=ORG, batch_id=batch.pk, by=MAKER)

    def watch() -> None:
        with postgres.connect("owner") as other:
            while not other.execute(
                "select 1 from pg_locks where locktype = 'advisory' and not granted"
            ).fetchone():
                sleep(0.02)
        is_waited_for.set()

    _, marked, _ = race(take_back, pay, watch)

    assert (marked.paid, len(marked.refused)) == (0, 1)
    assert stands("contributor:7:1", Purpose.OWED_TO) == 0


@pytest.mark.django_db
def test_nothing_is_paid_before_release_nor_after_cancelling() -> None:
    batch = a_batch(*two_owed())

    with pytest.raises(NotReleased):
        mark_paid(owner=ORG, batch_id=batch.pk, by=MAKER)
    with pytest.raises(NotPaid):
        mark_returned(owner=ORG, reference=reference_of("person:1"), reason="x", by=MAKER)
    cancel_batch(owner=ORG, batch_id=batch.pk, by=MAKER)
    with pytest.raises(NotReleased):
        mark_paid(owner=ORG, batch_id=batch.pk, by=MAKER)


@pytest.mark.django_db
def test_another_organisations_payouts_are_unknown() -> None:
    batch = a_released_batch(*two_owed())
    one = reference_of("person:1")

    for deed in (
        lambda: mark_paid(owner="organisation:2", batch_id=batch.pk, by=MAKER),
        lambda: mark_paid(owner=ORG, batch_id=batch.pk, by=MAKER, references=[one, "OTHER"]),
        lambda: mark_returned(owner="organisation:2", reference=one, reason="x", by=MAKER),
        lambda: drop_payout(owner="organisation:2", reference=one, reason="x", by=MAKER),
    ):
        with pytest.raises(Unknown):
            deed()
    assert not Transaction.objects.filter(reason="paid-out").exists()


@pytest.mark.django_db
def test_return_undoes_what_was_posted_and_the_money_may_be_paid_again() -> None:
    add_rule(owner=ORG, country="KR", currency="KRW", name="tax", basis_points=330,
             above_minor=0, unit_minor=1, by=MAKER)  # fmt: skip
    batch = a_released_batch(*two_owed())
    mark_paid(owner=ORG, batch_id=batch.pk, by=MAKER)
    one = reference_of("person:1")
    assert stands("withheld:1:tax", Purpose.OWED_TO) == 26 + 6

    returned = mark_returned(owner=ORG, reference=one, reason=" wrong  number ", by=RELEASER)
    again = mark_returned(owner=ORG, reference=one, reason="other", by=MAKER)

    assert returned.return_reason == again.return_reason == "wrong number"
    posted = Transaction.objects.get(reason="payout-returned")
    assert posted.facts == {"corrects": f"paid-out:{one}", "payout": one, "by": RELEASER}
    assert stands("contributor:7:1", Purpose.OWED_TO) == 500
    assert stands("withheld:1:tax", Purpose.OWED_TO) == 6
    # What came back is held, so the next time nothing is paid in for it.
    assert (stands(CALL, Purpose.HELD), stands(CALL_2, Purpose.HELD)) == (-500 - 6, -300)
    second = a_released_batch(line("person:1", 500, 300), key="again")
    mark_paid(owner=ORG, batch_id=second.pk, by=MAKER)
    assert not Transaction.objects.filter(key__startswith=f"paid-in:{reference_of('person:1')}")
    assert audit().is_sound


@pytest.mark.django_db
def test_paid_is_not_left_out_and_left_out_is_not_on_its_way() -> None:
    lines = two_owed()
    batch = a_released_batch(*lines)
    one, two = reference_of("person:1"), reference_of("person:2")
    mark_paid(owner=ORG, batch_id=batch.pk, by=MAKER, references=[one])

    with pytest.raises(AlreadyPaid):
        drop_payout(owner=ORG, reference=one, reason="x", by=MAKER)
    with pytest.raises(AlreadyOnItsWay):
        a_batch(lines[1], key="other")
    for reason in ("no account", "again"):
        assert drop_payout(owner=ORG, reference=two, reason=reason, by=MAKER).drop_reason == (
            "no account"
        )
    a_batch(lines[1], key="other")


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["", "  ", "a" * 201, "a\N{RIGHT-TO-LEFT OVERRIDE}b"])
def test_return_needs_a_reason_that_can_be_read(reason: str) -> None:
    with pytest.raises(Invalid):
        mark_returned(owner=ORG, reference="X", reason=reason, by=MAKER)


@pytest.mark.django_db
def test_where_it_went_is_erased_when_it_has_served_and_leaves_a_tombstone() -> None:
    batch = a_released_batch(*two_owed())
    mark_paid(owner=ORG, batch_id=batch.pk, by=MAKER, references=[reference_of("person:1")])

    erased = [erase_destinations(payees=["person:1", "person:2"]) for _ in range(2)]

    assert erased == [1, 0]
    payout = batch.payouts.get(payee="person:1")
    assert payout.erased_at is not None
    # The other one is on its way, and is sent to where it was said.
    assert [one.payout.payee for one in PayoutDestination.objects.all()] == ["person:2"]
