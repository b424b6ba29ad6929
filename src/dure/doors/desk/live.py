"""News of boards as server-sent events: one connection to PostgreSQL listens for all of them."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator

import psycopg
from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dure import postgres
from dure.doors.desk.permits import desk_of
from dure.errors import Refusal
from dure.people.models import Account
from dure.people.roles import Right, has_right

log = logging.getLogger(__name__)

# The channel that tasks_tell_boards notifies.
CHANNEL = "dure_boards"
# A line now and then keeps proxies from hanging up, and tells us of readers who have gone.
BEAT_SECONDS = 15.0
# A reader comes again by itself, and its right to read is looked at again.
CONNECTION_SECONDS_MAX = 600.0
AGAIN_SECONDS = 3.0
READERS_MAX = 500


class Listener:
    """Wakes those who wait for news of a call; listens while anybody waits."""

    def __init__(self) -> None:
        self._waiting: dict[int, set[asyncio.Event]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    @property
    def n_readers(self) -> int:
        return sum(len(events) for events in self._waiting.values())

    def join(self, call_id: int) -> asyncio.Event:
        event = asyncio.Event()
        self._waiting[call_id].add(event)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._listen())
        return event

    def leave(self, call_id: int, event: asyncio.Event) -> None:
        self._waiting[call_id].discard(event)
        if not self._waiting[call_id]:
            del self._waiting[call_id]
        if not self._waiting and self._task is not None:
            self._task.cancel()
            self._task = None

    def wake(self, call_id: int | None = None) -> None:
        """Those of one call, or all: after a break nobody knows what was missed."""
        for one in [call_id] if call_id is not None else list(self._waiting):
            for event in self._waiting.get(one, ()):
                event.set()

    async def _listen(self) -> None:
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(
                    postgres.address("app"), autocommit=True
                )
                async with connection:
                    await connection.execute(f"listen {CHANNEL}")
                    self.wake()
                    async for notice in connection.notifies():
                        self.wake(int(notice.payload))
            except (psycopg.OperationalError, ValueError) as error:
                log.warning("boards hear nothing just now, trying again: %s", error)
            await asyncio.sleep(AGAIN_SECONDS)


listener = Listener()


@require_safe
@never_cache
async def events(request: HttpRequest, org: str, call_id: int) -> HttpResponseBase:
    """A line for each change of a call's board; what changed is read from the board's own page."""
    account = await request.auser()
    if not isinstance(account, Account):
        return HttpResponse(status=401)
    try:
        await sync_to_async(_check)(account, org, call_id)
    except Refusal as refusal:
        return HttpResponse(status=refusal.status)
    if listener.n_readers >= READERS_MAX:
        # The page asks for its board now and then instead.
        return HttpResponse(status=503, headers={"Retry-After": "60"})
    response = StreamingHttpResponse(tell(call_id), content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"
    return response


events.rights = (Right.READ, None)  # type: ignore[attr-defined]


async def tell(call_id: int) -> AsyncIterator[bytes]:
    event = listener.join(call_id)
    loop = asyncio.get_running_loop()
    end = loop.time() + CONNECTION_SECONDS_MAX
    try:
        yield b"retry: 3000\n\n"
        while loop.time() < end:
            try:
                await asyncio.wait_for(event.wait(), BEAT_SECONDS)
            except TimeoutError:
                yield b": still here\n\n"
                continue
            event.clear()
            yield b"event: change\ndata: \n\n"
    finally:
        listener.leave(call_id, event)


def _check(account: Account, org: str, call_id: int) -> None:
    desk = desk_of(account, org)
    assert has_right(desk.membership, Right.READ)
    desk.call(call_id)
