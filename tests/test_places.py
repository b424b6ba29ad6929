"""Places that are few."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from dure.errors import Busy
from dure.places import Places


async def test_who_comes_when_very_many_wait_is_refused_and_the_others_follow_in_turn() -> None:
    places = Places(1, waiting_max=2)
    came: list[str] = []
    is_over = asyncio.Event()

    async def come(name: str) -> None:
        async with places:
            came.append(name)
            await is_over.wait()

    tasks = [asyncio.create_task(come(name)) for name in "abc"]
    await asyncio.sleep(0)

    with pytest.raises(Busy):
        await come("d")

    assert came == ["a"]
    is_over.set()
    await asyncio.gather(*tasks)
    assert came == ["a", "b", "c"]


async def test_who_stops_waiting_makes_room_for_another() -> None:
    places = Places(1, waiting_max=1)
    async with AsyncExitStack() as taken:
        await taken.enter_async_context(places)
        impatient = asyncio.create_task(taken.enter_async_context(places))
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.sleep(0)

        patient = asyncio.create_task(taken.enter_async_context(places))
        await asyncio.sleep(0)

        assert not patient.done()
        await taken.aclose()
        await patient
