"""The web server's process, started by `dure serve`: prepares the database, then serves HTTP."""

from __future__ import annotations

import os
import sys
import warnings
from functools import partial
from typing import Any

from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from granian.server import Server

from dure import postgres
from dure.doors.cli.children import EXIT_REFUSED
from dure.doors.cli.lifeline import end_with_parent
from dure.doors.cli.speaking import local_address, say
from dure.errors import Refusal

WORKERS_STOP_SECONDS_MAX = 8
RESPAWN_SECONDS = 0.5


def main(*, host: str, port: int, workers: int, parent: int) -> None:
    end_with_parent(parent)
    (postgres.data_folder() / "static").mkdir(parents=True, exist_ok=True)
    # Loaded before the workers are forked, so that they share its memory.
    from dure import asgi  # noqa: PLC0415  slow import
    from dure.doors.cli.opening import close_connections  # noqa: PLC0415  app ready
    from dure.doors.cli.preparing import (  # noqa: PLC0415  app ready
        claim_secret,
        prepare_database,
        wait_for_server,
    )

    try:
        wait_for_server(say=say)
        prepare_database()
        claimed = claim_secret()
        _say_owner_link(host, port)
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


def _say_owner_link(host: str, port: int) -> None:
    """Until somebody owns the installation, each start prints a link to begin with."""
    from django.conf import settings  # noqa: PLC0415  app ready

    from dure.people.inviting import make_owner_link  # noqa: PLC0415  app ready

    token = make_owner_link()
    if token is not None:
        root = settings.PUBLIC_ADDRESS.rstrip("/") or local_address(host, port)
        sys.stderr.write(f"Owner's link, good for one use: {root}/desk/welcome/{token}\n")


def _load(parent: int, _target: str) -> Any:
    end_with_parent(parent)
    from dure.asgi import application  # noqa: PLC0415  slow import

    return application


if __name__ == "__main__":
    warnings.simplefilter("ignore", ResourceWarning)
    _host, _port, _workers, _parent = sys.argv[1:]
    main(host=_host, port=int(_port), workers=int(_workers), parent=int(_parent))
