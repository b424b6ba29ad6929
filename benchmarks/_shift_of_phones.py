"""Phones for a long shift: first as fast as they can, then at a given rate, whoever waits.

A process of its own, told what to do line by line: `flat-out SECONDS` prints the answers a second
that 32 phones managed, `steady SECONDS RATE PARTS` one line for each part of the time, `hold` the
leases that the phones hold now. The rate is of requests with one answer; they come at random
moments that do not wait for the server, and a wait counts from the moment drawn.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections import Counter
from datetime import datetime
from typing import Any

import orjson
import uvloop
from _phones import Phone, Refused

FLAT_OUT_PHONES = 32
STEADY_PHONES = 128
AHEAD, AHEAD_MIN = 8, 6
ANSWERS_PER_PERSON = (10, 60)
LOST = RETURNED = 1 / 50
RENEWS = 1 / 20
EMPTY_SECONDS = 0.2


class Visitor:
    """Person after person at one phone; one in fifty loses it, one in fifty hands tasks back."""

    def __init__(self, shift: Shift, number: int) -> None:
        self.shift = shift
        self.phone = Phone(shift.port, shift.slug, seed=number, failures=shift.failures)
        self.left = 0

    async def step(self) -> bool:
        """One answer, and what comes before it; tells whether there was one to give."""
        phone = self.phone
        if not self.left and not phone.tasks:
            await phone.join()
            self.left = phone.chance.randint(*ANSWERS_PER_PERSON)
        if not phone.tasks:
            await phone.lease(AHEAD)
        if not phone.tasks:
            await asyncio.sleep(EMPTY_SECONDS)
            self.left = 0
            return False
        if phone.chance.random() < RENEWS:
            await self._renew()
        self.left = max(0, self.left - 1)
        lease = AHEAD if self.left and len(phone.tasks) <= AHEAD_MIN else 0
        reply = await phone.submit([phone.answer(phone.tasks[0])], lease=lease)
        for fate in ("accepted", "late", "refused"):
            self.shift.fates[fate] += len(reply[fate])
        if not self.left:
            await self._leave()
        return True

    async def _renew(self) -> None:
        phone = self.phone
        reply = await phone.post(b"renew", {"tasks": [task["id"] for task in phone.tasks]})
        until = {task["id"]: task["until"] for task in reply["renewed"]}
        phone.tasks = [{**task, "until": until.get(task["id"], task["until"])}
                       for task in phone.tasks]  # fmt: skip
        self.shift.fates["renewed"] += len(until)

    async def _leave(self) -> None:
        """Most answer what they still hold before the next person comes."""
        phone, lot = self.phone, self.phone.chance.random()
        if lot < LOST:
            self.shift.lost += phone.tasks
            phone.tasks = []
        elif lot < LOST + RETURNED and phone.tasks:
            tasks = [task["id"] for task in phone.tasks]
            reply = await phone.post(b"return", {"tasks": tasks})
            self.shift.fates["returned"] += len(reply["returned"])
            phone.tasks = []


class Shift:
    def __init__(self, port: int, slug: str) -> None:
        self.port, self.slug = port, slug
        self.failures: Counter[int] = Counter()
        self.fates: Counter[str] = Counter()
        self.lost: list[dict[str, Any]] = []
        self.visitors = [Visitor(self, number) for number in range(STEADY_PHONES)]
        self.waits: list[float] = []
        self.chance = random.Random(1)

    async def flat_out(self, seconds: float) -> dict[str, float]:
        until = time.perf_counter() + seconds
        given = await asyncio.gather(
            *(self._hurry(visitor, until) for visitor in self.visitors[:FLAT_OUT_PHONES])
        )
        return {"rate": sum(given) / seconds}

    async def _hurry(self, visitor: Visitor, until: float) -> int:
        given = 0
        while time.perf_counter() < until:
            given += await visitor.step()
        return given

    async def steady(self, seconds: float, rate: float, parts: int) -> None:
        idle: asyncio.Queue[Visitor] = asyncio.Queue()
        for visitor in self.visitors:
            idle.put_nowait(visitor)
        begun = time.perf_counter()
        at, part, under_way = begun, 1, set()
        while part <= parts:
            at += self.chance.expovariate(rate)
            while part <= parts and at >= begun + part * seconds / parts:
                await asyncio.sleep(begun + part * seconds / parts - time.perf_counter())
                say(self._summary(part))
                part += 1
            if part > parts:
                break
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            step = asyncio.create_task(self._serve(idle, at))
            under_way.add(step)
            step.add_done_callback(under_way.discard)
        await asyncio.gather(*under_way)

    async def _serve(self, idle: asyncio.Queue[Visitor], at: float) -> None:
        visitor = await idle.get()
        try:
            if await visitor.step():
                self.waits.append(time.perf_counter() - at)
        except Refused as refused:
            sys.stderr.write(f"{refused}\n")
            self.fates["forgotten"] += 1
            visitor.left, visitor.phone.tasks = 0, []
        finally:
            idle.put_nowait(visitor)

    def _summary(self, part: int) -> dict[str, float]:
        waits, self.waits = sorted(self.waits), []
        return {
            "part": part,
            "answers": len(waits),
            "p50_ms": 1000 * waits[len(waits) // 2] if waits else 0.0,
            "p99_ms": 1000 * waits[len(waits) * 99 // 100] if waits else 0.0,
        }

    def hold(self) -> dict[str, Any]:
        """What is held by phones in hand and by lost ones, as far as it has not run out."""
        tasks = [task for visitor in self.visitors for task in visitor.phone.tasks] + self.lost
        now = time.time()
        return {
            "at": now,
            "held": sum(datetime.fromisoformat(task["until"]).timestamp() > now for task in tasks),
            "lost": len(self.lost),
            "fates": dict(self.fates),
            "failures": {str(status): n for status, n in self.failures.items()},
            "cpu_s": time.process_time(),
        }


async def obey(shift: Shift) -> None:
    loop = asyncio.get_running_loop()
    while line := (await loop.run_in_executor(None, sys.stdin.readline)).split():
        verb, *words = line
        if verb == "flat-out":
            say(await shift.flat_out(float(words[0])))
        elif verb == "steady":
            await shift.steady(float(words[0]), float(words[1]), int(words[2]))
        else:
            say(shift.hold())


def say(what: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(what) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    uvloop.run(obey(Shift(int(sys.argv[1]), sys.argv[2])))
