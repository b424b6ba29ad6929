"""The command line, `dure`.

It may import every room below; a command imports what is slow only when it runs.
"""

from __future__ import annotations

import typer

from dure.doors.cli.aggregate import aggregate
from dure.doors.cli.serve import serve

app = typer.Typer(no_args_is_help=True, help="Open a question to the crowd.")
app.command()(aggregate)
app.command()(serve)


def main() -> None:
    app()
