"""What a phone does at the collecting door, and a look behind it with the owner's eyes."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from asgiref.sync import sync_to_async

from dure import postgres
from dure.calls.models import Call
from dure.doors.collect.app import Collecting
from tests.asgi import Reply, request
from tests.factories import make_call


async def new_call(**fields: Any) -> Call:
    return await sync_to_async(make_call)(**fields)


async def join(door: Collecting, call: Call) -> str:
    reply = await request(door, "/collect/join", {"call": call.slug})
    assert reply.status == 200
    return str(reply.json()["token"])


async def lease(door: Collecting, call: Call, token: str, n: int = 1) -> list[dict[str, Any]]:
    reply = await request(door, "/collect/lease", {"call": call.slug, "n": n}, token=token)
    assert reply.status == 200
    return list(reply.json()["tasks"])


async def answer(
    door: Collecting, call: Call, token: str, task: int, value: Any, **more: Any
) -> Reply:
    given = {"id": str(uuid4()), "task": task, "value": value, **more.pop("fields", {})}
    body = {"call": call.slug, "answers": [given], **more}
    return await request(door, "/collect/answers", body, token=token)


def owner_sql(statement: str, *parameters: object) -> list[Any]:
    with postgres.connect("owner") as owner:
        cursor = owner.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []
