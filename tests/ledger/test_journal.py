from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from dure.errors import Refusal
from dure.ledger.audit import Report, audit
from dure.ledger.journal import (
    BadKey,
    BadOwner,
    BadReason,
    EmptyLeg,
    KeyReused,
    Leg,
    NothingPosted,
    TooManyLegs,
    Unbalanced,
    post,
)
from dure.ledger.models import Entry, LedgerAccount, Purpose, Transaction
from dure.ledger.money import Money
from dure.ledger.queries import accounts_of, balance, balances


def leg(owner: str, amount_minor: int, currency: str = "KRW") -> Leg:
    purpose = Purpose.OWED_TO if owner.startswith("c") else Purpose.OWED_BY
    return Leg(owner=owner, purpose=purpose, money=Money(amount_minor, currency))


def pair(amount_minor: int, *, owner: str = "c1", currency: str = "KRW") -> list[Leg]:
    return [leg(owner, amount_minor, currency), leg("org", -amount_minor, currency)]


@pytest.mark.django_db
def test_a_posting_stands_in_both_accounts() -> None:
    posted = post(key="k", reason="test", entries=pair(50), facts={"why": "because"})

    [theirs] = accounts_of("c1")
    [ours] = accounts_of("org")
    assert (balance(theirs), balance(ours)) == (Money(50, "KRW"), Money(-50, "KRW"))
    assert (posted.reason, posted.facts, posted.n_entries) == ("test", {"why": "because"}, 2)
    assert audit() == Report(1, 2, (), (), ())


@pytest.mark.django_db
def test_currencies_stay_apart() -> None:
    post(key="k", reason="test", entries=[*pair(50, currency="USD"), *pair(700, currency="KRW")])

    assert balances(owner="c1", purpose=Purpose.OWED_TO) == [Money(700, "KRW"), Money(50, "USD")]
    assert balances(owner="c1", purpose=Purpose.OWED_BY) == []


@pytest.mark.django_db
def test_an_account_without_entries_has_a_balance_of_zero() -> None:
    account = LedgerAccount.objects.create(owner="c1", purpose=Purpose.OWED_TO, currency="USD")

    assert balance(account) == Money(0, "USD")


@pytest.mark.django_db
def test_the_same_key_and_content_is_the_same_transaction() -> None:
    first = post(key="k", reason="test", entries=pair(50), facts={"n": (1, 2)})

    again = post(key="k", reason="test", entries=pair(50)[::-1], facts={"n": [1, 2]})

    assert again.pk == first.pk
    assert (Transaction.objects.count(), Entry.objects.count()) == (1, 2)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other",
    [
        {"reason": "another"},
        {"facts": {"n": 2}},
        {"entries": pair(51)},
        {"entries": pair(50, owner="c2")},
        {"entries": pair(50, currency="USD")},
        {"entries": [leg("c1", 25), leg("c1", 25), leg("org", -50)]},
    ],
)
def test_the_same_key_with_other_content_is_refused(other: dict[str, Any]) -> None:
    content: dict[str, Any] = {"reason": "test", "entries": pair(50), "facts": {"n": 1}}
    posted = post(key="k", **content)

    with pytest.raises(KeyReused) as refusal:
        post(key="k", **(content | other))

    assert refusal.value.sentence == (
        f"The key 'k' belongs to another transaction, 'test' of {posted.at:%Y-%m-%d}; "
        "send the same content again, or a new key."
    )
    assert audit() == Report(1, 2, (), (), ())


@pytest.mark.django_db
def test_checks_come_in_one_fixed_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dure.ledger.journal.LEGS_MAX", 3)
    post(key="taken", reason="test", entries=pair(50))
    good = pair(60)
    # Each posting has one fault less than the one before.
    postings: list[tuple[str, str, list[Leg]]] = [
        ("", "", []),
        ("taken", "", []),
        ("taken", "test", []),
        ("taken", "test", [leg("", 0), leg("c1", 0), *good]),
        ("taken", "test", [leg("c1", 0), leg("", 1)]),
        ("taken", "test", [leg("c1", 0), leg("c1", 1)]),
        ("taken", "test", [leg("c1", 3), leg("org", -2)]),
        ("taken", "test", good),
    ]

    refusals = []
    for key, reason, entries in postings:
        with pytest.raises(Refusal) as refusal:
            post(key=key, reason=reason, entries=entries)
        refusals.append((refusal.type, str(refusal.value)))

    day = Transaction.objects.get().at.strftime("%Y-%m-%d")
    assert refusals == [
        (BadKey, "A transaction's key has 1 to 80 letters; got 0."),
        (BadReason, "A transaction's reason has 1 to 60 letters; got 0."),
        (
            NothingPosted,
            "A transaction needs legs: at least one that gives and one that takes.",
        ),
        (TooManyLegs, "A transaction has at most 3 legs; got 4. Post it in parts."),
        (BadOwner, "An account's owner has 1 to 120 letters; got 0."),
        (EmptyLeg, "The leg for c1 moves 0 KRW; leave it out."),
        (Unbalanced, "The legs in KRW should sum to 0; they sum to 1 minor units."),
        (
            KeyReused,
            (
                f"The key 'taken' belongs to another transaction, 'test' of {day}; "
                "send the same content again, or a new key."
            ),
        ),
    ]


@pytest.mark.django_db
def test_an_unbalanced_posting_never_reaches_the_database() -> None:
    def refuse_query(*_: object) -> None:
        raise AssertionError("a query was sent")

    entries = [*pair(5), leg("c1", 1, "USD")]
    with connection.execute_wrapper(refuse_query), pytest.raises(Unbalanced) as refusal:
        post(key="k", reason="test", entries=entries)

    assert refusal.value.sentence == ("The legs in USD should sum to 0; they sum to 1 minor units.")


@pytest.mark.usefixtures("live_db")
def test_a_posting_goes_with_the_callers_transaction() -> None:
    with transaction.atomic():
        post(key="k", reason="test", entries=pair(50))
        transaction.set_rollback(True)

    assert audit() == Report(0, 0, (), (), ())


@pytest.mark.usefixtures("live_db")
def test_a_key_posted_by_two_at_once_has_the_effect_of_one() -> None:
    for number in range(10):
        outcomes = post_at_once([(f"k{number}", pair(50)), (f"k{number}", pair(50))])
        assert len(set(outcomes)) == 1

    assert audit() == Report(10, 20, (), (), ())
    assert balances(owner="c1", purpose=Purpose.OWED_TO) == [Money(500, "KRW")]


@pytest.mark.usefixtures("live_db")
def test_of_two_contents_under_one_key_at_once_one_is_refused() -> None:
    for number in range(10):
        outcomes = post_at_once([(f"k{number}", pair(50)), (f"k{number}", pair(60))])
        assert outcomes.count("key-reused") == 1

    assert audit() == Report(10, 20, (), (), ())


@pytest.mark.usefixtures("live_db")
def test_new_accounts_in_opposite_orders_at_once_do_not_wait_in_a_circle() -> None:
    for number in range(5):
        owners = [f"c{number}-{i}" for i in range(50)]
        there = [leg(owner, 1) for owner in owners] + [leg("org", -50)]
        outcomes = post_at_once([(f"a{number}", there), (f"b{number}", there[::-1])])
        assert len(set(outcomes)) == 2

    assert audit() == Report(10, 510, (), (), ())


def post_at_once(postings: list[tuple[str, list[Leg]]]) -> list[int | str]:
    """Each posting from a connection of its own; the transaction's id, or the refusal's code."""
    barrier = Barrier(len(postings))

    def run(posting: tuple[str, list[Leg]]) -> int | str:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            key, entries = posting
            return post(key=key, reason="test", entries=entries).pk
        except KeyReused as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(postings)) as pool:
        return list(pool.map(run, postings))


class Journal(RuleBasedStateMachine):
    """The journal against a dictionary; every step is committed and audited."""

    example = 0

    def __init__(self) -> None:
        super().__init__()
        Journal.example += 1
        self.prefix = f"{Journal.example}:"
        self.model: dict[str, list[Leg]] = {}
        self.before = audit()

    keys = st.sampled_from(["a", "b", "c", "d"])
    postings = st.builds(
        lambda amounts, currency: [
            *(leg(f"c{n}", amount, currency) for n, amount in enumerate(amounts)),
            leg("org", -sum(amounts), currency),
        ],
        st.lists(st.integers(1, 10**9), min_size=1, max_size=4),
        st.sampled_from(["KRW", "USD"]),
    )

    @rule(key=keys, entries=postings)
    def post(self, key: str, entries: list[Leg]) -> None:
        expected = self.model.setdefault(key, entries) == entries
        try:
            post(key=self.prefix + key, reason="test", entries=entries)
            assert expected
        except KeyReused:
            assert not expected

    @rule(key=keys)
    def repeat(self, key: str) -> None:
        if entries := self.model.get(key):
            post(key=self.prefix + key, reason="test", entries=entries[::-1])

    @rule(key=keys, entries=postings)
    def conflict(self, key: str, entries: list[Leg]) -> None:
        if self.model.get(key, entries) != entries:
            with pytest.raises(KeyReused):
                post(key=self.prefix + key, reason="test", entries=entries)

    @rule(key=keys, entries=postings)
    def repeat_at_once(self, key: str, entries: list[Leg]) -> None:
        entries = self.model.setdefault(key, entries)
        first, second = post_at_once([(self.prefix + key, entries)] * 2)
        assert first == second

    @rule(key=keys, amount=st.integers(1, 100))
    def unbalanced(self, key: str, amount: int) -> None:
        with pytest.raises(Unbalanced):
            post(key=self.prefix + key, reason="test", entries=[*pair(1), leg("c1", amount)])

    @invariant()
    def journal_equals_the_model(self) -> None:
        report = audit()
        n_entries = sum(map(len, self.model.values()))
        assert report == Report(
            self.before.n_transactions + len(self.model),
            self.before.n_entries + n_entries,
            (),
            (),
            (),
        )
        stored: dict[str, list[tuple[str, int, str]]] = {}
        for entry in Entry.objects.filter(transaction__key__startswith=self.prefix).select_related(
            "transaction", "account"
        ):
            row = (entry.account.owner, entry.amount_minor, entry.currency)
            stored.setdefault(entry.transaction.key.removeprefix(self.prefix), []).append(row)
        modelled = {
            key: sorted((e.owner, e.money.amount_minor, e.money.currency) for e in entries)
            for key, entries in self.model.items()
        }
        assert {key: sorted(rows) for key, rows in stored.items()} == modelled


@pytest.mark.usefixtures("live_db")
def test_journal_and_its_model_never_differ() -> None:
    run_state_machine_as_test(
        Journal,
        settings=settings(
            max_examples=15,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
