"""What a contributor learns of the others, and above all what not (invariant 4)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from dure.calls.models import Call
from dure.doors.collect.app import Collecting
from tests.asgi import Reply, request
from tests.factories import HOW_MANY, WHICH_NAME
from tests.phones import answer, join, lease, new_call, owner_sql

MULTI = {"type": "multi", "text": "Which?", "options": ["a", "b", "c"]}
PAIR = {"type": "pair", "text": "Which is nicer?"}


async def ask(door: Collecting, call: Call, token: str, *tasks: int) -> Reply:
    body = {"call": call.slug, "tasks": list(tasks)}
    return await request(door, "/collect/news", body, token=token)


async def others(door: Collecting, call: Call, token: str, *tasks: int) -> list[dict[str, Any]]:
    reply = await ask(door, call, token, *tasks)
    assert reply.status == 200, reply.json()
    return list(reply.json()["others"])


async def give(door: Collecting, call: Call, value: Any) -> tuple[str, int]:
    """A new person answers the call's first task."""
    token = await join(door, call)
    [task] = await lease(door, call, token)
    reply = await answer(door, call, token, task["id"], value)
    assert len(reply.json()["accepted"]) == 1, reply.json()
    return token, task["id"]


def pass_time(seconds: int) -> None:
    owner_sql(
        "create or replace function collect.now() returns timestamptz language sql volatile"
        f" as 'select clock_timestamp() + interval ''{seconds} seconds'''"
    )


@pytest.mark.parametrize(
    ("question", "values", "mine", "told"),
    [
        (None, ["yes", "yes", "no"], "yes", {"shares": {"yes": 2, "no": 1}}),
        (HOW_MANY, [10, 20, 31], 5, {"mean": 20.33}),
        (MULTI, [["a", "b"], ["b"], []], ["c"], {"shares": {"a": 1, "b": 2}}),
        (PAIR, ["left", "same", "left"], "right", {"shares": {"left": 2, "same": 1}}),
        (WHICH_NAME, ["하나", "둘", "셋"], "넷", {"texts": ["셋", "둘", "하나"]}),
    ],
)
async def test_after_own_tells_the_others_once_ones_own_answer_stands(
    door: Collecting, question: Any, values: list[Any], mine: Any, told: dict[str, Any]
) -> None:
    call = await new_call(question=question, visibility="after_own", n_tasks=1)
    for value in values:
        await give(door, call, value)
    token, task = await give(door, call, mine)

    before = await others(door, call, token, task)
    pass_time(10)

    assert before == []
    assert await others(door, call, token, task) == [{"task": task, "answers": 3, **told}]


async def test_sealed_calls_tell_nothing_whatever_the_others_answered(door: Collecting) -> None:
    call = await new_call(n_tasks=1)
    token, task = await give(door, call, "yes")
    pass_time(60)
    alone = (await ask(door, call, token, task)).json()
    for value in ("yes", "no"):
        await give(door, call, value)

    together = (await ask(door, call, token, task)).json()

    assert alone == {"state": "open", "progress": 0, "mine": 1, "others": []}
    assert together == alone


async def test_progress_is_told_in_whole_tenths(door: Collecting) -> None:
    call = await new_call(n_tasks=2, answers_max=10)
    owner_sql("insert into tasks_tally (call_id, slot, tasks) values (%s, 0, 2)", call.pk)
    for _ in range(5):
        token, _ = await give(door, call, "yes")

    assert (await ask(door, call, token)).json()["progress"] == 2


@pytest.mark.parametrize("how", ["skip", "undone", "nothing", "another's"])
async def test_whoever_has_no_answer_that_stands_learns_nothing(door: Collecting, how: str) -> None:
    call = await new_call(visibility="after_own", n_tasks=2)
    _, first = await give(door, call, "yes")
    token = await join(door, call)
    tasks = [task["id"] for task in await lease(door, call, token, n=2)]
    assert tasks[0] == first
    if how == "skip":
        await answer(door, call, token, first, None)
    elif how == "undone":
        given = str(uuid4())
        await answer(door, call, token, first, "yes", fields={"id": given})
        await request(door, "/collect/undo", {"call": call.slug, "answer": given}, token=token)
    elif how == "another's":
        await answer(door, call, token, tasks[1], "yes")
    pass_time(60)

    assert await others(door, call, token, first) == []


async def test_answers_that_do_not_count_are_not_told(door: Collecting) -> None:
    call = await new_call(visibility="after_own", n_tasks=1, lease_s=300)
    await give(door, call, None)
    undone = await join(door, call)
    [task] = await lease(door, call, undone)
    given = str(uuid4())
    await answer(door, call, undone, task["id"], "no", fields={"id": given})
    await request(door, "/collect/undo", {"call": call.slug, "answer": given}, token=undone)
    token, task_id = await give(door, call, "yes")
    pass_time(30)

    assert await others(door, call, token, task_id) == [
        {"task": task_id, "answers": 0, "shares": {}}
    ]


@pytest.mark.parametrize("how", ["close", "reveal"])
async def test_sealed_answers_are_open_to_who_answered_once_revealed_or_closed(
    door: Collecting, how: str
) -> None:
    call = await new_call(n_tasks=2)
    await give(door, call, "no")
    token, task = await give(door, call, "yes")
    if how == "close":
        owner_sql("update calls_call set state = 'closed' where id = %s", call.pk)
    else:
        owner_sql(
            "insert into calls_callchange (call_id, step, at, by)"
            " values (%s, 'reveal', now(), 't')",
            call.pk,
        )

    told = await others(door, call, token, task, task + 1)

    assert told == [{"task": task, "answers": 1, "shares": {"no": 1}}]


async def test_news_are_for_those_who_take_part(door: Collecting) -> None:
    call, other = await new_call(), await new_call()
    stranger = await join(door, other)
    draft = await new_call(state="draft")
    token = await join(door, call)

    assert (await ask(door, call, stranger)).status == 403
    assert (await ask(door, call, "dure_p_unknown")).status == 401
    assert (await ask(door, draft, token)).status == 409
    assert (await ask(door, call, token, *range(1, 52))).json()["detail"] == (
        "tasks should be a list of 0 to 50 task ids."
    )


async def test_tasks_of_another_call_tell_nothing(door: Collecting) -> None:
    call = await new_call(visibility="after_own", n_tasks=1)
    other = await new_call(visibility="after_own", n_tasks=1)
    token, _ = await give(door, call, "yes")
    _, foreign = await give(door, other, "yes")
    pass_time(60)

    assert await others(door, call, token, foreign) == []


async def test_rankings_name_only_items_of_their_task(door: Collecting) -> None:
    call = await new_call(question={"type": "rank", "text": "Order?"}, n_tasks=2, language="ko")
    owner_sql(
        "update tasks_task set content = %s::jsonb where call_id = %s",
        '{"items": ["a", {"en": "bee", "ko": "벌"}]}',
        call.pk,
    )
    token = await join(door, call)
    first, second = await lease(door, call, token, n=2)

    good = await answer(door, call, token, first["id"], ["벌", "a"])
    bad = await answer(door, call, token, second["id"], ["bee", "a"])

    assert len(good.json()["accepted"]) == 1
    (refused,) = bad.json()["refused"]
    assert (refused["reason"], refused["detail"]) == (
        "bad-value",
        "The ranking names an item that its task does not have; rank the task's own items.",
    )


async def test_returned_tasks_come_first_when_the_person_comes_back(door: Collecting) -> None:
    call = await new_call(n_tasks=9)
    token = await join(door, call)
    tasks = [task["id"] for task in await lease(door, call, token, n=4)]
    await answer(door, call, token, tasks[0], "yes")

    await request(door, "/collect/return", {"call": call.slug, "tasks": tasks[1:]}, token=token)
    again = [task["id"] for task in await lease(door, call, token, n=3)]

    assert again == tasks[1:]
