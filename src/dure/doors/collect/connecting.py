"""The connections that asynchronous work asks the database through, and how they come back."""

from __future__ import annotations

import logging
import time
from typing import Any

import orjson
import psycopg
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool

from dure import postgres

CONNECTIONS_MIN, CONNECTIONS_MAX = 2, 12
# For a connection; turns of groups wait in their lines.
REQUESTS_WAITING_MAX = 2000
WAIT_SECONDS_MAX = 10.0
# While the database is away one connection is tried about so often. Left to itself the pool doubles
# its pauses, and would sleep on for as long again as the database was away.
TRY_AGAIN_SECONDS = 0.25
# So often it says of each kind of trouble that it is still there.
SAY_SECONDS = 60.0


async def open_pool(
    role: postgres.Role = "collect",
    *,
    size_max: int = CONNECTIONS_MAX,
    wait_seconds_max: float = WAIT_SECONDS_MAX,
) -> AsyncConnectionPool:
    logging.getLogger("psycopg.pool").addFilter(_is_news)
    _said_at.clear()
    pool: AsyncConnectionPool = AsyncConnectionPool(
        postgres.address(role),
        min_size=CONNECTIONS_MIN,
        max_size=size_max,
        max_waiting=REQUESTS_WAITING_MAX,
        timeout=wait_seconds_max,
        reconnect_timeout=TRY_AGAIN_SECONDS,
        # Having given up it lets go; this makes it begin anew, for those who wait already.
        reconnect_failed=AsyncConnectionPool.check,
        configure=_prepare_connection,
        open=False,
    )
    await pool.open()
    return pool


async def _prepare_connection(connection: psycopg.AsyncConnection[Any]) -> None:
    # Not among the arguments of connecting: jobs listen with these and one of their own.
    await connection.set_autocommit(True)
    set_json_loads(orjson.loads, connection)
    await connection.execute("set timezone to 'UTC'")


# Since the pool was opened, of which a process has one.
_said_at: dict[object, float] = {}


def _is_news(record: logging.LogRecord) -> bool:
    """By the sentence without its details, of which the pool has some twenty warnings."""
    if record.levelno < logging.WARNING:
        return True
    now = time.monotonic()
    if now - _said_at.get(record.msg, -SAY_SECONDS) < SAY_SECONDS:
        return False
    _said_at[record.msg] = now
    return True
