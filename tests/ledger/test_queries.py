from __future__ import annotations

from datetime import timedelta

import pytest

from dure.clock import now
from dure.ledger.checkpoints import checkpoint_accounts
from dure.ledger.journal import Leg, post
from dure.ledger.models import LedgerAccount, Purpose
from dure.ledger.money import Money
from dure.ledger.queries import (
    Owners,
    Standing,
    balances,
    entries_of,
    read_accounts,
    read_transactions,
    trial_balance,
)
from dure.ledger.reading import last_id
from tests.ledger.posting import post_pair

pytestmark = pytest.mark.django_db
OF_FIVE = Owners(frozenset({"call:5"}), frozenset({"contributor:5:"}))


def won(amount_minor: int) -> Money:
    return Money(amount_minor, "KRW")


def test_beginnings_are_summed_and_names_are_not_taken_for_them() -> None:
    post_pair("a", 50, to="contributor:5:1", by="call:5")
    post_pair("b", 30, to="contributor:5:2", by="call:5")
    post_pair("c", 9, to="contributor:55:1", by="call:55")
    post_pair("d", 7, to="contributor:5", by="call:5:x")

    assert trial_balance(owners=OF_FIVE) == [
        Standing("call:5", Purpose.OWED_BY, won(-80), 1),
        Standing("contributor:5:", Purpose.OWED_TO, won(80), 2),
    ]


def test_over_everybody_it_sums_to_zero_in_each_currency() -> None:
    post_pair("a", 50)
    post_pair("b", 700, currency="USD")

    rows = trial_balance()

    assert rows == [
        Standing("call:5", Purpose.OWED_BY, won(-50)),
        Standing("call:5", Purpose.OWED_BY, Money(-700, "USD")),
        Standing("contributor:5:1", Purpose.OWED_TO, won(50)),
        Standing("contributor:5:1", Purpose.OWED_TO, Money(700, "USD")),
    ]


def test_earlier_time_is_summed_from_what_was_posted_by_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moment = now()
    for n in range(3):
        monkeypatch.setattr("dure.ledger.journal.now", lambda n=n: moment + timedelta(hours=n))
        post_pair(f"k{n}", 10)
    checkpoint_accounts(entries_min=0)

    at_two = trial_balance(owners=OF_FIVE, as_of=moment + timedelta(hours=1))

    assert [one.balance for one in at_two] == [won(-20), won(20)]
    assert trial_balance(owners=OF_FIVE, as_of=moment - timedelta(hours=1)) == [
        Standing("call:5", Purpose.OWED_BY, won(0)),
        Standing("contributor:5:", Purpose.OWED_TO, won(0)),
    ]


def test_account_that_never_had_an_entry_is_not_there() -> None:
    LedgerAccount.objects.create(owner="call:5", purpose=Purpose.HELD, currency="KRW")

    assert trial_balance(owners=OF_FIVE) == []
    assert balances(owner="call:5", purpose=Purpose.HELD) == []


@pytest.mark.parametrize("noted_after", [None, 0, 2, 4])
@pytest.mark.parametrize("limit", [1, 2, 3, 20])
def test_pages_of_an_account_carry_its_balance_from_one_to_the_next(
    noted_after: int | None, limit: int
) -> None:
    amounts = [5, 7, 11, 13, 17]
    for n, amount in enumerate(amounts):
        post_pair(f"k{n}", amount)
        if n == noted_after:
            checkpoint_accounts(entries_min=0)
    # Two entries of one account in one transaction, on both sides of a page's end.
    twice = [
        Leg(owner="contributor:5:1", purpose=Purpose.OWED_TO, money=won(1)),
        Leg(owner="contributor:5:1", purpose=Purpose.OWED_TO, money=won(2)),
        Leg(owner="call:5", purpose=Purpose.OWED_BY, money=won(-3)),
    ]
    post(key="twice", reason="test", entries=twice)
    account = LedgerAccount.objects.get(owner="contributor:5:1")

    found = []
    before = None
    while page := entries_of(account, before=before, limit=limit):
        found += [(one.entry.amount_minor, one.balance.amount_minor) for one in page]
        before = page[-1].cursor

    assert found == [(2, 56), (1, 54), (17, 53), (13, 36), (11, 23), (7, 12), (5, 5)]


def test_transactions_of_some_owners_are_read_in_order_and_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dure.ledger.queries.ROWS_PER_READ", 2)
    for n in range(7):
        call = 6 if n == 3 else 5
        post_pair(f"k{n}", to=f"contributor:{call}:{n}", by=f"call:{call}")

    keys = [one.key for one in read_transactions(up_to=last_id(), owners=OF_FIVE)]

    owners = [one.owner for one in read_accounts(owners=OF_FIVE)]
    assert owners == ["call:5", *(f"contributor:5:{n}" for n in (0, 1, 2, 4, 5, 6))]
    assert keys == ["k0", "k1", "k2", "k4", "k5", "k6"]
    assert [one.key for one in read_transactions(up_to=last_id())] == [f"k{n}" for n in range(7)]


def test_owners_know_who_is_one_of_them() -> None:
    assert [
        OF_FIVE.has(one)
        for one in ("call:5", "contributor:5:1", "contributor:5:a:b", "contributor:55:1", "call:55")
    ] == [True, True, True, False, False]
