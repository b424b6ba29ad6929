"""Straight SQL, by each role, against the rules that the database itself must keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import errors

from dure import postgres
from dure.ledger.audit import Report, audit
from dure.ledger.journal import Leg, post
from dure.ledger.models import Purpose
from dure.ledger.money import Money

pytestmark = pytest.mark.usefixtures("live_db")
TABLES: tuple[LiteralString, ...] = ("ledger_ledgeraccount", "ledger_transaction", "ledger_entry")
CHANGES: tuple[LiteralString, ...] = (
    "update ledger_ledgeraccount set owner = 'thief'",
    "update ledger_transaction set n_entries = n_entries + 2",
    "update ledger_transaction set facts = '[]'",
    "update ledger_entry set amount_minor = -amount_minor",
    "delete from ledger_entry",
    "delete from ledger_transaction",
    "delete from ledger_ledgeraccount",
    "truncate ledger_entry",
    "truncate ledger_ledgeraccount, ledger_transaction, ledger_entry cascade",
)
WRITERS: tuple[postgres.Role, ...] = ("owner", "app")


def post_one() -> dict[str, int]:
    """A balanced transaction of 50 won, and the ids that straight SQL needs."""
    legs = [
        Leg(owner="c1", purpose=Purpose.OWED_TO, money=Money(50, "KRW")),
        Leg(owner="org", purpose=Purpose.OWED_BY, money=Money(-50, "KRW")),
    ]
    posted = post(key="k", reason="test", entries=legs)
    theirs, ours = (entry.account_id for entry in posted.entries.order_by("place"))
    return {"posted": posted.pk, "theirs": theirs, "ours": ours}


def add_transaction(connection: psycopg.Connection[Any], *, n_entries: int, key: str = "x") -> int:
    [made] = connection.execute(
        "insert into ledger_transaction (key, reason, at, facts, n_entries)"
        " values (%s, 'test', now(), '{}', %s) returning id",
        [key, n_entries],
    ).fetchone() or [0]
    return int(made)


def add_entry(
    connection: psycopg.Connection[Any],
    transaction: int,
    place: int,
    account: int,
    amount_minor: int,
    currency: str = "KRW",
) -> None:
    connection.execute(
        "insert into ledger_entry (transaction_id, place, account_id, amount_minor, currency)"
        " values (%s, %s, %s, %s, %s)",
        [transaction, place, account, amount_minor, currency],
    )


def commit(role: postgres.Role, write: Callable[..., None], ids: dict[str, int]) -> None:
    with postgres.connect(role) as connection, connection.transaction():
        write(connection, ids)


@pytest.mark.parametrize("statement", CHANGES)
@pytest.mark.parametrize(
    ("role", "refusal"),
    [
        ("owner", errors.RestrictViolation),
        ("app", errors.InsufficientPrivilege),
        ("collect", errors.InsufficientPrivilege),
    ],
)
def test_no_role_changes_what_was_posted(
    role: postgres.Role, refusal: type[Exception], statement: LiteralString
) -> None:
    post_one()

    with postgres.connect(role) as connection, pytest.raises(refusal):
        connection.execute(statement)

    assert audit() == Report(1, 2, (), (), ())


def test_the_app_may_not_change_a_row_even_where_a_trigger_would_let_it() -> None:
    with postgres.connect("app") as connection:
        rights = connection.execute(
            "select t, r from unnest(%s::text[]) t,"
            " unnest(array['update', 'delete', 'truncate', 'insert', 'select']) r"
            " where has_table_privilege(t, r) order by 1, 2",
            [list(TABLES)],
        ).fetchall()

    assert rights == [(table, right) for table in sorted(TABLES) for right in ("insert", "select")]


@pytest.mark.parametrize("table", TABLES)
def test_the_collecting_role_neither_reads_nor_writes(table: LiteralString) -> None:
    with postgres.connect("collect") as connection:
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(f"select from {table}")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(f"insert into {table} default values")


@pytest.mark.parametrize("role", WRITERS)
def test_a_balanced_transaction_commits(role: postgres.Role) -> None:
    ids = post_one()

    with postgres.connect(role) as connection, connection.transaction():
        made = add_transaction(connection, n_entries=2)
        add_entry(connection, made, 1, ids["theirs"], 7)
        add_entry(connection, made, 2, ids["ours"], -7)

    assert audit() == Report(2, 4, (), (), ())


def unbalanced(connection: psycopg.Connection[Any], ids: dict[str, int]) -> None:
    made = add_transaction(connection, n_entries=2)
    add_entry(connection, made, 1, ids["theirs"], 7)
    add_entry(connection, made, 2, ids["ours"], -6)


def balanced_over_two_currencies(connection: psycopg.Connection[Any], ids: dict[str, int]) -> None:
    [dollars] = connection.execute(
        "insert into ledger_ledgeraccount (owner, purpose, currency)"
        " values ('org', 'owed_by', 'USD') returning id"
    ).fetchone() or [0]
    made = add_transaction(connection, n_entries=2)
    add_entry(connection, made, 1, ids["theirs"], 7)
    add_entry(connection, made, 2, dollars, -7, "USD")


def without_entries(connection: psycopg.Connection[Any], ids: dict[str, int]) -> None:
    add_transaction(connection, n_entries=2)


def with_an_entry_missing(connection: psycopg.Connection[Any], ids: dict[str, int]) -> None:
    made = add_transaction(connection, n_entries=3)
    add_entry(connection, made, 1, ids["theirs"], 7)
    add_entry(connection, made, 2, ids["ours"], -7)


def checked_before_it_is_whole(connection: psycopg.Connection[Any], ids: dict[str, int]) -> None:
    connection.execute("set constraints all immediate")
    add_transaction(connection, n_entries=2)


def behind_a_temporary_table(connection: psycopg.Connection[Any], ids: dict[str, int]) -> None:
    made = add_transaction(connection, n_entries=2)
    add_entry(connection, made, 1, ids["theirs"], 7)
    # A table that looks balanced, where a careless check would look first.
    connection.execute(
        "create temporary table ledger_entry as select %s::bigint as transaction_id,"
        " place, 0 as amount_minor, 'KRW' as currency from generate_series(1, 2) place",
        [made],
    )


@pytest.mark.parametrize("role", WRITERS)
@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        (unbalanced, "transaction {id} is out of balance by 1 KRW"),
        (balanced_over_two_currencies, "transaction {id} is out of balance by 7 KRW"),
        (without_entries, "transaction {id} has 0 of its 2 entries"),
        (with_an_entry_missing, "transaction {id} has 2 of its 3 entries"),
        (checked_before_it_is_whole, "transaction {id} has 0 of its 2 entries"),
        (behind_a_temporary_table, "transaction {id} has 1 of its 2 entries"),
    ],
)
def test_a_transaction_that_is_not_whole_or_not_balanced_never_commits(
    role: postgres.Role, write: Callable[..., None], sentence: str
) -> None:
    ids = post_one()

    with pytest.raises(errors.CheckViolation) as refusal:
        commit(role, write, ids)

    # The number that the column itself drew is passed over.
    message = sentence.format(id=ids["posted"] + 2)
    assert refusal.value.diag.message_primary == message
    assert audit() == Report(1, 2, (), (), ())


@pytest.mark.parametrize("role", WRITERS)
def test_a_committed_transaction_gets_no_more_entries_not_even_balanced_ones(
    role: postgres.Role,
) -> None:
    def pad(connection: psycopg.Connection[Any], ids: dict[str, int]) -> None:
        add_entry(connection, ids["posted"], 3, ids["theirs"], 7)
        add_entry(connection, ids["posted"], 4, ids["ours"], -7)

    ids = post_one()

    with pytest.raises(errors.RestrictViolation) as refusal:
        commit(role, pad, ids)
    with postgres.connect(role) as connection:
        with pytest.raises(errors.UniqueViolation):
            add_entry(connection, ids["posted"], 1, ids["theirs"], 7)
        with pytest.raises(errors.CheckViolation):
            add_entry(connection, ids["posted"], 0, ids["theirs"], 7)

    assert refusal.value.diag.message_primary == (
        f"transaction {ids['posted']} has 2 entries; entry 3 is refused"
    )
    assert audit() == Report(1, 2, (), (), ())


@pytest.mark.parametrize("role", WRITERS)
def test_a_transaction_that_was_checked_early_gets_no_more_entries(role: postgres.Role) -> None:
    def pad(connection: psycopg.Connection[Any], ids: dict[str, int]) -> None:
        made = add_transaction(connection, n_entries=2)
        add_entry(connection, made, 1, ids["theirs"], 7)
        add_entry(connection, made, 2, ids["ours"], -7)
        connection.execute("set constraints all immediate")
        add_entry(connection, made, 3, ids["theirs"], 7)

    ids = post_one()

    with pytest.raises(errors.RestrictViolation):
        commit(role, pad, ids)

    assert audit() == Report(1, 2, (), (), ())


@pytest.mark.parametrize("role", WRITERS)
def test_nobody_adds_entries_to_a_transaction_that_is_not_committed_yet(
    role: postgres.Role,
) -> None:
    ids = post_one()

    with postgres.connect("app") as first, postgres.connect(role) as second, first.transaction():
        made = add_transaction(first, n_entries=2)
        with pytest.raises(errors.ForeignKeyViolation):
            add_entry(second, made, 1, ids["theirs"], 7)
        add_entry(first, made, 1, ids["theirs"], 9)
        add_entry(first, made, 2, ids["ours"], -9)

    assert audit() == Report(2, 4, (), (), ())


@pytest.mark.parametrize("role", WRITERS)
def test_an_entry_is_in_the_currency_of_its_account(role: postgres.Role) -> None:
    def write(connection: psycopg.Connection[Any], ids: dict[str, int]) -> None:
        made = add_transaction(connection, n_entries=2)
        add_entry(connection, made, 1, ids["theirs"], 7, "USD")
        add_entry(connection, made, 2, ids["ours"], -7, "USD")

    ids = post_one()

    with pytest.raises(errors.ForeignKeyViolation) as refusal:
        commit(role, write, ids)

    assert refusal.value.diag.constraint_name == "entry_is_in_its_accounts_currency"


@pytest.mark.parametrize("role", WRITERS)
def test_an_entry_of_nothing_is_refused(role: postgres.Role) -> None:
    def write(connection: psycopg.Connection[Any], ids: dict[str, int]) -> None:
        made = add_transaction(connection, n_entries=2)
        add_entry(connection, made, 1, ids["theirs"], 0)

    ids = post_one()

    with pytest.raises(errors.CheckViolation) as refusal:
        commit(role, write, ids)

    assert refusal.value.diag.constraint_name == "entry_moves_something"


@pytest.mark.parametrize("role", WRITERS)
def test_a_key_is_posted_once(role: postgres.Role) -> None:
    post_one()

    with postgres.connect(role) as connection, pytest.raises(errors.UniqueViolation):
        add_transaction(connection, n_entries=2, key="k")
