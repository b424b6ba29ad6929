"""What `dure doctor` looks at; each check gives one line in words."""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import psycopg
from django.conf import settings

from dure import clock, postgres
from dure.addresses import read_names

PYTHON_MIN = (3, 11)
DISK_BYTES_FAIL, DISK_BYTES_WARN = 200 * 2**20, 2 * 2**30
CLOCK_SECONDS_WARN, CLOCK_SECONDS_FAIL = 2.0, 30.0
WORKER_SECONDS_MAX = 60
# With one web process; docs/operate.md has the sum.
CONNECTIONS_OF_SERVER = 80
LEDGER_TRIGGERS = {"transaction_takes_its_turn", "transaction_balances", "entry_has_a_place"}

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Finding:
    level: Literal["ok", "warn", "fail"]
    line: str


def check_machine() -> Iterator[Finding]:
    yield _check_python()
    yield from _check_disk()
    yield _check_secret()
    yield from _check_address()


def check_database(connection: Connection) -> Iterator[Finding]:
    yield _check_version(connection)
    pending = _pending_migrations()
    yield _check_migrations(pending)
    yield _check_clock(connection)
    yield _check_connections(connection)
    if pending:
        yield Finding("warn", "rights, triggers and jobs are looked at once it is migrated")
        return
    yield _check_collect_tables(connection)
    yield _check_collect_functions(connection)
    yield _check_roles(connection)
    yield _check_triggers(connection)
    yield _check_ledger(connection)
    yield _check_worker(connection)
    yield _check_failed_jobs(connection)


def check_around() -> Iterator[Finding]:
    """What belongs to the installation beside its database; Django is set up by then."""
    yield _check_mail()
    yield _check_media()


def _check_python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < PYTHON_MIN:
        return Finding("fail", f"Python is {found}; Dure needs 3.11 or later")
    return Finding("ok", f"Python is {found}")


def _check_disk() -> Iterator[Finding]:
    for folder in dict.fromkeys([postgres.data_folder(), postgres.files_folder()]):
        if folder.is_dir():
            yield _check_free(folder)
        else:
            yield Finding("fail", f"the folder {folder} of DURE_FILES is not there")


def _check_free(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    line = f"{free / 2**30:.1f} GB are free in {folder}"
    level: Literal["ok", "warn", "fail"] = "ok"
    if free < DISK_BYTES_WARN:
        level = "fail" if free < DISK_BYTES_FAIL else "warn"
    return Finding(level, line if level == "ok" else f"only {line}; make room soon")


def _check_secret() -> Finding:
    if os.environ.get("DURE_SECRET_KEY"):
        return Finding("ok", "the secret key comes from DURE_SECRET_KEY")
    file = postgres.data_folder() / "secret-key"
    if not file.exists():
        return Finding("warn", f"{file} does not exist yet; the first start makes it")
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        return Finding("fail", f"others may read {file} (mode {mode:03o}); run: chmod 600 {file}")
    return Finding("ok", f"only its owner can read {file}")


def _check_address() -> Iterator[Finding]:
    hosts = read_names(os.environ.get("DURE_HOSTS", ""))
    address = os.environ.get("DURE_ADDRESS", "")
    if not hosts:
        yield Finding("warn", "DURE_HOSTS is not set: only this machine can reach Dure")
    if not address:
        yield Finding("warn", "DURE_ADDRESS is not set: cookies are not marked for HTTPS only")
        return
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        yield Finding("fail", f"DURE_ADDRESS should be like https://dure.example.org; is {address}")
    elif hosts and not any(_covers(host, parts.hostname) for host in hosts):
        yield Finding("fail", f"DURE_HOSTS lacks {parts.hostname}, the host of DURE_ADDRESS")
    elif parts.scheme == "http":
        yield Finding("warn", f"{address} is not HTTPS: anyone on the way can read along")
    else:
        yield Finding("ok", f"the public address is {address}")


def _covers(pattern: str, host: str) -> bool:
    return pattern in ("*", host) or (pattern.startswith(".") and f".{host}".endswith(pattern))


def _check_version(connection: Connection) -> Finding:
    found = connection.info.parameter_status("server_version")
    if connection.info.server_version < postgres.VERSION_MIN:
        return Finding("fail", f"PostgreSQL is {found}; Dure needs 15 or later")
    whose = "Dure's own" if postgres.is_embedded() else "the one of DATABASE_URL"
    return Finding("ok", f"PostgreSQL {found} answers, {whose}")


def _pending_migrations() -> list[str]:
    from dure.doors.cli.preparing import pending_migrations  # noqa: PLC0415  app ready

    return pending_migrations()


def _check_migrations(pending: list[str]) -> Finding:
    if pending:
        return Finding(
            "fail",
            f"{len(pending)} migrations wait, the first is {pending[0]}; start `dure serve` once",
        )
    return Finding("ok", "all migrations are applied")


def _check_clock(connection: Connection) -> Finding:
    before = clock.now()
    row = connection.execute("select clock_timestamp()").fetchone()
    assert row is not None
    between = before + (clock.now() - before) / 2
    apart = abs((row[0] - between).total_seconds())
    if apart < CLOCK_SECONDS_WARN:
        return Finding("ok", "the clocks of this machine and the database agree")
    level: Literal["warn", "fail"] = "warn" if apart < CLOCK_SECONDS_FAIL else "fail"
    return Finding(level, f"the database's clock is {apart:.0f} s off ours; set both by NTP")


def _check_connections(connection: Connection) -> Finding:
    there, n_servers = room_for_connections(connection), room_for_servers(connection)
    if not n_servers:
        line = f"PostgreSQL takes {there} connections, a server may want {CONNECTIONS_OF_SERVER}"
        return Finding("warn", f"{line}; raise max_connections")
    return Finding("ok", f"PostgreSQL takes {there} connections, enough for {n_servers} servers")


def room_for_servers(connection: Connection) -> int:
    """With one web process each; with more of them, it is for fewer."""
    return room_for_connections(connection) // CONNECTIONS_OF_SERVER


def room_for_connections(connection: Connection) -> int:
    row = connection.execute(
        "select current_setting('max_connections')::int"
        " - current_setting('superuser_reserved_connections')::int"
    ).fetchone()
    assert row is not None
    return int(row[0])


def _names(connection: Connection, query: str, *values: object) -> list[str]:
    return [str(row[0]) for row in connection.execute(query, values)]


def _check_collect_tables(connection: Connection) -> Finding:
    readable = _names(
        connection,
        """
        select c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'v', 'm') and n.nspname not like 'pg\\_%%'
            and n.nspname <> 'information_schema'
            and has_table_privilege('dure_collect', c.oid, 'select, insert, update, delete')
        order by 1
        """,
    )
    if readable:
        return Finding("fail", f"the collecting role may touch {readable[0]}, and should no table")
    return Finding("ok", "the collecting role may touch no table")


def _check_collect_functions(connection: Connection) -> Finding:
    counts = connection.execute(
        """
        select count(*) filter (where has_function_privilege('dure_collect', p.oid, 'execute')),
            count(*) filter (where has_function_privilege('public', p.oid, 'execute'))
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'collect'
        """
    ).fetchone()
    assert counts is not None
    if not counts[0]:
        return Finding("fail", "the collecting role may run no function; start `dure serve` once")
    if counts[1]:
        return Finding("fail", f"everyone may run {counts[1]} of the collecting functions")
    return Finding("ok", f"the collecting role may run its {counts[0]} functions")


def _check_roles(connection: Connection) -> Finding:
    strong = _names(
        connection,
        """
        select rolname from pg_roles where rolname in ('dure_app', 'dure_collect')
            and (rolsuper or rolcreaterole or rolcreatedb or rolbypassrls)
        """,
    )
    if strong:
        return Finding("fail", f"the role {strong[0]} may do more than it should; revoke it")
    return Finding("ok", "the roles of the web server may not change the schema")


def _check_triggers(connection: Connection) -> Finding:
    there = _names(
        connection,
        """
        select tgrelid::regclass from pg_trigger
        where tgname in ('rows_are_kept', 'rows_are_kept_from_truncate')
            and tgenabled in ('O', 'A')
        group by 1 having count(*) = 2
        """,
    )
    expected = _append_only_tables()
    missing = sorted(expected - set(there))
    if missing:
        return Finding("fail", f"{missing[0]} should only grow, but nothing in it is protected")
    return Finding("ok", f"{len(expected)} tables only grow, each kept by its triggers")


def _check_ledger(connection: Connection) -> Finding:
    """What takes a moment; `dure ledger verify` proves the rest."""
    there = _names(
        connection,
        """
        select tgname from pg_trigger where tgenabled in ('O', 'A') and not tgisinternal
            and tgrelid in ('ledger_transaction'::regclass, 'ledger_entry'::regclass)
        """,
    )
    missing = sorted(LEDGER_TRIGGERS - set(there))
    if missing:
        return Finding("fail", f"the ledger has lost its rule {missing[0]}")
    row = connection.execute(
        "select t.id, l.number, encode(l.hash, 'hex') from ledger_transaction t"
        " left join ledger_link l on l.transaction_id = t.id order by t.id desc limit 1"
    ).fetchone()
    if row is None:
        return Finding("ok", "the ledger has no transactions yet")
    if row[1] is None:
        return Finding("fail", "the ledger's last transaction is in no chain")
    return Finding("ok", f"the ledger's head is {row[1]}:{row[2]}; `dure ledger verify` proves it")


def _append_only_tables() -> set[str]:
    """As the migrations say it, so that a new one is looked at without a word here."""
    from django.db.migrations.loader import MigrationLoader  # noqa: PLC0415  app ready
    from django.db.migrations.operations import RunSQL  # noqa: PLC0415  app ready

    migrations = (MigrationLoader(None).disk_migrations or {}).values()
    texts = (
        str(operation.sql)
        for migration in migrations
        for operation in migration.operations
        if isinstance(operation, RunSQL)
    )
    form = re.compile(r"create trigger rows_are_kept before update or delete on (\w+)")
    return {table for text in texts for table in form.findall(text)}


def _check_worker(connection: Connection) -> Finding:
    row = connection.execute(
        "select extract(epoch from now() - max(last_heartbeat)) from procrastinate_workers"
    ).fetchone()
    if row is None or row[0] is None or row[0] > WORKER_SECONDS_MAX:
        return Finding("warn", "no background worker is at work; is `dure serve` running?")
    return Finding("ok", f"the background worker was seen {row[0]:.0f} s ago")


def _check_failed_jobs(connection: Connection) -> Finding:
    row = connection.execute(
        "select count(*), max(task_name) from procrastinate_jobs where status = 'failed'"
    ).fetchone()
    assert row is not None
    if row[0]:
        return Finding("warn", f"{row[0]} background jobs failed, one is {row[1]}; see the log")
    return Finding("ok", "no background job has failed")


def _check_mail() -> Finding:
    if not settings.EMAIL_HOST:
        return Finding("warn", "DURE_SMTP is not set: nobody can keep their work by e-mail")
    return Finding("ok", f"mails go out by {settings.EMAIL_HOST}")


def _check_media() -> Finding:
    """Whether each file is there: a database put back without its media folder shows here."""
    from dure.calls.media.storing import place_of  # noqa: PLC0415  app ready
    from dure.calls.models import Media  # noqa: PLC0415  app ready

    n_files, missing = 0, []
    for media in Media.objects.order_by("id").iterator():
        n_files += 1
        if not place_of(media).is_file():
            missing.append(media.name)
    if missing:
        line = f"{len(missing)} of {n_files} uploaded files are gone, the first is {missing[0]}"
        return Finding("fail", f"{line}; put the media folder back from a backup")
    return Finding("ok", f"all {n_files} uploaded files are in their place")
