"""Many at once at the collecting door: nobody counts twice, no task gets too many."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from dure.doors.collect.app import Collecting
from tests.phones import answer, join, lease, new_call, owner_sql


async def test_at_once_no_task_goes_to_more_people_than_its_maximum(door: Collecting) -> None:
    call = await new_call(n_tasks=4, answers_min=1, answers_max=2)
    tokens = [await join(door, call) for _ in range(8)]

    async def work(token: str) -> int:
        n = 0
        while tasks := await lease(door, call, token, n=1):
            reply = await answer(door, call, token, tasks[0]["id"], "yes")
            n += len(reply.json()["accepted"])
        return n

    done = await asyncio.gather(*(work(token) for token in tokens))

    assert sum(done) == 8
    assert owner_sql("select distinct counted, leased from tasks_taskprogress") == [(2, 0)]


async def test_one_person_in_two_tabs_answers_a_task_once(door: Collecting) -> None:
    call = await new_call(n_tasks=1, answers_max=5)
    token = await join(door, call)
    (task,) = await lease(door, call, token)

    replies = await asyncio.gather(
        *(answer(door, call, token, task["id"], "yes") for _ in range(6))
    )

    assert sum(len(reply.json()["accepted"]) for reply in replies) == 1
    assert owner_sql("select count(*) from tasks_answer") == [(1,)]


async def test_the_same_id_from_two_people_at_once_is_one_answer(door: Collecting) -> None:
    call = await new_call(n_tasks=1, answers_max=5)
    tokens = [await join(door, call) for _ in range(4)]
    leased = [await lease(door, call, token) for token in tokens]
    task = leased[0][0]
    identity = str(uuid4())

    replies = await asyncio.gather(
        *(answer(door, call, token, task["id"], "yes", fields={"id": identity}) for token in tokens)
    )

    bodies = [reply.json() for reply in replies]
    assert sum(body["accepted"] == [identity] for body in bodies) == 1
    assert sum(body["refused"] == [{"id": identity, "reason": "id-reused"}] for body in bodies) == 3
