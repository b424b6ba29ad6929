"""Wiring: one ASGI application; /collect/* goes past Django."""

from __future__ import annotations

import asyncio
import os
from collections.abc import MutableMapping
from contextlib import AsyncExitStack
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.settings")

from django.conf import settings
from django.core.asgi import get_asgi_application

django_application: Any = get_asgi_application()

from dure import postgres  # noqa: E402  app ready
from dure.doors.collect import exchange, metrics  # noqa: E402  app ready
from dure.doors.collect.app import Collecting  # noqa: E402  app ready
from dure.doors.collect.exchange import Receive, Scope, Send, TooSlow  # noqa: E402
from dure.doors.collect.limits import Limits  # noqa: E402
from dure.people.arrivals import origins  # noqa: E402

collecting = Collecting(
    is_https=settings.IS_HTTPS,
    limits=Limits(
        person_rate=settings.COLLECT_PERSON_RATE,
        address_rate=settings.COLLECT_ADDRESS_RATE,
        origins=origins,
    ),
)
# Each page in the making holds a connection to the database, which has only so many for all: the
# web processes of a server share these.
PAGES_AT_ONCE, PAGES_AT_ONCE_MIN = 40, 5
# Streams of news last for minutes, hold no connection, and have limits of their own.
STREAM_ENDING = "/events"
making = asyncio.Semaphore(PAGES_AT_ONCE)
# So many forms and files are read at once; who trickles holds one of these, and no page.
BODIES_AT_ONCE = 40
reading = asyncio.Semaphore(BODIES_AT_ONCE)
# Also a large file that came fast so far may not stop for longer.
PAUSE_SECONDS_MAX = 30.0


def share_pages(*, workers: int) -> None:
    """Called before the web processes are forked."""
    global making  # noqa: PLW0603  read by each of them
    making = asyncio.Semaphore(pages_at_once(workers=workers))


def pages_at_once(*, workers: int) -> int:
    """In each of the web processes."""
    return max(PAGES_AT_ONCE_MIN, PAGES_AT_ONCE // workers)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "http" and scope["path"].startswith("/collect/"):
        await collecting(scope, receive, send)
    elif scope["type"] == "http" and scope["path"] == "/metrics" and settings.METRICS_TOKEN:
        await _scrape(scope, receive, send)
    elif scope["type"] == "http" and not scope["path"].endswith(STREAM_ENDING):
        await _make_page(scope, receive, send)
    else:
        await django_application(scope, receive, send)


async def _make_page(scope: Scope, receive: Receive, send: Send) -> None:
    try:
        async with AsyncExitStack() as place:
            body = _Body(receive, place)
            if _has_body(scope):
                await place.enter_async_context(reading)
            await django_application(scope, body.receive, send)
    except TooSlow as refusal:
        await exchange.refuse(send, refusal)


def _has_body(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers


class _Body:
    """A request's body, which Django reads whole before it makes the page."""

    def __init__(self, receive: Receive, place: AsyncExitStack) -> None:
        self._receive = receive
        self._place = place
        self._last: float | None = None
        self._is_whole = False

    async def receive(self) -> MutableMapping[str, Any]:
        if self._is_whole:
            return await self._receive()
        now = asyncio.get_running_loop().time()
        if self._last is None:
            self._last = now + exchange.BODY_SECONDS_MAX
        try:
            async with asyncio.timeout_at(min(self._last, now + PAUSE_SECONDS_MAX)):
                message = await self._receive()
        except TimeoutError:
            raise TooSlow from None
        if message.get("more_body", False):
            self._last += len(message["body"]) / exchange.BODY_BYTES_A_SECOND_MIN
        else:
            self._is_whole = True
            # The place among the readers is free for the next one.
            await self._place.aclose()
            await self._place.enter_async_context(making)
        return message


async def _scrape(scope: Scope, receive: Receive, send: Send) -> None:
    from dure.doors.collect.scraping import scrape  # noqa: PLC0415  slow import, seldom wanted

    await scrape(scope, receive, send, token=settings.METRICS_TOKEN)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            if settings.METRICS_TOKEN:
                metrics.share(postgres.data_folder())
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await collecting.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
