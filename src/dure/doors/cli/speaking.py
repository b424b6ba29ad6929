"""How commands speak: results on stdout, everything else on stderr, mistakes in one sentence."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from dure.doors.cli.children import EXIT_REFUSED
from dure.errors import Refusal

# Shorter work needs no bar.
QUIET_SECONDS = 1.0

# Called with a share between 0 and 1, or None while it is not known how far the work is.
Advance = Callable[[str, float | None], None]

# Of commands that print links.
PublicAddress = Annotated[
    str,
    typer.Option(
        envvar="DURE_ADDRESS", help="Where this installation is reached; this machine if left out."
    ),
]
Port = Annotated[
    int, typer.Option(min=1, max=65535, envvar="PORT", help="Where it listens on this machine.")
]


def say(line: str) -> None:
    typer.echo(line, err=True)


def as_typed(sentence: str) -> str:
    """The sentence, its commands to be typed as this one was: .venv/bin/dure, if that was it."""
    return sentence.replace("`dure ", f"`{own_name()} ")


def own_name() -> str:
    given = sys.argv[0]
    is_found_anyway = Path(given).name != "dure" or shutil.which("dure") == given
    return "dure" if is_found_anyway else shlex.quote(given)


def local_address(host: str, port: int) -> str:
    """Where a browser on this machine finds the server.

    By one name throughout: a browser keeps the cookies of localhost and of 127.0.0.1 apart, and
    passkeys belong to names alone.
    """
    if host in ("127.0.0.1", "localhost", "0.0.0.0", "::1", "::"):
        return f"http://localhost:{port}"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def root_address(address: str, port: int) -> str:
    """What links begin with: the public address, or this machine's where none is set."""
    return address.rstrip("/") or local_address("localhost", port)


@contextmanager
def refusals_become_sentences() -> Iterator[None]:
    """A person's mistake ends the command with one sentence and exit code 2, not a traceback."""
    try:
        yield
    except Refusal as refusal:
        say(f"dure: {as_typed(refusal.sentence)}")
        raise typer.Exit(EXIT_REFUSED) from None


@contextmanager
def progress(description: str) -> Iterator[Advance]:
    """A bar on a terminal, for work that takes longer than a moment."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task(description, total=None)

    def advance(what: str, share: float | None) -> None:
        total = None if share is None else 1.0
        bar.update(task, description=what, total=total, completed=share or 0.0)

    timer = Timer(QUIET_SECONDS, bar.start)
    timer.daemon = True
    if sys.stderr.isatty():
        timer.start()
    try:
        yield advance
    finally:
        timer.cancel()
        # Stopping a bar that was never shown would leave an empty line.
        if bar.live.is_started:
            bar.stop()
