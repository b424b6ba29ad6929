"""The contract of /collect/*, against the real functions and a real database."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from asgiref.sync import sync_to_async

from dure import postgres
from dure.doors.collect.app import Collecting
from dure.doors.collect.exchange import BODY_BYTES_MAX
from tests.asgi import request
from tests.factories import HOW_MANY
from tests.phones import answer, join, lease, new_call, owner_sql


async def test_join_gives_a_pseudonym_a_token_and_the_call_but_no_personal_data_is_asked(
    door: Collecting,
) -> None:
    call = await new_call(brief="Look closely.", promise={"kind": "nothing"})

    reply = await request(door, "/collect/join", {"call": call.slug})

    body = reply.json()
    assert sorted(body) == ["call", "contributor", "token"]
    assert body["call"] == {
        "slug": call.slug,
        "title": "A call",
        "brief": "Look closely.",
        "language": "en",
        "state": "open",
        "visibility": "sealed",
        "promise": {"kind": "nothing"},
        "question": call.question,
    }
    assert reply.headers["set-cookie"].startswith(f"dure_person={body['token']}; Path=/;")
    assert "HttpOnly" in reply.headers["set-cookie"]


async def test_token_and_cookie_make_the_same_person_and_a_stale_cookie_a_new_one(
    door: Collecting,
) -> None:
    call = await new_call()
    first = (await request(door, "/collect/join", {"call": call.slug})).json()
    body = {"call": call.slug}

    by_token = await request(door, "/collect/join", body, token=first["token"])
    by_cookie = await request(door, "/collect/join", body, cookie=f"dure_person={first['token']}")
    stale = await request(door, "/collect/join", body, cookie="dure_person=dure_p_gone")
    stale_token = await request(door, "/collect/join", body, token="dure_p_gone")

    assert by_token.json() == by_cookie.json() == first
    assert stale.status == 200
    assert stale.json()["contributor"] != first["contributor"]
    assert stale_token.status == 401


async def test_one_person_has_a_pseudonym_of_its_own_in_each_call(door: Collecting) -> None:
    here, there = await new_call(), await new_call()
    first = (await request(door, "/collect/join", {"call": here.slug})).json()

    second = await request(door, "/collect/join", {"call": there.slug}, token=first["token"])

    assert second.json()["token"] == first["token"]
    assert second.json()["contributor"] != first["contributor"]


@pytest.mark.parametrize(
    ("state", "status"), [("draft", 409), ("open", 200), ("paused", 200), ("closed", 200)]
)
async def test_join_works_except_on_a_draft(door: Collecting, state: str, status: int) -> None:
    call = await new_call(state=state)

    reply = await request(door, "/collect/join", {"call": call.slug})

    assert reply.status == status


async def test_lease_hands_out_held_tasks_first_and_says_whether_to_ask_again(
    door: Collecting,
) -> None:
    call = await new_call(n_tasks=3)
    token = await join(door, call)
    body = {"call": call.slug, "n": 2}

    first = (await request(door, "/collect/lease", body, token=token)).json()
    again = (await request(door, "/collect/lease", body, token=token)).json()
    all_three = (await request(door, "/collect/lease", {**body, "n": 5}, token=token)).json()

    assert [sorted(task) for task in first["tasks"]] == [["content", "id", "until"]] * 2
    assert again == first
    assert first["more"] is True
    assert [t["id"] for t in all_three["tasks"]][:2] == [t["id"] for t in first["tasks"]]
    assert (len(all_three["tasks"]), all_three["more"]) == (3, False)


async def test_open_call_with_nothing_left_answers_without_tasks(door: Collecting) -> None:
    call = await new_call(n_tasks=1)
    token = await join(door, call)
    (task,) = await lease(door, call, token)

    reply = (await answer(door, call, token, task["id"], "yes", lease=5)).json()

    assert len(reply["accepted"]) == 1
    assert (reply["late"], reply["refused"], reply["tasks"], reply["more"]) == ([], [], [], False)


async def test_answer_sent_again_is_accepted_again_and_stored_once(door: Collecting) -> None:
    call = await new_call()
    token = await join(door, call)
    (task,) = await lease(door, call, token)
    given = {"id": str(uuid4()).upper(), "task": task["id"], "value": "yes", "ms": 900}
    body = {"call": call.slug, "answers": [given]}

    replies = [await request(door, "/collect/answers", body, token=token) for _ in range(3)]

    assert [reply.json()["accepted"] for reply in replies] == [[given["id"]]] * 3
    assert owner_sql("select value, ms from tasks_answer") == [("yes", 900)]


async def test_each_refusal_has_its_reason_and_good_answers_beside_it_are_kept(
    door: Collecting,
) -> None:
    call = await new_call(n_tasks=4)
    token = await join(door, call)
    tasks = await lease(door, call, token, n=3)
    ids = [task["id"] for task in tasks]
    (unleased,) = [
        row[0]
        for row in await sync_to_async(owner_sql)(
            "select id from tasks_task where id <> all (%s)", ids
        )
    ]
    first = {"id": str(uuid4()), "task": ids[0], "value": "no"}
    given = [
        first,
        {"id": str(uuid4()), "task": ids[0], "value": "yes"},
        {"id": first["id"], "task": ids[1], "value": "yes"},
        {"id": str(uuid4()), "task": ids[1], "value": "perhaps"},
        {"id": str(uuid4()), "task": 10**12, "value": "yes"},
        {"id": str(uuid4()), "task": unleased, "value": "yes"},
        {"id": str(uuid4()), "task": ids[2], "value": None},
    ]

    reply = await request(
        door, "/collect/answers", {"call": call.slug, "answers": given}, token=token
    )

    body = reply.json()
    assert body["accepted"] == [given[0]["id"], given[6]["id"]]
    reasons = {refused["id"]: refused["reason"] for refused in body["refused"]}
    assert reasons == {
        given[1]["id"]: "already-answered",
        given[2]["id"]: "id-reused",
        given[3]["id"]: "bad-value",
        given[4]["id"]: "unknown-task",
        given[5]["id"]: "no-lease",
    }
    assert body["refused"][0]["detail"] == "Expected 'yes' or 'no'; got 'perhaps'."


@pytest.mark.parametrize("field", ["id", "task", "value", "prediction", "phase", "ms", "n", "call"])
async def test_what_came_is_not_sent_back_at_length(door: Collecting, field: str) -> None:
    call = await new_call(
        n_tasks=1,
        question={"type": "number", "text": "How many?", "predict": True},
    )
    token = await join(door, call)
    (task,) = await lease(door, call, token, n=1)
    signs = "\x7f" * 100_000
    given = {"id": str(uuid4()), "task": task["id"], "value": 3, field: signs}
    path, body = "/collect/answers", {"call": call.slug, "answers": [given]}
    if field in ("n", "call"):
        path, body = "/collect/lease", {"call": call.slug, "n": 1, field: signs}

    reply = await request(door, path, body, token=token)

    assert 200 <= reply.status < 500
    assert len(reply.body) < 1000


async def test_answer_after_its_lease_or_to_a_paused_call_is_kept_as_late(
    door: Collecting,
) -> None:
    call = await new_call(n_tasks=2)
    token = await join(door, call)
    first, second = await lease(door, call, token, n=2)
    await sync_to_async(owner_sql)(
        "update tasks_lease set until = now() - interval '1 second' where task_id = %s",
        first["id"],
    )

    after_lease = await answer(door, call, token, first["id"], "yes")
    await sync_to_async(owner_sql)("update calls_call set state = 'paused'")
    while_paused = await answer(door, call, token, second["id"], "yes", lease=3)
    leased = await request(door, "/collect/lease", {"call": call.slug, "n": 1}, token=token)

    assert [len(reply.json()["late"]) for reply in (after_lease, while_paused)] == [1, 1]
    assert while_paused.json()["tasks"] == []
    assert leased.status == 409
    assert owner_sql("select is_late, counted from tasks_answer a join tasks_taskprogress p"
                     " on p.task_id = a.task_id") == [(True, 0)] * 2  # fmt: skip


async def test_returned_task_is_anothers_at_once_and_renewed_lease_lasts(door: Collecting) -> None:
    call = await new_call(n_tasks=1, answers_min=1, answers_max=1, lease_s=60)
    here, there = await join(door, call), await join(door, call)
    (task,) = await lease(door, call, here)
    body = {"call": call.slug, "tasks": [task["id"]]}

    assert await lease(door, call, there) == []
    renewed = (await request(door, "/collect/renew", body, token=here)).json()
    returned = (await request(door, "/collect/return", body, token=here)).json()
    repeated = (await request(door, "/collect/return", body, token=here)).json()

    assert [lease["id"] for lease in renewed["renewed"]] == [task["id"]]
    assert renewed["renewed"][0]["until"] > task["until"]
    assert (returned, repeated) == ({"returned": [task["id"]]}, {"returned": []})
    assert [task["id"] for task in await lease(door, call, there)] == [task["id"]]


async def test_undo_takes_an_answer_back_once_and_within_ten_seconds(door: Collecting) -> None:
    call = await new_call(n_tasks=1)
    token, stranger = await join(door, call), await join(door, call)
    (task,) = await lease(door, call, token)
    identity = (await answer(door, call, token, task["id"], "yes")).json()["accepted"][0]
    body = {"call": call.slug, "answer": identity}

    by_another = await request(door, "/collect/undo", body, token=stranger)
    undone = await request(door, "/collect/undo", body, token=token)
    again = await request(door, "/collect/undo", body, token=token)
    answered_anew = await answer(door, call, token, task["id"], "no")
    later = answered_anew.json()["accepted"][0]
    await sync_to_async(owner_sql)(
        "create or replace function collect.now() returns timestamptz language sql volatile"
        " as $$ select clock_timestamp() + interval '11 seconds' $$"
    )
    too_late = await request(
        door, "/collect/undo", {"call": call.slug, "answer": later}, token=token
    )

    assert by_another.status == 404
    assert undone.json() == again.json() == {"undone": identity}
    assert too_late.status == 409
    assert too_late.json()["detail"] == (
        "An answer can be taken back within 10 seconds only; this one stands."
    )


async def test_statuses_say_what_is_wrong_with_a_request(door: Collecting) -> None:
    call = await new_call()
    token = await join(door, call)
    good = {"call": call.slug, "n": 1}

    async def status(path: str, body: object = None, **how: Any) -> int:
        return (await request(door, path, body, **how)).status

    assert await status("/collect/lease", raw=b"{", token=token) == 400
    assert await status("/collect/lease", good) == 401
    assert await status("/collect/lease", good, token="dure_p_unknown") == 401
    assert await status("/collect/lease", good, token="dure_o_organiser") == 403
    elsewhere = await new_call()
    assert await status("/collect/lease", {**good, "call": elsewhere.slug}, token=token) == 403
    assert await status("/collect/lease", {**good, "call": "nowhere"}, token=token) == 404
    assert await status("/collect/nothing", good, token=token) == 404
    assert await status("/collect/lease", good, token=token, method="GET") == 405
    assert await status("/collect/lease", raw=b" " * (BODY_BYTES_MAX + 1), token=token) == 413
    for wrong in (
        [],
        {"call": call.slug},
        {**good, "n": 0},
        {**good, "n": 51},
        {**good, "n": True},
        {**good, "n": "1"},
        {"call": 7, "n": 1},
        {"call": "a\0b", "n": 1},
    ):
        assert await status("/collect/lease", wrong, token=token) == 422, wrong


async def test_another_method_is_a_problem_that_names_the_right_one(door: Collecting) -> None:
    reply = await request(door, "/collect/join", {}, method="GET")

    assert reply.json() == {
        "type": "about:blank",
        "title": "method-not-allowed",
        "status": 405,
        "code": "method-not-allowed",
        "detail": "Only POST is answered here; send the same with it.",
    }
    assert reply.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"id": "7", "task": 1, "value": "yes"},
        {"id": str(uuid4()), "task": "1", "value": "yes"},
        {"id": str(uuid4()), "task": True, "value": "yes"},
        {"id": str(uuid4()), "task": 1},
        {"id": str(uuid4()), "task": 1, "value": "yes", "phase": "second"},
        {"id": str(uuid4()), "task": 1, "value": "yes", "ms": -1},
        "yes",
    ],
)
async def test_answer_of_a_wrong_shape_refuses_the_request(door: Collecting, given: Any) -> None:
    call = await new_call()
    token = await join(door, call)

    reply = await request(
        door, "/collect/answers", {"call": call.slug, "answers": [given]}, token=token
    )

    assert reply.status == 422


async def test_revoked_key_is_refused(door: Collecting) -> None:
    call = await new_call()
    token = await join(door, call)
    await sync_to_async(owner_sql)("update people_personkey set revoked_at = now()")

    reply = await request(door, "/collect/lease", {"call": call.slug, "n": 1}, token=token)

    assert reply.status == 401


async def test_nothing_of_others_contributions_shows_in_any_reply(door: Collecting) -> None:
    call = await new_call(n_tasks=1, question=HOW_MANY, answers_max=3)
    secret, reader = await join(door, call), await join(door, call)
    (task,) = await lease(door, call, secret)
    await answer(door, call, secret, task["id"], 777)

    replies = [
        await request(door, "/collect/join", {"call": call.slug}, token=reader),
        await request(door, "/collect/lease", {"call": call.slug, "n": 5}, token=reader),
        await answer(door, call, reader, task["id"], 5, lease=5),
    ]

    assert all(b"777" not in reply.body for reply in replies)


def test_collecting_role_may_run_its_functions_and_nothing_else(live_db: str) -> None:
    for statement in (
        "select * from tasks_answer",
        "select * from people_personkey",
        "update calls_call set state = 'open'",
        "select collect.take_seats(1, array[1]::bigint[], 0, 1, 1, now())",
        "select collect.record_answers(1, true, null)",
    ):
        with (
            postgres.connect("collect") as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)


@pytest.mark.parametrize("depth", [300, 1000])
async def test_body_that_nests_very_deep_is_refused_like_broken_json(
    door: Collecting, depth: int
) -> None:
    call = await new_call()
    body = f'{{"call": "{call.slug}", "answers": {"[" * depth}{"]" * depth}}}'.encode()

    reply = await request(door, "/collect/join", raw=body)

    assert (reply.status, reply.json()["code"]) == (400, "not-json")
