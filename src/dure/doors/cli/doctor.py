"""`dure doctor`: is everything as it should be?"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import typer
from rich.console import Console
from rich.text import Text

from dure import embedded, postgres
from dure.doors.cli.checks import Finding, check_around, check_database, check_machine
from dure.doors.cli.opening import close_connections, set_up_django
from dure.doors.cli.servers import check_servers
from dure.doors.cli.speaking import as_typed
from dure.errors import Refusal

EXIT_UNWELL = 1
COLOURS = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def doctor() -> None:
    """Look at the installation and say, line by line, what is well and what is not."""
    console = Console(highlight=False, soft_wrap=True)
    is_well = True
    for finding in _look():
        console.print(
            Text(f"{finding.level:<4}", style=COLOURS[finding.level]), as_typed(finding.line)
        )
        is_well = is_well and finding.level != "fail"
    if not is_well:
        raise typer.Exit(EXIT_UNWELL)


def _look() -> Iterator[Finding]:
    try:
        folder = embedded.ready_folder()
        yield Finding("ok", f"the data folder {folder} can be written")
        yield from check_machine()
        if postgres.is_embedded() and not (postgres.server_folder() / "PG_VERSION").exists():
            yield Finding("fail", f"there is no database in {folder} yet; start `dure serve` once")
            return
        with postgres.running():
            set_up_django()
            with postgres.connect("owner") as connection:
                yield from check_database(connection)
                yield from check_servers(connection)
            yield from check_around()
            close_connections()
    except Refusal as refusal:
        yield Finding("fail", refusal.sentence)
    except psycopg.Error as error:
        yield Finding("fail", f"the database said: {' '.join(str(error).split())}")
