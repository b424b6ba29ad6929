from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from tests.serving import Server, run_dure

HEAD = re.compile(r"\d+:[0-9a-f]{64}")


def connect(served: Server) -> psycopg.Connection:
    [socket] = Path(served.environment["DURE_DATA"]).rglob(".s.PGSQL.5432")
    return psycopg.connect(host=str(socket.parent), dbname="dure", user="dure_owner")


def book_fee(connection: psycopg.Connection, *, key: str, number: int) -> None:
    """As `journal.post` would, for an organisation of this number and its call of the same."""
    with connection.transaction():
        [made] = connection.execute(
            "insert into ledger_transaction (key, reason, at, facts, n_entries)"
            " values (%s, 'fee', '2026-11-26 12:00Z', '{}', 2) returning id",
            [key],
        ).fetchone() or [0]
        for place, owner, purpose, amount in (
            (1, "call", "held", 70),
            (2, "organisation", "fee", -70),
        ):
            connection.execute(
                "with account as (insert into ledger_ledgeraccount (owner, purpose, currency)"
                " values (%s, %s, 'KRW') returning id)"
                " insert into ledger_entry"
                " (transaction_id, place, account_id, amount_minor, currency)"
                " select %s, %s, id, %s, 'KRW' from account",
                [f"{owner}:{number}", purpose, made, place, amount],
            )


@pytest.fixture(scope="module")
def booked(served: Server) -> Server:
    """A server with an organisation that paid a fee, and another one's."""
    folder = Path(served.environment["DURE_DATA"])
    run_dure(folder, "org", "create", "acme", "--owner", "a@example.org")
    with connect(served) as connection:
        [organisation] = connection.execute(
            "select id from people_organisation where slug = 'acme'"
        ).fetchone() or [0]
        book_fee(connection, key="ours", number=organisation)
        book_fee(connection, key="theirs", number=999)
    return served


def test_verify_proves_the_ledger_and_prints_its_head(booked: Server, served_folder: Path) -> None:
    proved = run_dure(served_folder, "ledger", "verify")
    noted = proved.stdout.strip()
    again = run_dure(served_folder, "ledger", "verify", "--head", noted)
    lost = run_dure(served_folder, "ledger", "verify", "--head", "ab" * 32)
    wrong = run_dure(served_folder, "ledger", "verify", "--head", "abc")
    doctor = run_dure(served_folder, "doctor")

    assert proved.returncode == again.returncode == 0
    assert HEAD.fullmatch(noted)
    assert proved.stderr.startswith("2 transactions with 4 entries are sound.\n")
    assert again.stdout == proved.stdout
    assert f"ok   the ledger's head is {noted}; " in doctor.stdout
    assert (lost.returncode, lost.stdout) == (1, "")
    assert lost.stderr.startswith(
        f"dure: The ledger is not sound: {'ab' * 32}: the head that was noted is not in the chain."
    )
    assert (wrong.returncode, wrong.stdout) == (2, "")


def test_balance_prints_a_line_for_each_account(booked: Server, served_folder: Path) -> None:
    everybody = run_dure(served_folder, "ledger", "balance")
    ours = run_dure(served_folder, "ledger", "balance", "--org", "acme")
    nobody = run_dure(served_folder, "ledger", "balance", "--org", "none")

    assert len(everybody.stdout.splitlines()) == 4
    assert "organisation:999\tfee\t-70\tKRW" in everybody.stdout.splitlines()
    assert everybody.stderr == "Together 0 KRW.\n"
    assert re.fullmatch(r"organisation:\d+\tfee\t-70\tKRW\n", ours.stdout)
    assert (nobody.returncode, nobody.stdout) == (2, "")


@pytest.mark.parametrize("form", ["beancount", "hledger"])
def test_export_writes_a_journal(
    booked: Server, served_folder: Path, tmp_path: Path, form: str
) -> None:
    file = tmp_path / "out.journal"

    written = run_dure(served_folder, "ledger", "export", form, "--out", str(file))
    printed = run_dure(served_folder, "ledger", "export", form)
    ours = run_dure(served_folder, "ledger", "export", form, "--org", "acme")
    nowhere = run_dure(served_folder, "ledger", "export", form, "--out", str(tmp_path / "x" / "y"))

    assert (written.returncode, written.stdout) == (0, "")
    assert file.read_text() == printed.stdout
    assert "theirs" in printed.stdout
    assert "ours" in ours.stdout
    assert "theirs" not in ours.stdout
    assert nowhere.returncode == 2
    assert [one.name for one in tmp_path.iterdir()] == ["out.journal"]


def test_unsound_ledger_is_told_by_the_exit_code(booked: Server, served_folder: Path) -> None:
    with connect(booked) as connection:
        connection.execute("alter table ledger_transaction disable trigger rows_are_kept")
        connection.execute("update ledger_transaction set reason = 'gift' where key = 'theirs'")
        connection.execute("alter table ledger_transaction enable trigger rows_are_kept")

    proved = run_dure(served_folder, "ledger", "verify")

    assert (proved.returncode, proved.stdout) == (1, "")
    assert proved.stderr == (
        "dure: The ledger is not sound: theirs: it does not say what it said when it was chained.\n"
        "1 transactions before it are sound.\n"
    )
