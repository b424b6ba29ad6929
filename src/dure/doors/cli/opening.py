"""Open the platform for one command: a database, beside a running server or of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from dure import postgres


@contextmanager
def open_platform() -> Iterator[None]:
    """PostgreSQL, Django and an up-to-date schema; what was started for it is stopped after it."""
    with postgres.running():
        set_up_django()
        from dure.doors.cli.preparing import prepare_database  # noqa: PLC0415  app ready

        prepare_database()
        try:
            yield
        finally:
            close_connections()


def set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.settings")
    import django  # noqa: PLC0415  slow import

    django.setup()


def close_connections() -> None:
    from django.db import connections  # noqa: PLC0415  slow import

    for connection in connections.all(initialized_only=True):
        connection.close()
