"""News of boards as server-sent events: one connection to PostgreSQL listens for all of them."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import AsyncIterator

import psycopg
from asgiref.sync import sync_to_async
from django.db import connections
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
# Of one process; each is a thread that rests, but holds no connection to PostgreSQL.
READERS_MAX = 500
READERS_OF_ACCOUNT_MAX = 20
# While a reader's right is looked at, it does hold one.
CHECKS_AT_ONCE = 8
FULL_AGAIN_SECONDS = 60


class Listener:
    """Wakes those who wait for news of a call; listens while anybody waits."""

    def __init__(self) -> None:
        self._waiting: dict[int, set[asyncio.Event]] = defaultdict(set)
        self._readers: Counter[int] = Counter()
        self._task: asyncio.Task[None] | None = None
        self._hears = False

    @property
    def n_readers(self) -> int:
        return self._readers.total()

    def has_room(self) -> bool:
        return self.n_readers < READERS_MAX

    def has_room_for(self, account_id: int) -> bool:
        return self._readers[account_id] < READERS_OF_ACCOUNT_MAX

    def join(self, call_id: int, *, account_id: int) -> asyncio.Event:
        event = asyncio.Event()
        # The page that this reader has is older than its wish to hear: what was told in between was
        # told to others alone. Who is not listening yet wakes all when it begins to.
        if self._hears:
            event.set()
        self._waiting[call_id].add(event)
        self._readers[account_id] += 1
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._listen())
        return event

    def leave(self, call_id: int, event: asyncio.Event, *, account_id: int) -> None:
        self._waiting[call_id].discard(event)
        self._readers[account_id] -= 1
        if not self._readers[account_id]:
            del self._readers[account_id]
        if not self._waiting[call_id]:
            del self._waiting[call_id]
        if not self._waiting and self._task is not None:
            self._task.cancel()
            self._task, self._hears = None, False

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
                    self._hears = True
                    self.wake()
                    async for notice in connection.notifies():
                        self.wake(int(notice.payload))
            except (psycopg.OperationalError, ValueError) as error:
                self._hears = False
                log.warning("boards hear nothing just now, trying again", exc_info=error)
            await asyncio.sleep(AGAIN_SECONDS)


listener = Listener()
checks = asyncio.Semaphore(CHECKS_AT_ONCE)


@require_safe
@never_cache
async def events(request: HttpRequest, org: str, call_id: int) -> HttpResponseBase:
    """A line for each change of a call's board; what changed is read from the board's own page."""
    async with checks:
        try:
            account = await request.auser()
            if not isinstance(account, Account):
                return HttpResponse(status=401)
            await sync_to_async(_check)(account, org, call_id)
        except Refusal as refusal:
            return HttpResponse(status=refusal.status)
        finally:
            await sync_to_async(_let_go)()
    # The page asks for its board now and then instead.
    if not listener.has_room_for(account.pk):
        return HttpResponse(status=429, headers={"Retry-After": str(FULL_AGAIN_SECONDS)})
    if not listener.has_room():
        return HttpResponse(status=503, headers={"Retry-After": str(FULL_AGAIN_SECONDS)})
    response = StreamingHttpResponse(
        tell(call_id, account_id=account.pk), content_type="text/event-stream"
    )
    response["X-Accel-Buffering"] = "no"
    return response


events.rights = (Right.READ, None)  # type: ignore[attr-defined]


async def tell(call_id: int, *, account_id: int) -> AsyncIterator[bytes]:
    if not (listener.has_room() and listener.has_room_for(account_id)):
        # Others took the last places since the view looked; the browser comes again by itself.
        yield f"retry: {FULL_AGAIN_SECONDS * 1000}\n\n".encode()
        return
    event = listener.join(call_id, account_id=account_id)
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
        listener.leave(call_id, event, account_id=account_id)


def _check(account: Account, org: str, call_id: int) -> None:
    desk = desk_of(account, org)
    assert has_right(desk.membership, Right.READ)
    desk.call(call_id)


def _let_go() -> None:
    """Django closes connections when the response has ended, which may be in ten minutes."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
