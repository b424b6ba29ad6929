"""What stands before Django: pace, size and number of the bodies that are read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.db import connections
from pytest_django.fixtures import Settings

from dure import asgi
from dure.doors.collect import exchange
from dure.places import Places
from tests.asgi import Reply

FORM = "/c/nowhere/answer"
WAIT_SECONDS_MAX = 60
STREAM = "/desk/nobody/nowhere/events"


class Client:
    """Sends pieces of a body, then says nothing more unless it was the whole."""

    def __init__(
        self, path: str, pieces: Iterable[bytes], *, method: str = "POST", is_whole: bool = False
    ) -> None:
        self._pieces = iter(pieces)
        self._sent: list[dict[str, Any]] = []
        self.n_asked = 0
        self._is_whole = is_whole
        self._is_gone = asyncio.Event()
        self.has_begun, self.has_said_all = asyncio.Event(), asyncio.Event()
        headers = [
            (b"host", b"localhost"),
            (b"content-type", b"application/x-www-form-urlencoded"),
            (b"transfer-encoding", b"chunked"),
        ]
        self.scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 8000),
        }

    async def ask(self) -> Reply:
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            await asgi.application(self.scope, self._receive, self._send)
        start = self._sent[0]
        return Reply(
            status=start["status"],
            headers={name.decode(): value.decode() for name, value in start["headers"]},
            body=b"".join(message.get("body", b"") for message in self._sent[1:]),
        )

    async def _receive(self) -> dict[str, Any]:
        self.n_asked += 1
        # As over a network, nothing is there at once.
        await asyncio.sleep(0)
        self.has_begun.set()
        piece = next(self._pieces, None)
        if piece is None:
            self.has_said_all.set()
            return await self._go()
        return {"type": "http.request", "body": piece, "more_body": not self._is_whole}

    def leave(self) -> None:
        self._is_gone.set()

    async def _go(self) -> dict[str, Any]:
        await self._is_gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        self._sent.append(message)


@pytest_asyncio.fixture(autouse=True)
async def places(live_db: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """One form is read at a time, and one may wait."""
    monkeypatch.setattr(asgi, "reading", Places(1, waiting_max=1))
    monkeypatch.setattr(asgi, "making", asyncio.Semaphore(5))
    yield
    await sync_to_async(connections.close_all)()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "BODY_SECONDS_MAX", 0.5)


@asynccontextmanager
async def beside(*clients: Client) -> AsyncIterator[None]:
    """They have begun, and are there until the end."""
    asked = [asyncio.create_task(client.ask()) for client in clients]
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        for client in clients:
            await client.has_begun.wait()
    try:
        yield
    finally:
        for client in clients:
            client.leave()
        await asyncio.gather(*asked, return_exceptions=True)


async def test_silent_clients_hold_no_place_among_the_readers() -> None:
    silent = [Client(FORM, []) for _ in range(5)]
    slow = Client(FORM, [b"value", b"="])

    async with beside(*silent), beside(slow), asyncio.timeout(WAIT_SECONDS_MAX):
        await slow.has_said_all.wait()


async def test_form_in_one_piece_passes_those_that_are_read_and_those_that_wait() -> None:
    async with beside(Client(FORM, [b"v"]), Client(FORM, [b"v"])):
        reply = await Client(FORM, [b"value=a"], is_whole=True).ask()

    # Without the form's own token.
    assert reply.status == 403


async def test_who_comes_when_very_many_wait_is_told_when_to_come_again() -> None:
    async with beside(Client(FORM, [b"v"]), Client(FORM, [b"v"])):
        reply = await Client(FORM, [b"v"]).ask()

    assert reply.status == 503
    assert reply.json()["code"] == "busy"
    assert [reply.headers[name] for name in ("retry-after", "connection")] == ["1", "close"]


async def test_waiting_for_a_place_is_not_the_clients_time(
    impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Client(FORM, [b"v"]), Client(FORM, [b"v", b"a", b"l"])

    replies = await asyncio.gather(first.ask(), second.ask())

    assert [reply.status for reply in replies] == [408, 408]
    # All that it had to say was heard, after the first one's time was over.
    assert second.n_asked == 4


@pytest.mark.parametrize(("method", "path"), [("POST", FORM), ("POST", STREAM), ("GET", STREAM)])
async def test_body_without_an_end_is_refused_where_it_is_too_large_for_any_page(
    method: str, path: str, settings: Settings
) -> None:
    settings.BODY_BYTES_MAX = 1000
    endless = Client(path, iter(lambda: b" " * 100, b""), method=method)

    reply = await endless.ask()

    assert reply.status == 413
    assert reply.headers["connection"] == "close"
    assert reply.json()["detail"] == "The body is larger than 1000 bytes; send it in pieces."
    assert endless.n_asked == 11


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_body_of_a_stream_that_does_not_come_is_cut_off(method: str, impatient: None) -> None:
    reply = await Client(STREAM, [], method=method).ask()

    assert reply.status == 408
