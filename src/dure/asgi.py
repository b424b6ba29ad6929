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
from dure.doors.collect.hosts import Hosts  # noqa: E402
from dure.doors.collect.limits import Limits  # noqa: E402
from dure.errors import Busy, Refusal, TooLarge  # noqa: E402
from dure.people.arrivals import origins  # noqa: E402
from dure.places import Places  # noqa: E402

collecting = Collecting(
    is_https=settings.IS_HTTPS,
    limits=Limits(
        person_rate=settings.COLLECT_PERSON_RATE,
        address_rate=settings.COLLECT_ADDRESS_RATE,
        origins=origins,
    ),
    hosts=Hosts(settings.ALLOWED_HOSTS),
)
# Each page in the making holds a connection to the database, which has only so many for all: the
# web processes of a server share these.
PAGES_AT_ONCE, PAGES_AT_ONCE_MIN = 40, 5
# Streams of news last for minutes, hold no connection, and have limits of their own.
STREAM_ENDING, STREAM_METHODS = "/events", ("GET", "HEAD")
making = asyncio.Semaphore(PAGES_AT_ONCE)
# So many forms and files that come in pieces are read at once; who trickles holds one of these, and
# no page. Who has sent nothing yet holds none, and neither does a form that came in one piece.
BODIES_AT_ONCE, BODIES_WAITING_MAX = 40, 400
reading = Places(BODIES_AT_ONCE, waiting_max=BODIES_WAITING_MAX)
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
    elif scope["type"] == "http" and not _is_stream(scope):
        await _make_page(scope, receive, send)
    else:
        await django_application(scope, receive, send)


def _is_stream(scope: Scope) -> bool:
    is_asked = scope["method"] in STREAM_METHODS and scope["path"].endswith(STREAM_ENDING)
    return is_asked and not _has_body(scope)


async def _make_page(scope: Scope, receive: Receive, send: Send) -> None:
    async with AsyncExitStack() as place:
        body = _Body(receive, place)
        length = dict(scope["headers"]).get(b"content-length", b"")
        if length.isdigit() and int(length) > settings.BODY_BYTES_MAX:
            body.refusal = TooLarge(bytes_max=settings.BODY_BYTES_MAX)
        else:
            await django_application(scope, body.receive, send)
    if body.refusal:
        await exchange.refuse(send, body.refusal, is_cut=True)


def _has_body(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers


class _Body:
    """A request's body, which Django reads whole before it makes the page."""

    def __init__(self, receive: Receive, place: AsyncExitStack) -> None:
        self._receive = receive
        self._place = place
        self._last: float | None = None
        self._n_bytes = 0
        self._is_read_at_a_place = False
        self._is_whole = False
        # Why the rest of it is not read.
        self.refusal: Refusal | None = None

    async def receive(self) -> MutableMapping[str, Any]:
        if self._is_whole:
            return await self._receive()
        try:
            return await self._read_on()
        except (TooSlow, TooLarge, Busy) as refusal:
            self.refusal = refusal
            # To Django the client has gone: it replies nothing and deletes what has come.
            return {"type": "http.disconnect"}

    async def _read_on(self) -> MutableMapping[str, Any]:
        message = await self._receive_in_time()
        self._n_bytes += len(message.get("body", b""))
        if self._n_bytes > settings.BODY_BYTES_MAX:
            raise TooLarge(bytes_max=settings.BODY_BYTES_MAX)
        if not message.get("more_body", False):
            self._is_whole = True
            # The place among the readers is free for the next one.
            await self._place.aclose()
            await self._place.enter_async_context(making)
        elif self._n_bytes and not self._is_read_at_a_place:
            self._is_read_at_a_place = True
            await self._wait_for_place()
        return message

    async def _wait_for_place(self) -> None:
        """While it waits for us, its time does not run."""
        loop = asyncio.get_running_loop()
        since = loop.time()
        await self._place.enter_async_context(reading)
        assert self._last is not None
        self._last += loop.time() - since

    async def _receive_in_time(self) -> MutableMapping[str, Any]:
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
