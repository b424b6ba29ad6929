"""Wiring: one ASGI application; /collect/* goes past Django."""

from __future__ import annotations

import asyncio
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.settings")

from django.conf import settings
from django.core.asgi import get_asgi_application

django_application: Any = get_asgi_application()

from dure.doors.collect.app import Collecting  # noqa: E402  app ready
from dure.doors.collect.exchange import Receive, Scope, Send  # noqa: E402
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
# Each page in the making holds a connection to the database, which has only so many for all.
PAGES_AT_ONCE = 40
# Streams of news last for minutes, hold no connection, and have limits of their own.
STREAM_ENDING = "/events"
making = asyncio.Semaphore(PAGES_AT_ONCE)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "http" and scope["path"].startswith("/collect/"):
        await collecting(scope, receive, send)
    elif scope["type"] == "http" and not scope["path"].endswith(STREAM_ENDING):
        async with making:
            await django_application(scope, receive, send)
    else:
        await django_application(scope, receive, send)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await collecting.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
