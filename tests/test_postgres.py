"""A PostgreSQL that DATABASE_URL names: here a second server, reached as an operator would."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.db.utils import OperationalError
from psycopg import errors

from dure import postgres
from tests.serving import ask, run_dure, running_server, start_database, stop_database

PASSWORD = "p w'd"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("external")
    environment = start_database(folder)
    with _superuser(folder) as connection:
        connection.execute("create role operator login createrole password 'p w''d'")
        connection.execute("create role weak login")
        for database in ("first", "second"):
            connection.execute(f"create database {database} owner operator")
    yield folder
    stop_database(environment)


def test_named_server_serves_is_examined_and_is_left_running(server: Path, tmp_path: Path) -> None:
    env = {"DATABASE_URL": _address(server, "operator", "first")}

    with running_server(tmp_path / "data", env=env) as served:
        status = ask(served, "/collect/join", b'{"call": "none"}')
        examined = run_dure(tmp_path / "data", "doctor", **env)
        code = served.stop()

    assert status == 404
    assert examined.returncode == 0, examined.stdout
    assert "the one of DATABASE_URL" in examined.stdout
    assert code == 0
    assert not (tmp_path / "data" / "postgres").exists()
    with _superuser(server) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_backup_moves_from_a_named_server_into_the_embedded_one(
    server: Path, tmp_path: Path
) -> None:
    env = {"DATABASE_URL": _address(server, "operator", "second")}
    file = str(tmp_path / "dure.tar")

    made = run_dure(tmp_path / "a", "demo", **env)
    backed_up = run_dure(tmp_path / "a", "backup", file, **env)
    restored = run_dure(tmp_path / "b", "restore", file)
    again = run_dure(tmp_path / "b", "demo")

    codes = [done.returncode for done in (made, backed_up, restored, again)]
    assert codes == [0, 0, 0, 0], (made.stderr, backed_up.stderr, restored.stderr, again.stderr)
    assert again.stdout == made.stdout


def test_user_that_may_not_make_roles_is_refused_in_a_sentence(
    server: Path, tmp_path: Path
) -> None:
    env = {"DATABASE_URL": _address(server, "weak", "postgres")}
    with _superuser(server) as connection:
        has_roles = connection.execute("select 1 from pg_roles where rolname = 'dure_app'")
        assert has_roles.fetchone()

    refused = run_dure(tmp_path, "demo", **env)

    assert refused.returncode == 2
    assert refused.stderr == (
        "dure: The PostgreSQL that DATABASE_URL names can not be used: its user may not make the "
        "roles dure_app, dure_collect; give it CREATEROLE, or make them and grant both to it.\n"
    )


def test_malformed_address_is_refused_in_a_sentence(tmp_path: Path) -> None:
    refused = run_dure(tmp_path, "demo", DATABASE_URL="nonsense here")

    assert refused.returncode == 2
    assert refused.stderr.startswith(
        "dure: The PostgreSQL that DATABASE_URL names can not be used: the address is malformed"
    )
    assert len(refused.stderr.splitlines()) == 1


def test_password_reaches_tools_by_environment_not_as_an_argument(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@db.example:5433/d?sslmode=require")

    environment = postgres.tool_environment("owner")

    named = {name: words for name, words in environment.items() if name.startswith("PG")}
    assert named == {
        "PGHOST": "db.example",
        "PGPORT": "5433",
        "PGUSER": "me",
        "PGPASSWORD": "secret",
        "PGDATABASE": "d",
        "PGSSLMODE": "require",
        "PGCONNECT_TIMEOUT": str(postgres.CONNECT_SECONDS_MAX),
        "PGOPTIONS": postgres.KEEPALIVE,
    }


def test_sessions_of_a_named_server_give_up_their_rights_and_end_with_their_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me@db.example/d?options=-c%20work_mem%3D9MB")

    options = postgres.connection_fields("app")["options"]

    assert options == f"{postgres.KEEPALIVE} -c work_mem=9MB -c role=dure_app"


def test_tools_of_the_embedded_server_are_its_own(tmp_path: Path) -> None:
    done = postgres.run_tool("pg_dump", "--version", stdout=subprocess.PIPE)

    assert done.stdout.startswith(b"pg_dump (PostgreSQL) 18")


def test_loss_of_the_server_is_told_from_what_a_query_did_wrong(server: Path) -> None:
    with _superuser(server) as connection:
        slow = _failure(connection, "set statement_timeout = 1; select pg_sleep(60)")
        wrong = _failure(connection, "select nonsense")
        ended = _failure(connection, "select pg_terminate_backend(pg_backend_pid())")
        closed = _failure(connection, "select 1")
    with pytest.raises(psycopg.OperationalError) as refused:
        psycopg.connect(host=str(server), user="postgres")
    with pytest.raises(OperationalError) as wrapped:
        raise OperationalError from ended

    lost = [ended, closed, refused.value, errors.CannotConnectNow(), errors.TooManyConnections()]
    assert [postgres.find_loss(error) for error in lost] == lost
    assert postgres.find_loss(wrapped.value) is ended
    for error in (slow, wrong, errors.DeadlockDetected(), RuntimeError(), None):
        assert postgres.find_loss(error) is None


def _failure(connection: psycopg.Connection[tuple[object, ...]], query: str) -> psycopg.Error:
    with pytest.raises(psycopg.Error) as failed:
        connection.execute(query)
    return failed.value


def _address(server: Path, user: str, database: str) -> str:
    folder = quote(str(server / "postgres"), safe="")
    return f"postgresql://{user}:{quote(PASSWORD)}@{folder}/{database}"


def _superuser(server: Path) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=str(server / "postgres"), dbname="postgres", user="postgres", autocommit=True
    )
