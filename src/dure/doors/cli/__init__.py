"""The command line, `dure`.

It may import every room below; a command imports what is slow only when it runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dure.doors.cli.commands import app

__all__ = ["app", "main"]


def main() -> None:
    # Slow import: the server's processes live in this package too, and need no command.
    from dure.doors.cli.commands import app  # noqa: PLC0415

    app()


def __getattr__(name: str) -> Any:
    if name != "app":
        raise AttributeError(name)
    from dure.doors.cli.commands import app  # noqa: PLC0415  slow import

    return app
