"""News reach those who wait for them, and the listener rests when nobody does."""

from __future__ import annotations

import asyncio

import pytest
from asgiref.sync import sync_to_async

from dure import postgres
from dure.doors.desk import live

pytestmark = pytest.mark.usefixtures("live_db")


def tell(call_id: int) -> None:
    with postgres.connect("app") as connection:
        connection.execute("select tasks_tell_boards(%s)", [call_id])


async def test_change_of_one_call_wakes_its_readers_alone() -> None:
    listener = live.Listener()
    mine, other = listener.join(1), listener.join(2)
    # The first wake comes when it begins to listen: what was before nobody knows.
    await asyncio.wait_for(asyncio.gather(mine.wait(), other.wait()), 10)
    mine.clear()
    other.clear()

    await sync_to_async(tell)(1)

    await asyncio.wait_for(mine.wait(), 10)
    assert not other.is_set()
    listener.leave(1, mine)
    listener.leave(2, other)
    assert listener.n_readers == 0


async def test_reader_hears_of_each_change_as_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "listener", live.Listener())
    news = live.tell(7)

    assert await anext(news) == b"retry: 3000\n\n"
    assert await asyncio.wait_for(anext(news), 10) == b"event: change\ndata: \n\n"
    await sync_to_async(tell)(7)
    assert await asyncio.wait_for(anext(news), 10) == b"event: change\ndata: \n\n"

    await news.aclose()  # type: ignore[attr-defined]
    assert live.listener.n_readers == 0


async def test_quiet_call_beats_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "listener", live.Listener())
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.05)
    news = live.tell(7)

    heard = [await anext(news) for _ in range(4)]

    assert b": still here\n\n" in heard
    await news.aclose()  # type: ignore[attr-defined]
