"""/collect/*: join, lease, answers, renew, return, undo, news.

Leases and answers go to the database in groups, see groups.py; the others one query each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from dure.calls.tasks import answers
from dure.calls.tasks.answers import NoSuchCall, NotOpenYet, Query
from dure.calls.tasks.turns import make_turn
from dure.doors.collect import exchange, metrics
from dure.doors.collect.connecting import open_pool
from dure.doors.collect.exchange import Key, Receive, Scope, Send
from dure.doors.collect.groups import Groups
from dure.doors.collect.hosts import Hosts
from dure.doors.collect.limits import Limits
from dure.errors import Away, Busy, Invalid, NotSignedIn, Refusal, Unknown, quote
from dure.people.arrivals import arrivals

CALLS_KNOWN_MAX = 10_000
TASKS_MAX = answers.LEASE_MAX

Rows = list[tuple[Any, ...]]
Verb = Callable[[dict[str, Any], Key], Awaitable[dict[str, Any]]]


class Collecting:
    """The ASGI application; it holds the connections and what it knows of calls."""

    def __init__(
        self, *, is_https: bool = False, limits: Limits | None = None, hosts: Hosts | None = None
    ) -> None:
        self.is_https = is_https
        self._hosts = hosts or Hosts()
        self._limits = limits or Limits()
        self._pool: AsyncConnectionPool | None = None
        self._opening = asyncio.Lock()
        self._groups = Groups(ask=self._ask_when_connected, ask_alone=self._ask_again)
        # Slug to (id, question): fixed once a call is no draft, so it is never asked twice.
        self._calls: dict[str, tuple[int, dict[str, Any]]] = {}
        self._verbs: dict[str, Verb] = {
            "/collect/lease": self._lease,
            "/collect/answers": self._answers,
            "/collect/renew": self._renew,
            "/collect/return": self._return,
            "/collect/undo": self._undo,
            "/collect/news": self._news,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD" and scope["path"] == "/collect/":
            # Whether we are there, asked by who looks after us: told, and not counted.
            await exchange.refuse(send, Unknown("There is nothing at this address."))
            return
        with metrics.OneRequest(scope["path"]) as noted:
            try:
                await self._reply(scope, receive, send)
            except Refusal as refusal:
                await exchange.refuse(send, noted.refused(refusal))
            except psycopg.OperationalError:
                # The database restarts or is overrun; nothing of this request was kept, or all was.
                await exchange.refuse(send, noted.refused(Away()))

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    async def _reply(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._hosts.check(scope)
        path = scope["path"]
        if path != "/collect/join" and path not in self._verbs:
            raise Unknown("There is nothing at this address.")
        if scope["method"] != "POST":
            raise exchange.UsePost
        address = self._limits.admit_address(scope)
        body = await exchange.read_object(scope, receive)
        key = exchange.read_key(scope)
        self._limits.admit_person(key)
        if path == "/collect/join":
            joined = await self._join(body, key, address)
            cookie = exchange.cookie_header(joined["token"], is_https=self.is_https)
            await exchange.reply(send, 200, joined, headers=[cookie])
            return
        if key is None:
            raise NotSignedIn
        await exchange.reply(send, 200, await self._verbs[path](body, key))

    async def _join(
        self, body: dict[str, Any], key: Key | None, address: str | None
    ) -> dict[str, Any]:
        # A stale cookie makes a new person; a stale token sent on purpose is refused.
        crowded = arrivals.admit(address, has_key=key is not None)
        may_be_new = key is None or key.is_cookie
        fresh = answers.new_key() if may_be_new and not crowded else None
        query = answers.join_call(
            slug=_read_slug(body),
            key=key.text if key else None,
            fresh_key=fresh,
            source=body.get("source"),
        )
        try:
            joined = await self._ask(query)
        except NotSignedIn:
            if may_be_new and crowded:
                raise crowded from None
            raise
        if joined["is_new"]:
            arrivals.count(address)
        call = {
            name: value for name, value in joined["call"].items() if name not in ("id", "lease_s")
        }
        token = fresh if joined["is_new"] else key.text if key else None
        return {"contributor": joined["contributor"], "token": token, "call": call}

    async def _lease(self, body: dict[str, Any], key: Key) -> dict[str, Any]:
        call_id, _ = await self._find_call(body)
        return await self._groups.take(call_id, make_turn(key=key.text, lease=body.get("n")))

    async def _answers(self, body: dict[str, Any], key: Key) -> dict[str, Any]:
        call_id, question = await self._find_call(body)
        lease = 0 if body.get("lease") is None else body["lease"]
        batch = answers.read_answers(question=question, given=body.get("answers"))
        turn = make_turn(key=key.text, batch=batch, lease=lease)
        reply = await self._groups.take(call_id, turn)
        metrics.note_answers(
            accepted=len(reply["accepted"]),
            late=len(reply["late"]),
            refused=[one["reason"] for one in reply["refused"]],
        )
        return reply

    async def _renew(self, body: dict[str, Any], key: Key) -> dict[str, Any]:
        call_id, _ = await self._find_call(body)
        query = answers.renew_leases(call_id=call_id, key=key.text, tasks=_read_tasks(body))
        return dict(await self._ask(query))

    async def _return(self, body: dict[str, Any], key: Key) -> dict[str, Any]:
        call_id, _ = await self._find_call(body)
        query = answers.return_tasks(call_id=call_id, key=key.text, tasks=_read_tasks(body))
        return dict(await self._ask(query))

    async def _undo(self, body: dict[str, Any], key: Key) -> dict[str, Any]:
        call_id, _ = await self._find_call(body)
        answer = answers.read_answer_id(body.get("answer"))
        query = answers.undo_answer(call_id=call_id, key=key.text, answer=answer)
        await self._ask(query)
        return {"undone": answer}

    async def _news(self, body: dict[str, Any], key: Key) -> dict[str, Any]:
        call_id, _ = await self._find_call(body)
        tasks = _read_tasks(body, low=0)
        return dict(await self._ask(answers.read_news(call_id=call_id, key=key.text, tasks=tasks)))

    async def _find_call(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        slug = _read_slug(body)
        if known := self._calls.get(slug):
            return known
        found = await self._ask(answers.find_call(slug=slug))
        if found is None:
            raise NoSuchCall
        if found["state"] == "draft":
            raise NotOpenYet
        if len(self._calls) >= CALLS_KNOWN_MAX:
            self._calls.clear()
        self._calls[slug] = (found["id"], found["question"])
        return self._calls[slug]

    async def _ask(self, query: Query) -> Any:
        """The one value that a query gives."""
        ((value,),) = await self._ask_again(query)
        return value

    async def _ask_again(self, query: Query) -> Rows:
        """Run a query, again where another try can mend it; what it refuses is raised."""
        for _ in range(answers.TRIES_MAX):
            try:
                return await self._ask_once(query)
            except answers.PASSING:
                continue
        raise Busy

    async def _ask_once(self, query: Query) -> Rows:
        """Run one query as a transaction of its own; what comes back is committed."""
        return await self._ask_when_connected(lambda: query)

    async def _ask_when_connected(self, form: Callable[[], Query | None]) -> Rows:
        """The same, of a query that is formed once there is a connection, if one is needed then."""
        pool = await self._open_pool()
        tries_left = answers.TRIES_MAX
        while True:
            try:
                async with pool.connection() as connection:
                    if (query := form()) is None:
                        return []
                    cursor = await connection.execute(query.sql, query.parameters)
                    return await cursor.fetchall()
            except (*answers.PASSING, PoolTimeout, TooManyRequests):
                raise
            except psycopg.OperationalError:
                tries_left -= 1
                if not tries_left:
                    raise
                # The server was restarted under us: the pool's other connections are dead too.
                await pool.check()
            except psycopg.Error as error:
                refusal = answers.refusal_of(error)
                if refusal is None:
                    raise
                raise refusal from None

    async def _open_pool(self) -> AsyncConnectionPool:
        if self._pool is None:
            async with self._opening:
                if self._pool is None:
                    self._pool = await open_pool()
        return self._pool


def _read_slug(body: dict[str, Any]) -> str:
    slug = body.get("call")
    if not isinstance(slug, str) or not slug or "\0" in slug:
        raise Invalid(f"call should be the slug of a call; got {quote(slug)}.")
    return slug


def _read_tasks(body: dict[str, Any], *, low: int = 1) -> list[int]:
    tasks = body.get("tasks")
    if not isinstance(tasks, list) or not low <= len(tasks) <= TASKS_MAX:
        raise Invalid(f"tasks should be a list of {low} to {TASKS_MAX} task ids.")
    return [answers.read_task_id(task) for task in tasks]
