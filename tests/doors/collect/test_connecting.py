"""The pool of a web process, on a PostgreSQL that goes away and comes back."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from dure import postgres
from dure.doors.collect.connecting import SAY_SECONDS, _is_news, open_pool
from tests.serving import start_database, stop_database, wait_until

# Pauses that double would take minutes for as many, and the wait would be over.
FAILURES = 20
WAIT_SECONDS_MAX = 60.0


async def test_who_waits_while_the_database_is_away_is_served_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    environment = start_database(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DURE_DATA", str(tmp_path))
    postgres.create_database()
    stop_database(environment)
    caplog.set_level(logging.WARNING, logger="psycopg.pool")
    pool = await open_pool()

    async def ask() -> object:
        async with pool.connection(timeout=WAIT_SECONDS_MAX) as connection:
            cursor = await connection.execute("select 1")
            return await cursor.fetchone()

    def failures() -> int:
        return pool.get_stats().get("connections_errors", 0)

    try:
        waiting = asyncio.create_task(ask())
        began = asyncio.get_running_loop().time()
        await asyncio.to_thread(wait_until, lambda: waiting.done() or failures() >= FAILURES)
        await asyncio.to_thread(start_database, tmp_path)
        answer = await waiting
        took = asyncio.get_running_loop().time() - began
    finally:
        await pool.close()
        stop_database(environment)

    assert answer == (1,)
    said = [record for record in caplog.records if record.msg.startswith("error connecting")]
    assert 1 <= len(said) <= 1 + took / SAY_SECONDS


async def test_only_warnings_are_said_now_and_then_and_a_new_pool_says_them_anew(
    live_db: str,
) -> None:
    trouble, word = (
        logging.makeLogRecord({"msg": "a sentence of its own", "levelno": level})
        for level in (logging.WARNING, logging.INFO)
    )
    before = [_is_news(record) for record in (trouble, trouble, word, word)]
    pool = await open_pool()
    await pool.close()

    after = _is_news(trouble)

    assert (before, after) == ([True, False, True, True], True)
