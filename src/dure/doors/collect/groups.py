"""Group commit: what many people send to a call within a moment shares one transaction.

A call's turns wait in a line. While a group of them is in the database the next one gathers: so
groups are as large as there is to do, and nobody waits where there is little. A second group goes
beside one that takes long, as when a row is locked. A group gathers until it has a connection; who
is in line for longer than WAIT_SECONDS_MAX, as when the database is away, is sent away for a while.
Nobody gets a reply before the commit. A group that fails goes again, one turn at a time, so that
one turn can not spoil it for others.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import psycopg
from psycopg_pool import PoolTimeout

from dure.calls.tasks import answers
from dure.calls.tasks.answers import Query
from dure.calls.tasks.turns import TURNS_MAX, Turn, is_put_off, read_turn, take_turns
from dure.doors.collect import metrics
from dure.doors.collect.connecting import WAIT_SECONDS_MAX
from dure.errors import Busy, Refusal

# A group that is under way for longer does not hold up the next.
PATIENCE_SECONDS = 0.025
# Groups of one call under way at once.
GROUPS_MAX = 3
# What one group holds at most, beside TURNS_MAX: its locks are held for so much work.
ANSWERS_MAX = 500
# What waits in this process; whoever comes beyond that is told to come again.
WAITING_MAX, ANSWERS_WAITING_MAX = 2000, 10_000
# Of one call, and of one key: the others still get in.
IN_LINE_MAX, OF_KEY_MAX = 1500, 8
# Turns of failed groups that are tried by themselves at once; each may wait for a lock.
ALONE_MAX = 4

Rows = list[tuple[Any, ...]]
Form = Callable[[], Query | None]


@dataclass(slots=True)
class Waiting:
    turn: Turn
    reply: asyncio.Future[dict[str, Any]]
    # By the loop's clock; later it is no longer in line.
    due: float
    # It went with another key of its person before.
    is_put_off: bool = False

    @property
    def n_answers(self) -> int:
        return len(self.turn.batch.answers) if self.turn.batch is not None else 0


@dataclass(slots=True)
class Line:
    """The turns of one call that wait, and how many groups of them are under way."""

    call_id: int
    waiting: deque[Waiting] = field(default_factory=deque)
    under_way: int = 0
    # One of them has no connection yet, and takes all who come meanwhile.
    is_gathering: bool = False
    begun: float = 0.0
    timer: asyncio.TimerHandle | None = None


class Groups:
    """The lines of all calls.

    `ask` runs as one transaction what it is given once it has a connection; `ask_alone` runs a
    query, and tries it again.
    """

    def __init__(
        self,
        *,
        ask: Callable[[Form], Awaitable[Rows]],
        ask_alone: Callable[[Query], Awaitable[Rows]],
    ) -> None:
        self._ask, self._ask_alone = ask, ask_alone
        self._lines: dict[int, Line] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._alone = asyncio.Semaphore(ALONE_MAX)
        self._of_key: Counter[bytes] = Counter()
        self._sweeper: asyncio.TimerHandle | None = None
        self.waiting = self.answers_waiting = 0

    async def take(self, call_id: int, turn: Turn) -> dict[str, Any]:
        """Wait for the turn's commit; gives its reply, or raises what it was refused for."""
        line = self._lines.get(call_id) or Line(call_id)
        if (
            self.waiting >= WAITING_MAX
            or self.answers_waiting >= ANSWERS_WAITING_MAX
            or len(line.waiting) >= IN_LINE_MAX
            or self._of_key[turn.key] >= OF_KEY_MAX
        ):
            raise Busy
        self._lines[call_id] = line
        loop = asyncio.get_running_loop()
        one = Waiting(turn, loop.create_future(), due=loop.time() + WAIT_SECONDS_MAX)
        line.waiting.append(one)
        self._count(one, +1)
        self._sweep_by(one.due)
        self._look_at(line)
        return await one.reply

    def _count(self, one: Waiting, sign: int) -> None:
        self.waiting += sign
        self.answers_waiting += sign * one.n_answers
        self._of_key[one.turn.key] += sign
        if not self._of_key[one.turn.key]:
            del self._of_key[one.turn.key]
        metrics.note_waiting(sign)

    def _look_at(self, line: Line) -> None:
        """Start a group if it is time for one, or see to it that we look again when it is."""
        if not line.waiting or line.is_gathering or line.under_way >= GROUPS_MAX:
            return
        loop = asyncio.get_running_loop()
        wait = line.begun + PATIENCE_SECONDS - loop.time()
        if line.under_way and wait > 0:
            if line.timer is None:
                line.timer = loop.call_later(wait, self._look_again, line)
            return
        line.is_gathering = True
        line.under_way += 1
        task = loop.create_task(self._commit(line))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def _look_again(self, line: Line) -> None:
        line.timer = None
        self._look_at(line)

    def _gather(self, line: Line) -> list[Waiting]:
        group = _form_group(line)
        for one in group:
            self._count(one, -1)
        line.is_gathering = False
        line.begun = asyncio.get_running_loop().time()
        self._look_at(line)
        return group

    def _sweep_by(self, due: float) -> None:
        """One timer for all lines, at most as late as the first turn in them is due."""
        if self._sweeper is not None:
            if self._sweeper.when() <= due:
                return
            self._sweeper.cancel()
        self._sweeper = asyncio.get_running_loop().call_at(due, self._sweep)

    def _sweep(self) -> None:
        """Send away who is overdue: of what is in no transaction, nothing was kept."""
        self._sweeper = None
        now = asyncio.get_running_loop().time()
        for line in self._lines.values():
            while line.waiting and line.waiting[0].due <= now:
                one = line.waiting.popleft()
                self._count(one, -1)
                _settle(one, Busy())
            if line.waiting:
                self._sweep_by(line.waiting[0].due)

    async def _commit(self, line: Line) -> None:
        group: list[Waiting] = []
        outcomes: Sequence[tuple[Any, ...] | Exception] = ()
        try:
            outcomes = await self._commit_together(line, group)
        except Exception as error:
            if not group:
                line.is_gathering = False
                # Who waits for a connection may go on with it, until it is overdue.
                group = [] if isinstance(error, PoolTimeout) else self._gather(line)
            # Our own mistake, or the database is away: nobody is left waiting for ever.
            outcomes = [error] * len(group)
        finally:
            line.under_way -= 1
            settled = zip(group, outcomes, strict=False)
            # The next group first, so that the database works while we reply.
            replies = [pair for pair in settled if not self._put_off(line, *pair)]
            self._look_at(line)
            if not line.waiting and not line.under_way:
                self._lines.pop(line.call_id, None)
            for one, outcome in replies:
                _settle(one, outcome)

    def _put_off(self, line: Line, one: Waiting, outcome: tuple[Any, ...] | Exception) -> bool:
        """Back to the front of the line with a turn that went with another of its person."""
        if isinstance(outcome, Exception) or not is_put_off(outcome):
            return False
        one.is_put_off = True
        line.waiting.appendleft(one)
        self._count(one, +1)
        self._sweep_by(one.due)
        return True

    async def _commit_together(
        self, line: Line, group: list[Waiting]
    ) -> Sequence[tuple[Any, ...] | Exception]:
        """Fills the group once there is a connection."""

        def form() -> Query | None:
            group.extend([] if group else self._gather(line))
            turns = [one.turn for one in group]
            return take_turns(call_id=line.call_id, turns=turns) if turns else None

        since = perf_counter()
        try:
            rows = await self._ask(form)
        except psycopg.Error as error:
            if isinstance(error, psycopg.OperationalError) and not isinstance(
                error, answers.PASSING
            ):
                # The database is away or overrun: it kept nothing, or all; both may come again.
                raise
        except Refusal:
            # Such as of a call that is not there; each is told so.
            pass
        else:
            assert len(rows) == len(group)
            if group:
                metrics.note_commit(turns=len(group), seconds=perf_counter() - since)
            return rows
        metrics.note_alone()
        return await asyncio.gather(*(self._commit_alone(line.call_id, one) for one in group))

    async def _commit_alone(self, call_id: int, one: Waiting) -> tuple[Any, ...] | Exception:
        async with self._alone:
            if one.due <= asyncio.get_running_loop().time():
                return Busy()
            since = perf_counter()
            try:
                (row,) = await self._ask_alone(take_turns(call_id=call_id, turns=[one.turn]))
            except (psycopg.Error, Refusal) as error:
                return error
            metrics.note_commit(turns=1, seconds=perf_counter() - since)
            return row


def _form_group(line: Line) -> list[Waiting]:
    """The oldest turns, one of each key, and one of those put off; the others keep their order.

    So many keys of one person take no more of a group than one.
    """
    group: list[Waiting] = []
    passed_over: list[Waiting] = []
    keys: set[bytes] = set()
    n_answers = n_put_off = 0
    while line.waiting and len(group) < TURNS_MAX and n_answers < ANSWERS_MAX:
        one = line.waiting.popleft()
        if one.turn.key in keys or (one.is_put_off and n_put_off):
            passed_over.append(one)
        else:
            keys.add(one.turn.key)
            group.append(one)
            n_answers += one.n_answers
            n_put_off += one.is_put_off
    line.waiting.extendleft(reversed(passed_over))
    return group


def _settle(one: Waiting, outcome: tuple[Any, ...] | Exception) -> None:
    # The client may have gone meanwhile.
    if one.reply.done():
        return
    try:
        if isinstance(outcome, Exception):
            raise outcome
        one.reply.set_result(read_turn(one.turn, outcome))
    except Exception as error:
        one.reply.set_exception(error)
