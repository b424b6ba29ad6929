from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from dure import postgres
from dure.doors.cli import checks
from tests.serving import COMMAND, Server, run_dure

INSERT_AGAIN = """
insert into django_migrations (app, name, applied) values ('sessions', '0001_initial', now())
"""
DAMAGES = {
    "grant select on tasks_answer to dure_collect": (
        "fail the collecting role may touch tasks_answer, and should no table",
        "revoke select on tasks_answer from dure_collect",
    ),
    "alter table people_auditentry disable trigger rows_are_kept": (
        "fail people_auditentry should only grow, but nothing in it is protected",
        "alter table people_auditentry enable trigger rows_are_kept",
    ),
    "alter table ledger_transaction disable trigger transaction_balances": (
        "fail the ledger has lost its rule transaction_balances",
        "alter table ledger_transaction enable trigger transaction_balances",
    ),
    "delete from django_migrations where app = 'sessions'": (
        (
            "fail 1 migrations wait, the first is sessions.0001_initial; "
            f"start `{COMMAND[0]} serve` once"
        ),
        INSERT_AGAIN,
    ),
}


def test_doctor_finds_a_running_server_well(served: Server, served_folder: Path) -> None:
    examined = run_dure(served_folder, "doctor")

    levels = [line[:4].strip() for line in examined.stdout.splitlines()]
    assert examined.returncode == 0
    assert set(levels) == {"ok", "warn"}
    assert [line for line in examined.stdout.splitlines() if line.startswith("warn")] == [
        "warn DURE_HOSTS is not set: only this machine can reach Dure",
        "warn DURE_ADDRESS is not set: cookies are not marked for HTTPS only",
        "warn DURE_SMTP is not set: nobody can keep their work by e-mail",
    ]
    assert "ok   PostgreSQL takes 247 connections, enough for 3 servers" in examined.stdout
    assert "ok   the background worker was seen" in examined.stdout
    assert "ok   the ledger has no transactions yet" in examined.stdout


@pytest.mark.parametrize("damage", DAMAGES)
def test_doctor_names_what_is_wrong_in_the_database(
    served: Server, served_folder: Path, damage: str
) -> None:
    line, repair = DAMAGES[damage]
    _change(served_folder, damage)
    try:
        examined = run_dure(served_folder, "doctor")
    finally:
        _change(served_folder, repair)

    assert examined.returncode == 1
    assert [found for found in examined.stdout.splitlines() if found.startswith("fail")] == [line]


def test_doctor_names_a_secret_that_others_can_read(served: Server, served_folder: Path) -> None:
    secret = served_folder / "secret-key"
    secret.chmod(0o644)
    try:
        examined = run_dure(served_folder, "doctor")
    finally:
        secret.chmod(0o600)

    assert examined.returncode == 1
    assert f"fail others may read {secret} (mode 644); run: chmod 600 {secret}" in (
        examined.stdout.splitlines()
    )


def test_doctor_names_an_address_that_is_not_answered(served: Server, served_folder: Path) -> None:
    examined = run_dure(
        served_folder, "doctor", DURE_HOSTS="a.example", DURE_ADDRESS="https://b.example"
    )

    assert examined.returncode == 1
    assert "fail DURE_HOSTS lacks b.example, the host of DURE_ADDRESS" in (
        examined.stdout.splitlines()
    )


@pytest.mark.parametrize(
    "given", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://u:pass@host:x"]
)
def test_mail_server_that_can_not_be_one_is_named_without_its_password(
    served: Server, served_folder: Path, given: str
) -> None:
    examined = run_dure(served_folder, "doctor", DURE_SMTP=given)

    assert examined.returncode == 1
    assert examined.stdout.splitlines()[-1] == (
        "fail DURE_SMTP should be like smtp://user:password@mail.example.org:587."
    )


def test_doctor_misses_an_uploaded_file_that_is_gone(served: Server, served_folder: Path) -> None:
    run_dure(served_folder, "org", "create", "pictures", "--owner", "p@example.org")
    well = run_dure(served_folder, "doctor", DURE_SMTP="smtp://u:pass@mail.example.org")
    insert = """
        insert into calls_media
            (organisation_id, token, sha256, kind, type, bytes, name, at, by)
        select id, 'gone', 'x', 'image', 'image/webp', 1, 'cat.webp', now(), 'a test'
        from people_organisation limit 1
    """
    _change(served_folder, insert)
    try:
        examined = run_dure(served_folder, "doctor")
    finally:
        _change(served_folder, "delete from calls_media where token = 'gone'")

    lines = well.stdout.splitlines()
    assert "ok   mails go out by mail.example.org" in lines
    assert "ok   all 0 uploaded files are in their place" in lines
    assert examined.returncode == 1
    assert "fail 1 of 1 uploaded files are gone, the first is cat.webp" in examined.stdout


def test_doctor_makes_no_database_where_there_is_none(tmp_path: Path) -> None:
    examined = run_dure(tmp_path, "doctor")

    assert examined.returncode == 1
    assert examined.stdout.splitlines()[-1] == (
        f"fail there is no database in {tmp_path} yet; start `{COMMAND[0]} serve` once"
    )
    assert not (tmp_path / "postgres").exists()


def _change(folder: Path, statement: str) -> None:
    with psycopg.connect(
        host=str(folder / "postgres"), dbname="dure", user="dure_owner", autocommit=True
    ) as connection:
        connection.execute(statement)


def test_doctor_finds_too_few_connections(
    served: Server, served_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DURE_DATA", str(served_folder))
    monkeypatch.setattr(checks, "CONNECTIONS_OF_SERVER", 300)
    with postgres.connect("owner", database=postgres.DATABASE) as connection:
        found = checks._check_connections(connection)

    assert found == checks.Finding(
        "warn",
        "PostgreSQL takes 247 connections, a server may want 300; raise max_connections",
    )


def test_doctor_misses_the_folder_that_is_shared(
    served: Server, served_folder: Path, tmp_path: Path
) -> None:
    share = str(tmp_path / "share")

    examined = run_dure(served_folder, "doctor", DURE_FILES=share)

    assert examined.returncode == 1
    assert f"fail the folder {share} of DURE_FILES is not there\n" in examined.stdout
