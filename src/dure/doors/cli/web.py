"""The web server's process, started by `dure serve`: prepares the database, then serves HTTP."""

from __future__ import annotations

import os
import resource
import sys
import warnings
from contextlib import suppress
from functools import partial
from typing import Any

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from dure import postgres
from dure.doors.cli.children import EXIT_REFUSED
from dure.doors.cli.lifeline import end_with_parent
from dure.doors.cli.speaking import say
from dure.errors import Refusal

WORKERS_STOP_SECONDS_MAX = 8
RESPAWN_SECONDS = 0.5
# Connections, idle ones too, that one process holds; more wait unaccepted until one ends.
CONNECTIONS_MAX = 16_384
# Files that a process has open besides: the database, media that are read or uploaded.
FILES_BESIDE = 1024
BACKLOG = 4096
# A head of a request has so long to come; a connection that asks nothing ends after it, too.
HEAD_SECONDS_MAX = 20
# How much of a request may wait unread, its head among it.
BUFFER_BYTES_MAX = 32 * 2**10


def main(*, host: str, port: int, workers: int, parent: int) -> None:
    end_with_parent(parent)
    (postgres.data_folder() / "static").mkdir(parents=True, exist_ok=True)
    try:
        # Loaded before the workers are forked, so that they share its memory.
        from dure import asgi  # noqa: PLC0415  slow import
        from dure.doors.cli.opening import close_connections  # noqa: PLC0415  app ready
        from dure.doors.cli.preparing import (  # noqa: PLC0415  app ready
            claim_secret,
            prepare_database,
            wait_for_server,
        )

        wait_for_server(say=say)
        prepare_database()
        claimed = claim_secret()
        _tell_owner_link()
        close_connections()
    except Refusal as refusal:
        sys.stderr.write(f"dure: {refusal.sentence}\n")
        raise SystemExit(EXIT_REFUSED) from None
    _prepare_metrics()
    asgi.share_pages(workers=workers)
    server = Server(
        "dure.asgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        # Where either version may come, one who says nothing at all is waited for without an end.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEAD_SECONDS_MAX * 1000, max_buffer_size=BUFFER_BYTES_MAX
        ),
        backlog=BACKLOG,
        backpressure=_allow_connections(),
        workers=workers,
        loop=Loops.uvloop,
        websockets=False,
        respawn_failed_workers=True,
        respawn_interval=RESPAWN_SECONDS,
        workers_kill_timeout=WORKERS_STOP_SECONDS_MAX,
        log_level=LogLevels.error,
    )
    with claimed:
        server.serve(target_loader=partial(_load, os.getpid()))


def _prepare_metrics() -> None:
    """Before the workers are forked: they count anew, and share what tells of it."""
    from django.conf import settings  # noqa: PLC0415  app ready

    from dure.doors.collect import metrics  # noqa: PLC0415  app ready

    metrics.begin_anew(postgres.data_folder())
    if settings.METRICS_TOKEN:
        from dure.doors.collect import scraping  # noqa: F401, PLC0415  optional, slow import


def _allow_connections() -> int:
    """How many connections a process may hold, within the number of files it may open."""
    files, files_most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS_MAX + FILES_BESIDE
    if files_most != resource.RLIM_INFINITY:
        wanted = min(wanted, files_most)
    if files < wanted:
        # Some systems allow less than they say; then it stays as it is.
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, files_most))
            files = wanted
    return connections_within(files)


def connections_within(files: int) -> int:
    """With few files half of them are for connections: better some fail than none come in."""
    return min(CONNECTIONS_MAX, max(files - FILES_BESIDE, files // 2))


def _tell_owner_link() -> None:
    """Until somebody owns the installation, each start prints a link to begin with.

    The supervisor does, once there is somebody to open it; nothing else goes to its pipe.
    """
    from dure.people.inviting import make_owner_link  # noqa: PLC0415  app ready

    token = make_owner_link()
    os.write(sys.stdout.fileno(), f"/desk/welcome/{token}\n".encode() if token else b"\n")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


def _load(parent: int, _target: str) -> Any:
    end_with_parent(parent)
    from dure.asgi import application  # noqa: PLC0415  slow import

    return application


if __name__ == "__main__":
    warnings.simplefilter("ignore", ResourceWarning)
    _host, _port, _workers, _parent = sys.argv[1:]
    main(host=_host, port=int(_port), workers=int(_workers), parent=int(_parent))
