"""Places that are few: who finds them taken waits, unless very many wait already."""

from __future__ import annotations

import asyncio

from dure.errors import Busy


class Places:
    """To be held within `async with`."""

    def __init__(self, n: int, *, waiting_max: int) -> None:
        self._free = asyncio.Semaphore(n)
        self._waiting_max = waiting_max
        self._n_waiting = 0

    async def __aenter__(self) -> None:
        if self._free.locked() and self._n_waiting >= self._waiting_max:
            raise Busy
        self._n_waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._n_waiting -= 1

    async def __aexit__(self, *_: object) -> None:
        self._free.release()
