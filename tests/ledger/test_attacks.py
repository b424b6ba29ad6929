"""Straight SQL, by each role, against the order of transactions, their chain and noted balances."""

from __future__ import annotations

from typing import LiteralString

import pytest
from django.core.management import call_command
from psycopg import errors

from dure import postgres
from dure.ledger.checkpoints import checkpoint_accounts
from dure.ledger.models import Transaction
from dure.ledger.verifying import Fault, What, verify
from tests.ledger.posting import insert_transaction, post_pair

pytestmark = pytest.mark.usefixtures("live_db")
# The owner meets triggers, the others have no right to begin with.
REFUSALS: dict[postgres.Role, type[Exception]] = {
    "owner": errors.RestrictViolation,
    "app": errors.InsufficientPrivilege,
    "collect": errors.InsufficientPrivilege,
}
CHANGES: tuple[LiteralString, ...] = (
    "update ledger_link set hash = sha256('x')",
    "update ledger_link set previous = sha256('x'), number = 7",
    "delete from ledger_link",
    "truncate ledger_link",
)
TAMPERING: tuple[LiteralString, ...] = (
    "alter table ledger_transaction disable trigger all",
    "alter table ledger_transaction disable trigger transaction_takes_its_turn",
    "drop trigger transaction_balances on ledger_transaction",
    "create or replace function ledger_chain(p bigint) returns void language sql as 'select'",
    "set session_replication_role = replica",
    "alter table ledger_link drop constraint one_link_follows_another",
    "select setval('ledger_transaction_id_seq', 1)",
)
FORGERIES: tuple[LiteralString, ...] = (
    (
        "insert into ledger_link (transaction_id, number, previous, hash)"
        " select id, 9, sha256('x'), sha256('y') from ledger_transaction"
    ),
    "select ledger_chain(id) from ledger_transaction",
    (
        "insert into ledger_checkpoint (account_id, up_to_id, balance_minor)"
        " select e.account_id, e.transaction_id, 10 ^ 9 from ledger_entry e"
    ),
    "update ledger_checkpoint set balance_minor = 10 ^ 9",
    "delete from ledger_checkpoint",
    "truncate ledger_checkpoint",
)


@pytest.mark.parametrize("statement", CHANGES)
@pytest.mark.parametrize("role", postgres.ROLES)
def test_no_role_changes_a_link(role: postgres.Role, statement: LiteralString) -> None:
    post_pair("a")

    with postgres.connect(role) as connection, pytest.raises(REFUSALS[role]):
        connection.execute(statement)

    assert verify().fault is None


@pytest.mark.parametrize("statement", [*FORGERIES, *TAMPERING])
@pytest.mark.parametrize("role", ["app", "collect"])
def test_none_but_the_owner_forges_links_and_noted_balances_or_touches_the_rules(
    role: postgres.Role, statement: LiteralString
) -> None:
    post_pair("a")
    checkpoint_accounts(entries_min=0)

    with postgres.connect(role) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement)

    assert verify().fault is None


def test_app_can_not_have_a_table_of_its_own_chained() -> None:
    """The check runs with its owner's rights: on another table it would chain what never was."""
    post_pair("a")

    with postgres.connect("app") as connection:
        connection.execute("create temporary table lure (id bigint, n_entries int)")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(
                "create trigger t after insert on lure"
                " for each row execute function ledger_transaction_balances()"
            )
    with postgres.connect("owner") as connection:
        connection.execute("create temporary table lure (id bigint, n_entries int)")
        connection.execute(
            "create trigger t after insert on lure"
            " for each row execute function ledger_transaction_balances()"
        )
        with pytest.raises(errors.InsufficientPrivilege) as refusal:
            connection.execute("insert into lure values (1, 2)")

    assert refusal.value.diag.message_primary == "only transactions of the ledger are chained"


@pytest.mark.parametrize("role", ["owner", "app"])
def test_number_that_was_given_is_passed_over(role: postgres.Role) -> None:
    first = post_pair("a").pk

    with postgres.connect(role) as connection, connection.transaction():
        made = insert_transaction(connection, key="b", amounts=[1, -1], given_id=first + 10**6)

    assert made < first + 10**6
    assert verify().fault is None


def test_link_that_is_forged_before_the_commit_hinders_it() -> None:
    def forge() -> None:
        with postgres.connect("owner") as connection, connection.transaction():
            made = insert_transaction(connection, key="b", amounts=[1, -1])
            connection.execute(
                "insert into ledger_link (transaction_id, number, previous, hash)"
                " values (%s, 2, sha256('x'), sha256('y'))",
                [made],
            )

    post_pair("a")

    with pytest.raises(errors.UniqueViolation):
        forge()

    assert Transaction.objects.count() == 1


def test_transaction_that_skips_its_turn_is_refused_when_it_is_chained() -> None:
    posted = post_pair("a").pk

    with postgres.connect("owner") as connection:
        connection.execute(
            "alter table ledger_transaction disable trigger transaction_takes_its_turn"
        )
        with pytest.raises(errors.RestrictViolation) as refusal, connection.transaction():
            insert_transaction(connection, key="b", amounts=[1, -1], given_id=posted - 1)

    assert refusal.value.diag.message_primary == (
        f"transaction {posted - 1} comes after {posted}, which is chained already"
    )


@pytest.mark.parametrize(
    ("amounts", "what"), [([1, -1], What.UNCHAINED), ([2, -1], What.UNBALANCED)]
)
def test_what_the_owner_posts_without_triggers_is_found(amounts: list[int], what: What) -> None:
    post_pair("a")

    with postgres.connect("owner") as connection, connection.transaction():
        connection.execute("alter table ledger_transaction disable trigger user")
        insert_transaction(connection, key="b", amounts=amounts, given_id=10**6)
        connection.execute("alter table ledger_transaction enable trigger user")

    assert verify().fault == Fault("b", what)


def test_two_successors_of_one_link_never_commit() -> None:
    """A session that looks at an old moment does not see the last link."""

    def post_late() -> None:
        with postgres.connect("app") as late:
            late.execute("set default_transaction_isolation = 'repeatable read'")
            with late.transaction():
                late.execute("select 1 from ledger_link")
                post_pair("b")
                insert_transaction(late, key="c", amounts=[1, -1])

    post_pair("a")

    with pytest.raises(errors.UniqueViolation):
        post_late()

    assert verify().fault is None


def test_earlier_transactions_are_chained_when_the_chain_comes() -> None:
    posted = [post_pair(f"k{n}").pk for n in range(3)]
    call_command("migrate", "ledger", "0003", database="owner", verbosity=0)
    with postgres.connect("owner") as connection, connection.transaction():
        insert_transaction(connection, key="before the chain", amounts=[1, -1])

    call_command("migrate", database="owner", verbosity=0)
    postgres.grant_rights()
    post_pair("after")

    proof = verify()
    assert (proof.fault, proof.n_transactions) == (None, len(posted) + 2)
