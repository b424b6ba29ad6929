"""Thirty-two phones that answer as fast as they can, in a process of their own, until SIGTERM.

What the server acknowledges is written to a file at once: when, what it said, answer, task, person.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import IO, Any

import uvloop
from _phones import Phone, Refused

CLIENTS = 32
ANSWERS_PER_PERSON = 40
AHEAD = 3
FORGOTTEN = 0.02
EMPTY_SECONDS = 0.2


class Crowd:
    def __init__(self, port: int, slug: str, notes: IO[str], *, seed: int) -> None:
        self.port, self.slug, self.notes, self.seed = port, slug, notes, seed
        self.is_stopping = False
        self.failures: Counter[int] = Counter()

    async def walk(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stop)
        await asyncio.gather(*(self._be_somebody(number) for number in range(CLIENTS)))

    def _stop(self) -> None:
        self.is_stopping = True

    async def _be_somebody(self, number: int) -> None:
        """One person after another at one place; what was begun is sent until it is answered."""
        seed = self.seed * 1000 + number
        phone = Phone(self.port, self.slug, seed=seed, failures=self.failures)
        while not self.is_stopping:
            try:
                await self._be_one_person(phone)
            except Refused as refused:
                sys.stderr.write(f"{refused}\n")
                self._note("forgotten", "", 0, phone)
        phone.hang_up()

    async def _be_one_person(self, phone: Phone) -> None:
        await phone.join()
        await phone.lease(AHEAD)
        for _ in range(ANSWERS_PER_PERSON):
            if self.is_stopping:
                return
            kept = [task for task in phone.tasks if phone.chance.random() >= FORGOTTEN]
            if not kept:
                await asyncio.sleep(EMPTY_SECONDS)
                await phone.lease(AHEAD)
                continue
            answers = [phone.answer(task) for task in kept[: phone.chance.randint(1, AHEAD)]]
            self._note_all(await phone.submit(answers, lease=AHEAD), answers, phone)

    def _note_all(self, reply: dict[str, Any], answers: list[dict[str, Any]], phone: Phone) -> None:
        fates = {answer: fate for fate in ("accepted", "late") for answer in reply[fate]}
        fates |= {refused["id"]: refused["reason"] for refused in reply["refused"]}
        for answer in answers:
            self._note(fates.get(answer["id"], "unsaid"), answer["id"], answer["task"], phone)

    def _note(self, fate: str, answer: str, task: int, phone: Phone) -> None:
        self.notes.write(f"{time.monotonic():.6f}\t{fate}\t{answer}\t{task}\t{phone.person}\n")


def main(port: str, slug: str, file: str, seed: str) -> None:
    with Path(file).open("a", buffering=1) as notes:
        crowd = Crowd(int(port), slug, notes, seed=int(seed))
        uvloop.run(crowd.walk())
    sys.stderr.write(f"failures by status: {dict(crowd.failures)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
