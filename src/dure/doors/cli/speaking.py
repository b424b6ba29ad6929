"""How commands speak: results on stdout, everything else on stderr, mistakes in one sentence."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from dure.errors import Refusal

EXIT_REFUSED = 2


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def refusals_become_sentences() -> Iterator[None]:
    """A person's mistake ends the command with one sentence and exit code 2, not a traceback."""
    try:
        yield
    except Refusal as refusal:
        say(f"dure: {refusal.sentence}")
        raise typer.Exit(EXIT_REFUSED) from None
