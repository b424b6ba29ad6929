"""Group commit: many share a transaction, none can spoil it, nobody is answered before it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from dure import postgres
from dure.calls.models import Call
from dure.calls.tasks.answers import ANSWERS_MAX, Query, read_answers
from dure.calls.tasks.merging import find_person, merge_persons
from dure.calls.tasks.questions import check_question
from dure.calls.tasks.turns import AGAIN, make_turn
from dure.doors.collect import groups
from dure.doors.collect.app import Collecting
from dure.doors.collect.connecting import CONNECTIONS_MAX
from dure.errors import Busy
from tests.asgi import Reply, request
from tests.factories import YES_NO
from tests.phones import answer, join, lease, new_call, owner_sql
from tests.serving import wait_until

PEOPLE = 20
WAITS_FOR_A_LOCK = "select 1 from pg_locks where not granted"
WAITS_FOR_42 = "select 1 from pg_locks where locktype = 'advisory' and objid = 42 and not granted"


def connected(
    ask: Callable[[Query], Awaitable[groups.Rows]],
) -> Callable[[groups.Form], Awaitable[groups.Rows]]:
    """As with a connection at hand."""

    async def ask_formed(form: groups.Form) -> groups.Rows:
        query = form()
        return await ask(query) if query is not None else []

    return ask_formed


async def people_with_tasks(
    door: Collecting, call: Call, n: int = PEOPLE
) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for _ in range(n):
        token = await join(door, call)
        (task,) = await lease(door, call, token)
        found.append((token, task))
    return found


async def test_answers_that_come_at_once_share_transactions(door: Collecting) -> None:
    call = await new_call(n_tasks=4, answers_max=5)
    people = await people_with_tasks(door, call)

    replies = await asyncio.gather(
        *(answer(door, call, token, task["id"], "yes") for token, task in people)
    )

    assert [len(reply.json()["accepted"]) for reply in replies] == [1] * PEOPLE
    ((transactions,),) = owner_sql("select count(distinct xmin::text) from tasks_answer")
    assert transactions < PEOPLE / 2


async def test_bad_requests_in_the_middle_leave_the_others_untouched(door: Collecting) -> None:
    call = await new_call(n_tasks=2, answers_max=5)
    people = await people_with_tasks(door, call, 4)
    (anna, task), (ben, _), (chris, _), (dora, _) = people
    await asyncio.to_thread(owner_sql, "update people_personkey set revoked_at = now() where id ="
                            " (select max(id) from people_personkey)")  # fmt: skip

    replies: list[Reply] = await asyncio.gather(
        answer(door, call, anna, task["id"], "yes"),
        answer(door, call, "dure_p_nobody", task["id"], "yes"),
        answer(door, call, ben, 10**12, "yes"),
        answer(door, call, chris, task["id"], "yes"),
        answer(door, call, dora, task["id"], "yes"),
        request(door, "/collect/answers", {"call": call.slug, "answers": []}, token=anna),
    )

    assert [reply.status for reply in replies] == [200, 401, 200, 200, 401, 422]
    assert len(replies[0].json()["accepted"]) == 1
    assert replies[2].json()["refused"][0]["reason"] == "unknown-task"
    assert len(replies[3].json()["accepted"]) == 1


async def test_two_keys_of_one_person_at_once_are_served_one_after_the_other(
    door: Collecting,
) -> None:
    call = await new_call(n_tasks=1, answers_max=5)
    people = await people_with_tasks(door, call, 5)
    phone, laptop = people[0][0], people[1][0]
    await sync_to_async(_become_one)(laptop, phone)

    replies = await asyncio.gather(
        *(answer(door, call, token, task["id"], "yes") for token, task in people)
    )

    fates = [reply.json() for reply in replies]
    assert [len(fate["accepted"]) for fate in fates[2:]] == [1, 1, 1]
    assert sorted(len(fate["accepted"]) for fate in fates[:2]) == [0, 1]
    assert owner_sql("select counted, leased from tasks_taskprogress") == [(4, 0)]


async def test_somebody_who_has_to_wait_for_a_lock_does_not_hold_up_the_others(
    door: Collecting,
) -> None:
    call = await new_call(n_tasks=2, answers_min=1, answers_max=1)
    (anna, first), (ben, second) = await people_with_tasks(door, call, 2)
    with postgres.connect("owner") as owner, owner.transaction():
        owner.execute("select from tasks_taskprogress where task_id = %s for update", [first["id"]])
        waiting = asyncio.create_task(answer(door, call, anna, first["id"], "yes"))
        await asyncio.to_thread(wait_until, lambda: bool(owner_sql(WAITS_FOR_A_LOCK)))

        served = await answer(door, call, ben, second["id"], "yes")

        assert len(served.json()["accepted"]) == 1
        assert not waiting.done()
    assert len((await waiting).json()["accepted"]) == 1


async def test_nobody_is_answered_before_the_commit(door: Collecting) -> None:
    call = await new_call(n_tasks=1, answers_max=5)
    people = await people_with_tasks(door, call, 3)
    make_commits_wait_for_42()
    with postgres.connect("owner") as owner, owner.transaction():
        owner.execute("select pg_advisory_xact_lock(42)")
        sent = [
            asyncio.create_task(answer(door, call, token, task["id"], "yes"))
            for token, task in people
        ]
        await asyncio.to_thread(wait_until, lambda: bool(owner_sql(WAITS_FOR_42)))

        assert not any(one.done() for one in sent)
        assert owner_sql("select count(*) from tasks_answer") == [(0,)]
    assert [len((await one).json()["accepted"]) for one in sent] == [1, 1, 1]
    assert owner_sql("select count(*) from tasks_answer") == [(3,)]


async def test_a_full_line_sends_people_away_for_a_moment_and_loses_nothing(
    door: Collecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await new_call(n_tasks=4, answers_max=5)
    people = await people_with_tasks(door, call, 12)
    monkeypatch.setattr(groups, "WAITING_MAX", 3)
    with postgres.connect("owner") as owner, owner.transaction():
        owner.execute("select pg_advisory_xact_lock(collect.call_lock(%s))", [call.pk])
        sent = [
            asyncio.create_task(answer(door, call, token, task["id"], "yes"))
            for token, task in people
        ]
        # Only who is sent away hears anything while the lock is held.
        await asyncio.wait(sent, return_when=asyncio.FIRST_COMPLETED)
    replies = [await one for one in sent]

    statuses = [reply.status for reply in replies]
    assert set(statuses) == {200, 503}
    refused = next(reply for reply in replies if reply.status == 503)
    assert refused.json()["code"] == "busy"
    assert int(refused.headers["retry-after"]) >= 1
    assert owner_sql("select count(*) from tasks_answer") == [(statuses.count(200),)]
    again = [await answer(door, call, token, task["id"], "yes") for token, task in people]
    assert sum(len(reply.json()["accepted"]) for reply in again) == statuses.count(503)


async def test_a_client_that_went_away_does_not_keep_the_others_from_their_replies(
    door: Collecting,
) -> None:
    call = await new_call(n_tasks=2, answers_max=5)
    people = await people_with_tasks(door, call, 6)
    sent = [
        asyncio.create_task(answer(door, call, token, task["id"], "yes")) for token, task in people
    ]
    await asyncio.sleep(0)
    sent[2].cancel()

    replies = await asyncio.gather(*sent, return_exceptions=True)

    assert isinstance(replies[2], asyncio.CancelledError)
    others = [reply for reply in replies if isinstance(reply, Reply)]
    assert [len(reply.json()["accepted"]) for reply in others] == [1] * 5


async def test_a_reply_that_can_not_be_read_fails_alone_and_nobody_waits_for_ever() -> None:
    async def ask(query: Query) -> list[tuple[Any, ...]]:
        return [(None, None, "[]", False), ("DU999", None, "[]", False), (None, None, "[]", True)]

    lines = groups.Groups(ask=connected(ask), ask_alone=ask)
    lines._lines[1] = line = groups.Line(1, under_way=groups.GROUPS_MAX)
    turns = [make_turn(key=f"dure_p_{n}", lease=1) for n in range(3)]
    waiting = [asyncio.create_task(lines.take(1, turn)) for turn in turns]
    await asyncio.sleep(0)
    line.under_way = 0
    lines._look_at(line)

    replies = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 60)

    assert [type(reply) for reply in replies] == [dict, KeyError, dict]


async def test_many_keys_of_one_person_take_no_more_of_a_group_than_one() -> None:
    sizes = []

    async def ask(query: Query) -> list[tuple[Any, ...]]:
        ours = [part for part in query.parameters[1].strip("{}").split(",") if part in merged]
        sizes.append((len(ours), query.parameters[1].count("x")))
        first = ours[:1]
        return [
            (AGAIN if part in merged and [part] != first else None, None, "[]", False)
            for part in query.parameters[1].strip("{}").split(",")
        ]

    merged = {_written(f"dure_p_{n}") for n in range(40)}
    lines = groups.Groups(ask=connected(ask), ask_alone=ask)
    turns = [make_turn(key=f"dure_p_{n}", lease=1) for n in range(200)]

    replies = await asyncio.gather(*(lines.take(1, turn) for turn in turns))

    assert len(replies) == 200
    # Once they are told apart, each group has one of them, and the others are served at once.
    together = [ours for ours, _ in sizes if ours > 1]
    assert len(together) <= 2
    assert sum(all_ for _, all_ in sizes) <= 200 + sum(together)
    assert lines.waiting == 0


async def test_one_key_does_not_fill_the_line() -> None:
    held = asyncio.Event()

    async def ask(query: Query) -> list[tuple[Any, ...]]:
        await held.wait()
        return [(None, None, "[]", False)] * query.parameters[1].count("x")

    lines = groups.Groups(ask=connected(ask), ask_alone=ask)
    greedy = make_turn(key="dure_p_greedy", lease=1)
    sent = [asyncio.create_task(lines.take(1, greedy)) for _ in range(50)]
    await asyncio.sleep(0)
    modest = asyncio.create_task(lines.take(1, make_turn(key="dure_p_modest", lease=1)))
    await asyncio.sleep(0)
    held.set()

    replies = await asyncio.gather(*sent, return_exceptions=True)

    assert (await modest)["tasks"] is not None
    served = [reply for reply in replies if not isinstance(reply, Busy)]
    assert len(served) == groups.OF_KEY_MAX


def _written(key: str) -> str:
    return f'"\\\\x{make_turn(key=key, lease=1).key.hex()}"'


async def test_many_answers_do_not_go_in_one_group() -> None:
    question = check_question(YES_NO)
    sizes = []

    async def ask(query: Query) -> list[tuple[Any, ...]]:
        n = query.parameters[1].count("x")
        sizes.append(n)
        return [(None, ["no-lease"] * ANSWERS_MAX, "[]", False)] * n

    lines = groups.Groups(ask=connected(ask), ask_alone=ask)
    given = [{"id": str(uuid4()), "task": 1, "value": "yes"} for _ in range(ANSWERS_MAX)]
    batch = read_answers(question=question, given=given)
    turns = [make_turn(key=f"dure_p_{n}", batch=batch) for n in range(40)]

    await asyncio.gather(*(lines.take(1, turn) for turn in turns))

    assert sum(sizes) == 40
    assert max(sizes) * ANSWERS_MAX <= groups.ANSWERS_MAX
    assert (lines.waiting, lines.answers_waiting) == (0, 0)


async def test_who_waits_too_long_for_a_connection_is_sent_away_and_the_line_is_empty(
    door: Collecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await new_call(n_tasks=4, answers_max=5)
    people = await people_with_tasks(door, call, 12)
    monkeypatch.setattr(groups, "WAIT_SECONDS_MAX", 0.2)
    pool, lines, body = await door._open_pool(), door._groups, {"call": call.slug, "n": 1}
    async with AsyncExitStack() as held:
        for _ in range(CONNECTIONS_MAX):
            await held.enter_async_context(pool.connection())
        replies = await asyncio.gather(
            *(request(door, "/collect/lease", body, token=token) for token, _ in people),
            *(answer(door, call, people[0][0], people[0][1]["id"], "yes") for _ in range(6)),
        )
        assert (lines.waiting, lines.answers_waiting, lines._of_key) == (0, 0, {})
    monkeypatch.undo()
    again = await asyncio.gather(
        *(answer(door, call, token, task["id"], "yes") for token, task in people)
    )

    assert [reply.status for reply in replies] == [503] * 18
    assert [len(reply.json()["accepted"]) for reply in again] == [1] * 12
    assert (lines.waiting, lines.answers_waiting, lines._lines) == (0, 0, {})


async def test_a_turn_in_a_transaction_is_waited_for_and_who_stands_behind_it_is_not_kept(
    door: Collecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await new_call(n_tasks=4, answers_max=5)
    people = await people_with_tasks(door, call, 8)
    make_commits_wait_for_42()
    monkeypatch.setattr(groups, "WAIT_SECONDS_MAX", 0.2)
    with postgres.connect("owner") as owner, owner.transaction():
        owner.execute("select pg_advisory_xact_lock(42)")
        (token, task), *others = people
        first = asyncio.create_task(answer(door, call, token, task["id"], "yes"))
        await asyncio.to_thread(wait_until, lambda: bool(owner_sql(WAITS_FOR_42)))
        replies = await asyncio.gather(
            *(answer(door, call, token, task["id"], "yes") for token, task in others)
        )
        assert not first.done()

    assert [reply.status for reply in [await first, *replies]] == [200] + [503] * 7
    assert owner_sql("select count(*) from tasks_answer") == [(1,)]


def make_commits_wait_for_42() -> None:
    """Each commit with an answer in it waits at its end for a lock that the test holds."""
    owner_sql(
        "create function wait_at_commit() returns trigger language plpgsql as $$"
        " begin perform pg_advisory_xact_lock(42); return null; end $$"
    )
    owner_sql(
        "create constraint trigger commits_wait after insert on tasks_answer"
        " deferrable initially deferred for each row execute function wait_at_commit()"
    )


def _become_one(laptop: str, phone: str) -> None:
    merge_persons(person_id=find_person(key=laptop).pk, into_id=find_person(key=phone).pk)
