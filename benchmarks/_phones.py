"""A phone without its page: one connection, a person's key, requests repeated till they are heard.

Cheap on the processor, since the load and the server under it share the machine.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any, cast
from uuid import UUID

import orjson

REPLY_SECONDS_MAX = 30.0
RETRY_SECONDS = 0.2
TRIES_MAX = 600
LETTERS = "abcd"


class Refused(Exception):
    """The server said no, and would say so again."""


class Wire(asyncio.Protocol):
    """One HTTP connection with at most one request on its way."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.reply: asyncio.Future[tuple[int, bytes]] | None = None
        self.came = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.came += data
        head = self.came.find(b"\r\n\r\n")
        if head < 0:
            return
        begin = self.came.lower().find(b"content-length:", 0, head)
        end = self.came.find(b"\r\n", begin)
        whole = head + 4 + int(self.came[begin + 15 : end]) if begin >= 0 else head + 4
        if len(self.came) >= whole and self.reply is not None and not self.reply.done():
            self.reply.set_result((int(self.came[9:12]), bytes(self.came[head + 4 : whole])))
            del self.came[:whole]

    def connection_lost(self, _: Exception | None) -> None:
        if self.reply is not None and not self.reply.done():
            self.reply.set_exception(ConnectionResetError("the server hung up"))
        self.transport = None

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        if self.transport is None:
            raise ConnectionResetError("the server has hung up")
        self.reply = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        async with asyncio.timeout(REPLY_SECONDS_MAX):
            return await self.reply

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()


class Phone:
    """Whoever holds it may change; `failures` counts what went wrong, by status, 0 for none."""

    def __init__(self, port: int, slug: str, *, seed: int, failures: Counter[int]) -> None:
        self.port, self.slug = port, slug
        self.chance = random.Random(seed)
        self.failures = failures
        self.person = ""
        self.tasks: list[dict[str, Any]] = []
        self._key = b""
        self._wire: Wire | None = None

    async def join(self) -> None:
        """As somebody new."""
        self._key, self.tasks = b"", []
        joined = await self.post(b"join", {})
        self.person = joined["contributor"]
        self._key = b"authorization: Bearer %b\r\n" % joined["token"].encode()

    async def lease(self, n: int) -> bool:
        """Tells whether it is worth asking again."""
        reply = await self.post(b"lease", {"n": n})
        self.tasks = reply["tasks"]
        return bool(reply["more"])

    def answer(self, task: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": str(UUID(int=self.chance.getrandbits(128), version=4)),
            "task": task["id"],
            "value": self.chance.choice(LETTERS),
            "ms": 1500,
        }

    async def submit(self, answers: list[dict[str, Any]], *, lease: int) -> dict[str, Any]:
        """Afterwards it holds what the reply says, or what is left of what it held."""
        reply = await self.post(b"answers", {"answers": answers, "lease": lease})
        done = {answer["task"] for answer in answers}
        left = [task for task in self.tasks if task["id"] not in done]
        self.tasks = reply["tasks"] if lease else left
        return reply

    async def post(self, verb: bytes, body: dict[str, Any]) -> dict[str, Any]:
        """The same request until it is answered, as a phone keeps what it has to say."""
        content = orjson.dumps({"call": self.slug, **body})
        request = b"POST /collect/%b HTTP/1.1\r\nhost: localhost\r\n%bcontent-length: %d\r\n\r\n%b"
        request %= (verb, self._key, len(content), content)
        for _ in range(TRIES_MAX):
            try:
                status, reply = await (await self.connect()).ask(request)
            except (OSError, TimeoutError):
                status = 0
                self.hang_up()
            if status == 200:
                return dict(orjson.loads(reply))
            self.failures[status] += 1
            if status and status < 500 and status != 429:
                raise Refused(f"{verb.decode()} gave {status}: {reply.decode()}")
            await asyncio.sleep(RETRY_SECONDS)
        raise TimeoutError(f"{verb.decode()} was not answered in {TRIES_MAX} tries")

    async def connect(self) -> Wire:
        if self._wire is None:
            loop = asyncio.get_running_loop()
            _, self._wire = await loop.create_connection(Wire, "127.0.0.1", self.port)
        return self._wire

    def hang_up(self) -> None:
        if self._wire is not None:
            self._wire.close()
        self._wire = None
