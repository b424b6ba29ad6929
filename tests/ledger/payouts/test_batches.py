"""Batches are made once, released by another member, or cancelled; the database sees to it."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any, LiteralString

import psycopg
import pytest
from django.db import IntegrityError, connections
from django.db.transaction import atomic
from psycopg import errors

from dure import postgres
from dure.errors import Invalid, Refusal, Unknown
from dure.ledger.payouts.batches import (
    AlreadyOnItsWay,
    BatchOver,
    EmptyBatch,
    FourEyes,
    LessOwed,
    Line,
    cancel_batch,
    find_batch,
    make_batch,
    release_batch,
)
from dure.ledger.payouts.models import (
    Payout,
    PayoutBatch,
    PayoutDestination,
    PayoutSource,
)
from dure.ledger.payouts.providers import PROVIDERS, Outcome, find_provider
from dure.ledger.payouts.references import LETTERS, draw_references
from dure.ledger.payouts.rules import set_layout
from dure.ledger.payouts.withholding import add_rule
from tests.ledger.payouts.owing import (
    AT,
    CALL,
    CALL_2,
    MAKER,
    ORG,
    RELEASER,
    a_batch,
    a_released_batch,
    line,
    owe,
)


def two_owed() -> list[Line]:
    owe("contributor:7:1", 500)
    owe("contributor:8:1", 300, call=CALL_2)
    owe("contributor:7:2", 200)
    return [line("person:1", 500, 300), line("person:2", 200)]


@pytest.mark.django_db
def test_batch_says_what_each_gets_from_where_and_whereto() -> None:
    batch = a_batch(*two_owed())

    payouts = batch.payouts.order_by("payee")
    assert list(payouts.values_list("payee", "gross_minor", "withheld_minor", "net_minor")) == [
        ("person:1", 800, 0, 800), ("person:2", 200, 0, 200)
    ]  # fmt: skip
    assert payouts[0].destination.details == AT
    assert {(one.owner, one.holder, one.amount_minor) for one in payouts[0].sources.all()} == {
        ("contributor:7:1", CALL, 500), ("contributor:8:1", CALL_2, 300)
    }  # fmt: skip
    assert all(len(one.reference) == 8 for one in payouts)


@pytest.mark.django_db
def test_same_request_is_the_same_batch_and_another_owner_does_not_know_it() -> None:
    lines = two_owed()

    first, again = a_batch(*lines), a_batch(*lines)

    assert first == again
    assert Payout.objects.count() == 2
    with pytest.raises(Unknown):
        find_batch(owner="organisation:2", batch_id=first.pk)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (lambda lines: [], EmptyBatch),
        (lambda lines: [*lines, lines[0]], Invalid),
        (lambda lines: [line("person:1", 501)], LessOwed),
        (lambda lines: [line("person:1", 0)], Invalid),
        (lambda lines: [line("person:1")], Invalid),
        (lambda lines: [line("person:9", 1)], LessOwed),
        (lambda lines: [line("person:1", 1), Line("person:3", AT, lines[0].sources)], Invalid),
    ],
)
def test_lines_that_can_not_be_paid_make_no_batch(change: Any, refusal: type[Refusal]) -> None:
    lines = two_owed()

    with pytest.raises(refusal):
        a_batch(*change(lines))

    assert not PayoutBatch.objects.exists()


@pytest.mark.django_db
def test_account_is_on_its_way_in_one_batch_only_until_that_is_over() -> None:
    lines = two_owed()
    batch = a_batch(*lines)

    with pytest.raises(AlreadyOnItsWay) as refusal:
        a_batch(lines[1], key="other")
    cancel_batch(owner=ORG, batch_id=batch.pk, by=MAKER)
    again = a_batch(*lines, key="other")

    assert refusal.value.sentence == (
        "Money of 1 accounts is on its way in another batch; let that one finish first."
    )
    assert again.payouts.count() == 2
    # Nothing was paid, so nobody needs to know where it would have gone.
    assert not PayoutDestination.objects.filter(payout__batch=batch).exists()
    assert batch.payouts.filter(erased_at=None).count() == 0


@pytest.mark.django_db
def test_release_takes_another_member_and_a_second_click_changes_nothing() -> None:
    set_layout(owner=ORG, sheet={"encoding": "cp949"})
    batch = a_batch(*two_owed())

    with pytest.raises(FourEyes) as refusal:
        release_batch(owner=ORG, batch_id=batch.pk, by=MAKER)
    released = release_batch(owner=ORG, batch_id=batch.pk, by=RELEASER)
    again = release_batch(owner=ORG, batch_id=batch.pk, by="account:3")

    assert refusal.value.sentence == "You made this batch, so another member must release it."
    assert (again.released_by, again.released_at) == (RELEASER, released.released_at)
    assert again.printed == {"sheet": {"encoding": "cp949"}, "payer": {}}
    with pytest.raises(BatchOver) as over:
        cancel_batch(owner=ORG, batch_id=batch.pk, by=MAKER)
    assert over.value.sentence == "This batch was released already."


@pytest.mark.django_db
def test_cancelled_batch_is_not_released() -> None:
    batch = a_batch(*two_owed())
    cancel_batch(owner=ORG, batch_id=batch.pk, by=MAKER)
    cancel_batch(owner=ORG, batch_id=batch.pk, by=RELEASER)

    with pytest.raises(BatchOver):
        release_batch(owner=ORG, batch_id=batch.pk, by=RELEASER)


@pytest.mark.django_db
def test_whoever_is_owed_less_by_then_is_left_out_of_the_release() -> None:
    batch = a_batch(*two_owed())
    owe("contributor:7:1", -1)

    release_batch(owner=ORG, batch_id=batch.pk, by=RELEASER)

    assert list(batch.payouts.order_by("payee").values_list("drop_reason", flat=True)) == [
        "Less is owed than when the batch was made; make a new batch for the rest.", None
    ]  # fmt: skip
    assert not PayoutSource.objects.filter(owner="contributor:7:1", ended_at=None).exists()


@pytest.mark.django_db
def test_release_of_nobody_is_refused() -> None:
    owe("contributor:7:1", 5)
    batch = a_batch(line("person:1", 5))
    owe("contributor:7:1", -5)

    with pytest.raises(EmptyBatch):
        release_batch(owner=ORG, batch_id=batch.pk, by=RELEASER)

    batch.refresh_from_db()
    assert batch.released_at is None


@pytest.mark.django_db
def test_references_are_new_and_hold_no_letters_that_look_alike() -> None:
    drawn = draw_references(500)

    assert len(set(drawn)) == 500
    assert not set("".join(drawn)) - set(LETTERS)
    assert not set("IO01") & set(LETTERS)


@pytest.mark.django_db
def test_ways_to_pay_are_known_by_name_and_by_hand_tells_nothing_by_itself() -> None:
    by_hand = find_provider("by_hand")

    assert list(by_hand.read_fates(["A"])) == []
    with pytest.raises(Invalid):
        by_hand.read_notice(b"", {})
    with pytest.raises(Invalid) as refusal:
        make_batch(owner=ORG, currency="KRW", lines=two_owed(), by=MAKER, request_key="k", way="x")
    assert refusal.value.sentence == "There is no way to pay called 'x'; choose by_hand."
    assert list(PROVIDERS) == ["by_hand"]
    assert [*Outcome] == ["paid", "returned"]


def race(*deeds: Any) -> list[Any]:
    """Each in a thread and with a connection of its own, all let go at once."""
    barrier = Barrier(len(deeds))
    found: list[Any] = [None] * len(deeds)

    def run(at: int, deed: Any) -> None:
        barrier.wait()
        try:
            found[at] = deed()
        except Refusal as refusal:
            found[at] = refusal
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(at, deed)) for at, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.usefixtures("live_db")
def test_two_clicks_at_once_make_one_batch_and_two_members_never_two_of_one_account() -> None:
    lines = two_owed()

    same = race(lambda: a_batch(lines[0]), lambda: a_batch(lines[0]))
    other = race(lambda: a_batch(lines[1], key="a"), lambda: a_batch(lines[1], key="b"))

    assert same[0] == same[1]
    assert sorted(type(one).__name__ for one in other) == ["AlreadyOnItsWay", "PayoutBatch"]


@pytest.mark.usefixtures("live_db")
def test_release_and_cancel_at_once_are_never_both() -> None:
    batch = a_batch(*two_owed())

    race(
        lambda: release_batch(owner=ORG, batch_id=batch.pk, by=RELEASER),
        lambda: cancel_batch(owner=ORG, batch_id=batch.pk, by=MAKER),
    )

    batch.refresh_from_db()
    assert (batch.released_at is None) != (batch.cancelled_at is None)


RELEASE: LiteralString = "update ledger_payoutbatch set released_at = now(), released_by = "
ADDED: LiteralString = (
    "insert into ledger_payout (batch_id, payee, reference, gross_minor, withheld_minor, net_minor)"
    " select id, 'thief', 'X', 5, 0, 5 from ledger_payoutbatch"
)
INFLATED: LiteralString = (
    "insert into ledger_payoutsource (payout_id, owner, holder, currency, amount_minor)"
    " select id, 'x', 'y', 'KRW', 1 from ledger_payout where payee = 'person:1'"
)
WITHHELD: LiteralString = (
    "insert into ledger_payoutwithheld (source_id, rule_id, amount_minor)"
    " select s.id, r.id, 1 from ledger_payoutsource s, ledger_withholdingrule r"
)
STRAIGHT: list[tuple[LiteralString, type[Exception]]] = [
    (RELEASE + "made_by", errors.CheckViolation),
    (RELEASE + "null", errors.CheckViolation),
    (
        "update ledger_payout set paid_at = now(), paid_by = 'thief'",
        errors.RestrictViolation,
    ),
    (
        "update ledger_payout set returned_at = now(), returned_by = 'x'",
        errors.CheckViolation,
    ),
    ("update ledger_payout set net_minor = 1, gross_minor = 1", errors.RestrictViolation),
    ("delete from ledger_payout", errors.RestrictViolation),
    ("update ledger_payoutdestination set details = '{}'", errors.RestrictViolation),
    ("update ledger_payoutsource set amount_minor = 1", errors.RestrictViolation),
    (
        (
            "insert into ledger_payoutsource (payout_id, owner, holder, currency, amount_minor)"
            " select id, 'x', 'y', 'KRW', 1 from ledger_payout"
        ),
        errors.UniqueViolation,
    ),
    (
        (
            "insert into ledger_payout (batch_id, payee, reference, gross_minor, withheld_minor,"
            " net_minor) select id, 'thief', 'X', 5, 1, 5 from ledger_payoutbatch"
        ),
        errors.CheckViolation,
    ),
]


@pytest.mark.usefixtures("live_db")
def test_straight_sql_breaks_none_of_the_rules() -> None:
    a_batch(*two_owed())

    for statement, refusal in STRAIGHT:
        with postgres.connect("app") as connection, pytest.raises(refusal):
            run(connection, statement)

    assert Payout.objects.filter(paid_at=None, returned_at=None).count() == 2


def run(connection: psycopg.Connection[Any], statement: LiteralString) -> None:
    with connection.transaction():
        connection.execute(statement)


def a_rule() -> None:
    add_rule(owner=ORG, country="KR", currency="KRW", name="tax", basis_points=1, above_minor=10**6,
             unit_minor=1, by=MAKER)  # fmt: skip


@pytest.mark.usefixtures("live_db")
@pytest.mark.parametrize("statement", [ADDED, INFLATED, WITHHELD])
def test_what_is_added_behind_our_back_is_found_before_money_goes(
    statement: LiteralString,
) -> None:
    a_rule()
    batch = a_batch(*two_owed())
    with postgres.connect("app") as connection:
        run(connection, statement)

    with pytest.raises(IntegrityError, match="is not the sum of its sources"):
        release_batch(owner=ORG, batch_id=batch.pk, by=RELEASER)

    batch.refresh_from_db()
    assert batch.released_at is None


@pytest.mark.usefixtures("live_db")
@pytest.mark.parametrize("statement", [ADDED, INFLATED, WITHHELD])
def test_nothing_is_added_to_a_batch_that_was_released(statement: LiteralString) -> None:
    a_rule()
    a_released_batch(*two_owed())

    with postgres.connect("app") as connection, pytest.raises(errors.RestrictViolation):
        run(connection, statement)


@atomic
def make_inflated(lines: list[Line]) -> None:
    batch = a_batch(*lines)
    PayoutSource.objects.create(
        payout=batch.payouts.earliest("pk"), owner="x", holder="y", currency="KRW", amount_minor=1
    )


@pytest.mark.usefixtures("live_db")
def test_batch_that_does_not_add_up_is_not_even_committed() -> None:
    lines = two_owed()

    with pytest.raises(IntegrityError, match="is not the sum of its sources"):
        make_inflated(lines)

    assert not PayoutBatch.objects.exists()


@pytest.mark.django_db
def test_withheld_part_is_in_the_batch_from_the_first() -> None:
    add_rule(owner=ORG, country="KR", currency="KRW", name="income tax", basis_points=330,
             above_minor=0, unit_minor=10, by=MAKER)  # fmt: skip
    owe("contributor:7:1", 1_000)
    owe("contributor:8:1", 2_000, call=CALL_2)
    owe("contributor:7:2", 200)

    batch = a_batch(line("person:1", 1_000, 2_000), line("person:2", 200, country="DE"))

    assert list(batch.payouts.order_by("payee").values_list("withheld_minor", "net_minor")) == [
        (90, 2_910), (0, 200)
    ]  # fmt: skip
