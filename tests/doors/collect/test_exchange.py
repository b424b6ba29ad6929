"""The body of a request: how large, how slowly, and how much of all bodies may be on its way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from dure.doors.collect import exchange
from dure.doors.collect.exchange import TooSlow, coming, read_object
from dure.errors import Busy, Malformed, TooLarge

NO_LENGTH: dict[str, Any] = {"headers": []}


class Body:
    """A body that comes in these pieces, the first at once; then nothing more is heard."""

    def __init__(self, *pieces: bytes, is_whole: bool = False, seconds_each: float = 0) -> None:
        self.pieces = list(pieces)
        self.is_whole = is_whole
        self.seconds_each = seconds_each
        self.has_begun = False

    async def receive(self) -> dict[str, Any]:
        await asyncio.sleep(self.seconds_each if self.has_begun else 0)
        self.has_begun = True
        if not self.pieces:
            await asyncio.Event().wait()
        piece = self.pieces.pop(0)
        more = bool(self.pieces) or not self.is_whole
        return {"type": "http.request", "body": piece, "more_body": more}


@pytest.fixture(autouse=True)
def nothing_is_held_afterwards() -> Iterator[None]:
    yield
    assert coming.n_bytes == 0


async def test_body_in_pieces_is_put_together() -> None:
    body = Body(b'{"a"', b"", b": 1}", is_whole=True)

    assert await read_object(NO_LENGTH, body.receive) == {"a": 1}


async def test_body_that_stops_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "BODY_SECONDS_MAX", 0.05)

    for body in (Body(), Body(b'{"a"')):
        with pytest.raises(TooSlow) as caught:
            await read_object(NO_LENGTH, body.receive)

    assert caught.value.status == 408
    assert caught.value.sentence == (
        "The body came too slowly and was cut off; send the same again on a better connection."
    )


async def test_body_that_trickles_is_cut_off_though_it_never_stops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exchange, "BODY_SECONDS_MAX", 0.1)
    body = Body(*[b" "] * 10_000, seconds_each=0.001)

    with pytest.raises(TooSlow):
        await read_object(NO_LENGTH, body.receive)

    assert body.pieces


async def test_body_that_grows_well_has_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "BODY_SECONDS_MAX", 0.5)
    monkeypatch.setattr(exchange, "BODY_BYTES_A_SECOND_MIN", 1000)
    pieces = [b" " * 10_000, b" ", b" ", b"{}"]
    body = Body(*pieces, is_whole=True, seconds_each=0.3)

    assert await read_object(NO_LENGTH, body.receive) == {}


async def test_body_is_refused_by_the_length_it_names_and_without_one_as_soon_as_it_is_over() -> (
    None
):
    body = Body(*[b" " * 2**18] * 100)
    named: dict[str, Any] = {"headers": [(b"content-length", b"2147483648")]}

    with pytest.raises(TooLarge):
        await read_object(named, body.receive)
    unread = len(body.pieces)
    with pytest.raises(TooLarge):
        await read_object(NO_LENGTH, body.receive)

    assert (unread, len(body.pieces)) == (100, 95)


async def test_unfinished_bodies_together_hold_no_more_than_they_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exchange, "BODIES_BYTES_MAX", 1000)
    first = asyncio.create_task(read_object(NO_LENGTH, Body(b" " * 600).receive))
    for _ in range(10):
        await asyncio.sleep(0)

    with pytest.raises(Busy):
        await read_object(NO_LENGTH, Body(b" " * 600).receive)
    whole = await read_object(NO_LENGTH, Body(b"{}" + b" " * 600, is_whole=True).receive)
    held = coming.n_bytes
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)

    assert held == 600
    assert whole == {}


async def test_client_that_goes_away_in_the_middle_leaves_nothing() -> None:
    messages = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    with pytest.raises(Malformed):
        await read_object(NO_LENGTH, receive)
