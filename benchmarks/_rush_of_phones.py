"""So many phones within so many seconds, in a process of their own; prints what each waited."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections import Counter
from typing import Any

import orjson
import uvloop
from _phones import Phone


class Rush:
    def __init__(self, port: int, slug: str, *, ahead: int) -> None:
        self.port, self.slug, self.ahead = port, slug, ahead
        self.failures: Counter[int] = Counter()
        self.under_served = 0
        self.waits: dict[str, list[float]] = {
            step: [] for step in ("first_task", "connect", "join", "lease", "answer")
        }
        self.fates: Counter[str] = Counter()

    async def come(self, phones: int, *, within_seconds: float) -> None:
        """Evenly spread; whoever waits keeps nobody else from coming."""
        gc.disable()
        begun = time.perf_counter()
        guests = []
        for number in range(phones):
            pause = begun + number * within_seconds / phones - time.perf_counter()
            if pause > 0:
                await asyncio.sleep(pause)
            guests.append(asyncio.create_task(self._take_part(number)))
        await asyncio.gather(*guests)

    async def _take_part(self, number: int) -> None:
        phone = Phone(self.port, self.slug, seed=number, failures=self.failures)
        begun = time.perf_counter()
        try:
            await phone.connect()
        except OSError:
            self.failures[0] += 1
        connected = self._note("connect", begun)
        await phone.join()
        joined = self._note("join", connected)
        await phone.lease(self.ahead)
        leased = self._note("lease", joined)
        self._note("first_task", begun)
        if not phone.tasks:
            self.under_served += 1
            return
        reply = await phone.submit([phone.answer(phone.tasks[0])], lease=1)
        self._note("answer", leased)
        self.fates.update(fate for fate in ("accepted", "late", "refused") for _ in reply[fate])

    def _note(self, step: str, since: float) -> float:
        now = time.perf_counter()
        self.waits[step].append(now - since)
        return now

    def said(self) -> dict[str, Any]:
        return {
            **self.waits,
            "failures": {str(status): n for status, n in self.failures.items()},
            "under_served": self.under_served,
            "unheard": len(self.waits["first_task"]) - self.fates["accepted"],
        }


def main(port: str, slug: str, phones: str, within_seconds: str, ahead: str) -> None:
    rush = Rush(int(port), slug, ahead=int(ahead))
    begun, cpu = time.perf_counter(), time.process_time()
    uvloop.run(rush.come(int(phones), within_seconds=float(within_seconds)))
    spent = {"seconds": time.perf_counter() - begun, "cpu_s": time.process_time() - cpu}
    sys.stdout.buffer.write(orjson.dumps({**rush.said(), **spent}))


if __name__ == "__main__":
    main(*sys.argv[1:])
