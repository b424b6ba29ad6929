"""Wiring: one ASGI application; /collect/* goes past Django."""

from __future__ import annotations

import asyncio
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.settings")

from django.conf import settings
from django.core.asgi import get_asgi_application

django_application: Any = get_asgi_application()

from dure import postgres  # noqa: E402  app ready
from dure.doors.collect import metrics  # noqa: E402  app ready
from dure.doors.collect.app import Collecting  # noqa: E402  app ready
from dure.doors.collect.exchange import Receive, Scope, Send  # noqa: E402

collecting = Collecting(is_https=settings.IS_HTTPS)
# Each page in the making holds a connection to the database, which has only so many for all: the
# web processes of a server share these.
PAGES_AT_ONCE, PAGES_AT_ONCE_MIN = 40, 5
# Streams of news last for minutes, hold no connection, and have limits of their own.
STREAM_ENDING = "/events"
making = asyncio.Semaphore(PAGES_AT_ONCE)


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
        async with making:
            await django_application(scope, receive, send)
    else:
        await django_application(scope, receive, send)


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
