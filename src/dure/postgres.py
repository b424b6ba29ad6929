"""PostgreSQL: the one that DATABASE_URL names, or Dure's own in the data folder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal

import psycopg
from psycopg import conninfo, pq, sql

from dure import __version__, embedded
from dure.embedded import data_folder, files_folder, server_folder, socket_folder, tool
from dure.errors import Refusal

__all__ = [
    "DATABASE",
    "ROLES",
    "Role",
    "address",
    "answers",
    "connect",
    "connection_fields",
    "create_database",
    "data_folder",
    "files_folder",
    "find_loss",
    "grant_rights",
    "has_died",
    "is_embedded",
    "run_tool",
    "running",
    "server_folder",
    "socket_folder",
    "start",
    "stop",
    "tool",
    "tool_environment",
]

Role = Literal["owner", "app", "collect"]
ROLES: tuple[Role, ...] = ("owner", "app", "collect")
DATABASE = "dure"
# Of PostgreSQL itself, as it counts them: 15.0.
VERSION_MIN = 150_000
CONNECT_SECONDS_MAX = 5
# Classes of SQLSTATE: the connection is lost; somebody stops or starts the server; it has no more
# connections to give. An error without one comes from this side: the server was not reached.
LOST = ("08", "57P", "53300")
# A machine that lost its power says no goodbye; without these its locks would stand for hours.
KEEPALIVE = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
# Any number will do, as long as every version of Dure takes the same.
PREPARING_LOCK = 4_417_011
# With the number of a key: who holds it serves with that key.
SECRETS_LOCK = 4_417_012


class ServerAway(Refusal):
    """The PostgreSQL that DATABASE_URL names does not answer: {why}"""

    code = "database-away"
    status = 503


class ServerUnusable(Refusal):
    """The PostgreSQL that DATABASE_URL names can not be used: {why}."""

    code = "database-unusable"


def is_embedded() -> bool:
    return not os.environ.get("DATABASE_URL")


def connection_fields(role: Role, *, database: str | None = None) -> dict[str, str]:
    """What psycopg and Django need in order to connect as one of the three roles."""
    if is_embedded():
        return {
            "host": str(socket_folder()),
            "dbname": database or os.environ.get("DURE_DATABASE", DATABASE),
            "user": f"dure_{role}",
        }
    fields = _named_fields()
    if database:
        fields["dbname"] = database
    # What the operator set comes last, and so wins.
    options = [KEEPALIVE, fields.get("options", "")]
    if role != "owner":
        # One address is enough for an operator: the session gives up its owner's rights at once.
        options.append(f"-c role=dure_{role}")
    fields["options"] = " ".join(options).strip()
    return fields


def _named_fields() -> dict[str, str]:
    try:
        fields = conninfo.conninfo_to_dict(os.environ["DATABASE_URL"])
    except psycopg.ProgrammingError as error:
        raise ServerUnusable(why=f"the address is malformed, {error}".strip()) from None
    # A machine that is away says nothing; whoever asks for a page is told so before long.
    return {"connect_timeout": str(CONNECT_SECONDS_MAX), **{k: str(v) for k, v in fields.items()}}


def address(role: Role, *, database: str | None = None) -> str:
    return conninfo.make_conninfo(**connection_fields(role, database=database))


def connect(role: Role, *, database: str | None = None) -> psycopg.Connection[Any]:
    return psycopg.connect(address(role, database=database), autocommit=True)


def start(
    *, is_wanted: Callable[[], bool] = lambda: True
) -> Literal["took over", "started", "unwanted", "external"]:
    """Make a server answer queries, whatever state the last one was left in."""
    if is_embedded():
        return embedded.start(is_wanted=is_wanted)
    return "external"


def has_died() -> bool:
    """Whether our own server is gone, as far as a look at its process tells."""
    return is_embedded() and embedded.has_died()


def stop() -> None:
    """Stop our own server; sessions that are still open are ended, what they committed stays."""
    if is_embedded():
        embedded.stop()


@contextmanager
def running() -> Iterator[None]:
    """A server for the time of a block; our own is stopped after it if no other uses it."""
    if is_embedded():
        with embedded.running():
            yield
        return
    with _superuser():
        pass
    yield


def answers() -> bool:
    """Whether a query comes back: a process id proves nothing after a kill -9."""
    if is_embedded():
        return embedded.answers()
    try:
        with _superuser() as connection:
            connection.execute("select 1")
    except ServerAway:
        return False
    return True


def find_loss(error: BaseException | None) -> psycopg.OperationalError | None:
    """That the server is away, if this is where the error comes from; no query's own error."""
    while error is not None:
        if isinstance(error, psycopg.OperationalError):
            is_lost = error.sqlstate is None or error.sqlstate.startswith(LOST)
            return error if is_lost else None
        error = error.__cause__
    return None


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Of all processes that make this database ready, on whichever machine, one at a time."""
    with _superuser() as connection:
        connection.execute("select pg_advisory_lock(%s)", [PREPARING_LOCK])
        yield


def hold_secret(number: int) -> psycopg.Connection[Any] | None:
    """Say for as long as the connection lasts which key we serve with; None if others differ."""
    connection = psycopg.connect(
        address("app"), autocommit=True, application_name=f"dure {__version__}"
    )
    others = connection.execute(
        "select from pg_locks where locktype = 'advisory' and classid = %s and objid <> %s"
        " and database = (select oid from pg_database where datname = current_database())",
        [SECRETS_LOCK, number],
    ).fetchone()
    if others is not None:
        connection.close()
        return None
    connection.execute("select pg_advisory_lock_shared(%s::int, %s::int)", [SECRETS_LOCK, number])
    return connection


def held_secrets(connection: psycopg.Connection[Any]) -> list[tuple[int, str]]:
    """Of each server that runs on this database: the number of its key, its name and version."""
    return connection.execute(
        "select l.objid::bigint, coalesce(a.application_name, '')"
        " from pg_locks l left join pg_stat_activity a using (pid)"
        " where l.locktype = 'advisory' and l.granted and l.classid = %s"
        " and l.database = (select oid from pg_database where datname = current_database())",
        [SECRETS_LOCK],
    ).fetchall()


def create_database() -> None:
    """The three roles and the database, made where they are missing."""
    with _superuser() as connection:
        if connection.info.server_version < VERSION_MIN:
            found = connection.info.parameter_status("server_version")
            raise ServerUnusable(why=f"it is version {found}, and Dure needs 15 or later")
        try:
            _create_roles(connection)
        except psycopg.errors.InsufficientPrivilege:
            raise ServerUnusable(
                why="its user may not make the roles dure_app, dure_collect; give it CREATEROLE, "
                "or make them and grant both to it"
            ) from None
        if is_embedded():
            _create_empty_database(connection, connection_fields("owner")["dbname"])


def grant_rights(*, database: str | None = None) -> None:
    """What each role may do; run after every migration, so that new tables are covered."""
    with connect("owner", database=database) as connection:
        connection.execute(_RIGHTS)


_RIGHTS = """
grant usage on schema public, collect to dure_app;
grant select, insert, update, delete on all tables in schema public to dure_app;
grant usage, select on all sequences in schema public to dure_app;
grant execute on all functions in schema public, collect to dure_app;
revoke all on all tables in schema public from dure_collect;
revoke execute on all functions in schema collect from public;
revoke execute on all functions in schema collect from dure_collect;
grant usage on schema collect to dure_collect;
grant execute on function
    collect.find_call, collect.join_call, collect.take_turns,
    collect.renew_leases, collect.return_tasks, collect.undo_answer, collect.read_news
    to dure_collect;
revoke update, delete, truncate on ledger_ledgeraccount, ledger_transaction, ledger_entry
    from dure_app;
revoke insert, update, delete, truncate on ledger_link, ledger_checkpoint from dure_app;
revoke execute on function ledger_transaction_balances from public, dure_app;
"""


def _create_roles(connection: psycopg.Connection[Any]) -> None:
    there = {row[0] for row in connection.execute("select rolname from pg_roles")}
    for role in ROLES if is_embedded() else ("app", "collect"):
        name = sql.Identifier(f"dure_{role}")
        if f"dure_{role}" not in there:
            # Two servers may start at once on one database: the second finds the role there.
            with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                connection.execute(sql.SQL("create role {} login").format(name))
        if not is_embedded() and not _may_become(connection, f"dure_{role}"):
            connection.execute(sql.SQL("grant {} to current_user").format(name))


def _may_become(connection: psycopg.Connection[Any], role: str) -> bool:
    # Before version 16 every member may; the right to set a role came with it.
    right = "set" if connection.info.server_version >= 160_000 else "member"
    row = connection.execute("select pg_has_role(%s, %s)", [role, right]).fetchone()
    return bool(row and row[0])


def _create_empty_database(connection: psycopg.Connection[Any], name: str) -> None:
    with suppress(psycopg.errors.DuplicateDatabase):
        connection.execute(
            sql.SQL("create database {} owner dure_owner").format(sql.Identifier(name))
        )


def _superuser() -> psycopg.Connection[Any]:
    if is_embedded():
        return psycopg.connect(embedded.superuser_address(), autocommit=True)
    try:
        return psycopg.connect(conninfo.make_conninfo(**_named_fields()), autocommit=True)
    except psycopg.OperationalError as error:
        raise ServerAway(why=str(error)) from None


def run_tool(name: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run one of PostgreSQL's client programs as the user who runs Dure."""
    return subprocess.run([str(tool(name)), *arguments], check=False, **options)


def tool_environment(role: Role) -> dict[str, str]:
    """The address as PostgreSQL's programs read it: not as an argument, which all users see."""
    fields = connection_fields(role)
    named = {
        option.envvar.decode(): fields[option.keyword.decode()]
        for option in pq.Conninfo.get_defaults()
        if option.envvar and option.keyword.decode() in fields
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, **named}
