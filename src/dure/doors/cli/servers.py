"""What `dure doctor` says of several servers on one database, as far as it shows from here."""

from __future__ import annotations

import os
from collections.abc import Iterator

from dure import __version__, postgres
from dure.doors.cli.checks import Connection, Finding, room_for_servers
from dure.doors.cli.preparing import secret_number


def check_servers(connection: Connection) -> Iterator[Finding]:
    """The PostgreSQL inside has one server; of others each says with which key it serves."""
    running = [] if postgres.is_embedded() else postgres.held_secrets(connection)
    if not running:
        return
    yield _check_same_secret({number for number, _ in running})
    if (n_servers := len(running)) == 1:
        return
    yield _check_same_files(n_servers)
    yield _check_same_version({name for _, name in running})
    room = room_for_servers(connection)
    if room < n_servers:
        line = f"{n_servers} servers run on this database, and PostgreSQL has connections for"
        yield Finding("warn", f"{line} {room}; raise max_connections")


def _check_same_secret(numbers: set[int]) -> Finding:
    if numbers == {secret_number()}:
        return Finding("ok", "what runs on this database has the secret key that is known here")
    line = "what runs on this database has another secret key than is known here"
    return Finding("fail", f"{line}; set DURE_SECRET_KEY to the same, for servers and doctor")


def _check_same_files(n_servers: int) -> Finding:
    line = f"{n_servers} servers run on this database"
    if not os.environ.get("DURE_FILES"):
        missing = "but DURE_FILES is not set: what is uploaded to one is missing on the others"
        return Finding("warn", f"{line}, {missing}")
    # Which folder the others see under this name, nobody can tell from here.
    return Finding("ok", f"{line}; be sure that {postgres.files_folder()} is the same for all")


def _check_same_version(names: set[str]) -> Finding:
    ours = f"dure {__version__}"
    # The first versions gave no name.
    if others := sorted({name or "an older version" for name in names} - {ours}):
        line = f"beside {ours}, {', '.join(others)} runs on this database"
        return Finding("fail", f"{line}; stop all servers, then start one version")
    return Finding("ok", f"every server is {ours}")
