from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from django.db import connection

from dure import postgres
from dure.ledger import verifying
from dure.ledger.checkpoints import checkpoint_accounts
from dure.ledger.models import Checkpoint, Link, Transaction
from dure.ledger.reading import last_id, read_all
from dure.ledger.verifying import BEGINNING, BadHead, Fault, Head, Proof, What, verify
from tests.ledger.posting import insert_transaction, post_in_threads, post_pair

ODD_TEXTS = ["k", "a b\n1 2:c", "두레 €\U0001f41d", 'quote " and \\ back', "\ttab\x7f"]


@pytest.mark.django_db
def test_a_journal_without_rows_has_the_head_of_the_beginning() -> None:
    assert verifying.head() == Head(0, BEGINNING)
    assert verify() == Proof(0, 0, Head(0, BEGINNING), None)
    assert verify(head=str(verifying.head())).is_sound


@pytest.mark.usefixtures("live_db")
def test_every_hash_is_made_again_from_the_rows_whatever_they_say() -> None:
    for n, text in enumerate(ODD_TEXTS):
        post_pair(
            text, n + 1, to=f"contributor:5:{text}", facts={text: [text, 1.50, 10**20, None, {}]}
        )

    proof = verify()

    assert proof == Proof(len(ODD_TEXTS), 2 * len(ODD_TEXTS), verifying.head(), None)


@pytest.mark.usefixtures("live_db")
def test_what_is_hashed_is_what_the_document_says() -> None:
    posted = post_pair("schlüssel", 50, to="contributor:5:7", by="call:5", facts={"n": 1})
    at = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    microseconds = round((posted.at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 10**6)

    text = (
        f'{posted.pk} {microseconds} 2 10:schlüssel 4:test 8:{{"n": 1}}\n'
        "1 owed_to KRW 50 15:contributor:5:7\n"
        "2 owed_by KRW -50 6:call:5\n"
    )

    assert verifying.head() == Head(1, hashlib.sha256(bytes(32) + text.encode()).digest())
    assert (at - verifying.EPOCH) // verifying.MICROSECOND == 1767323045678901


@pytest.mark.usefixtures("live_db")
def test_head_that_was_noted_is_part_of_the_chain_later() -> None:
    post_pair("a")
    noted = str(verifying.head())
    post_pair("b")

    assert verify(head=noted).fault is None
    assert verify(head=noted.partition(":")[2].upper()).fault is None
    assert verify(head=f"2:{noted.partition(':')[2]}").fault == Fault(
        f"2:{noted.partition(':')[2]}", What.LOST
    )
    assert verify(head="ab" * 32).fault == Fault("ab" * 32, What.LOST)
    with pytest.raises(BadHead):
        verify(head="abc")


@pytest.mark.usefixtures("live_db")
def test_transactions_of_many_at_once_are_chained_in_the_order_of_their_numbers() -> None:
    post_in_threads([f"k{n}" for n in range(80)], threads=8)

    numbers = list(Link.objects.order_by("transaction_id").values_list("number", flat=True))
    assert numbers == list(range(1, 81))
    assert verify().fault is None


@pytest.mark.usefixtures("live_db")
def test_number_is_drawn_in_the_order_of_commits_not_of_wishes() -> None:
    post_pair("a")
    with postgres.connect("app") as first, postgres.connect("app") as second:
        with first.transaction():
            earlier = insert_transaction(first, key="b", amounts=[1, -1], given_id=10**9)
            second.execute("set lock_timeout = '200ms'")
            with pytest.raises(Exception, match="lock timeout"):
                insert_transaction(second, key="c", amounts=[1, -1])
        later = insert_in(second, "c")

    assert earlier < later < 10**9
    assert verify().fault is None


def insert_in(connection: postgres.psycopg.Connection, key: str) -> int:
    with connection.transaction():
        return insert_transaction(connection, key=key, amounts=[1, -1])


DAMAGE = {
    "changed amounts": (
        "update ledger_entry set amount_minor = 2 * amount_minor where transaction_id = {b}",
        What.ALTERED,
    ),
    "changed key": ("update ledger_transaction set key = 'x' where id = {b}", What.ALTERED),
    "changed time": (
        "update ledger_transaction set at = at + interval '1 microsecond' where id = {b}",
        What.ALTERED,
    ),
    "changed facts": (
        "update ledger_transaction set facts = '{{\"n\": 2}}' where id = {b}",
        What.ALTERED,
    ),
    "changed owner": ("update ledger_ledgeraccount set owner = 'thief'", What.ALTERED),
    "one amount": (
        "update ledger_entry set amount_minor = 51 where transaction_id = {b} and place = 1",
        What.UNBALANCED,
    ),
    "padded": (
        (
            "insert into ledger_entry (transaction_id, place, account_id, amount_minor, currency)"
            " select transaction_id, place + 2, account_id, amount_minor, currency"
            " from ledger_entry where transaction_id = {b}"
        ),
        What.MISCOUNTED,
    ),
    "other currency": (
        "update ledger_entry set currency = 'USD' where transaction_id = {b}",
        What.MISPLACED,
    ),
    "unlinked": ("delete from ledger_link where transaction_id = {b}", What.UNCHAINED),
    "other hash": (
        "update ledger_link set hash = sha256('x') where transaction_id = {b}",
        What.ALTERED,
    ),
    "other previous": (
        "update ledger_link set previous = sha256('x') where transaction_id = {b}",
        What.CUT,
    ),
    "taken out": (
        (
            "delete from ledger_link where transaction_id = {b};"
            "delete from ledger_entry where transaction_id = {b};"
            "delete from ledger_transaction where id = {b}"
        ),
        What.CUT,
    ),
    "entries left behind": (
        (
            "delete from ledger_link where transaction_id = {c};"
            "alter table ledger_entry drop constraint {fk};"
            "delete from ledger_transaction where id = {c}"
        ),
        What.ORPHANED,
    ),
}


@pytest.mark.usefixtures("live_db")
@pytest.mark.parametrize("name", DAMAGE)
def test_damage_that_only_the_owner_can_do_is_found_and_named(name: str) -> None:
    ids = {key: post_pair(key, facts={"n": 1}).pk for key in ("a", "b", "c")}
    statement, what = DAMAGE[name]
    key = {"changed owner": "a", "changed key": "x", "taken out": "c"}.get(name, "b")
    if name == "entries left behind":
        key = f"transaction {ids['c']}"

    damage(statement.format(**ids, fk=entry_constraint()))

    assert verify().fault == Fault(key, what)


def damage(statements: str) -> None:
    with postgres.connect("owner") as connection:
        for table in ("entry", "transaction", "link", "ledgeraccount"):
            connection.execute(f"alter table ledger_{table} disable trigger user")
        connection.execute(
            "alter table ledger_entry drop constraint entry_is_in_its_accounts_currency"
        )
        for statement in statements.split(";"):
            connection.execute(statement)


def entry_constraint() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "select conname from pg_constraint where conrelid = 'ledger_entry'::regclass"
            " and confrelid = 'ledger_transaction'::regclass"
        )
        return str(cursor.fetchone()[0])


@pytest.mark.usefixtures("live_db")
def test_chain_that_was_made_anew_or_cut_off_is_found_by_the_head_that_was_noted() -> None:
    ids = {key: post_pair(key).pk for key in ("a", "b", "c")}
    noted = str(verifying.head())

    damage(
        "update ledger_entry set amount_minor = 2 * amount_minor;"
        "delete from ledger_link;"
        f"select ledger_chain({ids['a']});select ledger_chain({ids['b']});"
        f"select ledger_chain({ids['c']})"
    )

    assert verify().fault is None
    assert verify(head=noted).fault == Fault(noted, What.LOST)


@pytest.mark.usefixtures("live_db")
def test_balance_that_was_noted_wrong_is_found() -> None:
    post_pair("a")
    checkpoint_accounts(entries_min=0)

    assert verify().fault is None
    with postgres.connect("owner") as owner:
        owner.execute("update ledger_checkpoint set balance_minor = balance_minor + 1")

    assert Checkpoint.objects.count() == 2
    assert verify().fault == Fault("a", What.MISNOTED)


@pytest.mark.usefixtures("live_db")
def test_reading_goes_on_beyond_its_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dure.ledger.reading.TRANSACTIONS_PER_READ", 3)
    monkeypatch.setattr("dure.ledger.reading.ENTRIES_PER_BATCH", 4)
    for n in range(9):
        post_pair(f"k{n}")
    told: list[int] = []
    monkeypatch.setattr("dure.ledger.verifying.TRANSACTIONS_PER_WORD", 4)

    proof = verify(tell=told.append)

    assert [one.key for one in read_all(up_to=last_id())] == [f"k{n}" for n in range(9)]
    assert (proof.n_transactions, proof.fault, told) == (9, None, [4, 8])
    assert Transaction.objects.count() == 9
