"""An organiser who asks the API, and contributors who answer, for tests."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from django.http import HttpResponseBase
from django.test import Client

from dure import postgres
from dure.calls.models import Call
from dure.people.models import Organisation
from dure.people.tokens import create_token
from tests.turns import lease, submit

JSON = "application/json"
BIRD = {"type": "choice", "text": "Is it a bird?", "options": ["yes", "no"]}


class Organiser:
    def __init__(self, organisation: Organisation, *, scope: str = "organise") -> None:
        self.token = create_token(organisation=organisation, scope=scope)
        self.client = Client(
            headers={"Authorization": f"Bearer {self.token}"}, raise_request_exception=False
        )

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1{path}")

    def post(self, path: str, body: Any = None, *, kind: str = JSON, **headers: str) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body else b""
        return self.client.post(
            f"/api/v1{path}", data=raw, content_type=kind, headers=headers or None
        )

    def patch(self, path: str, body: Any) -> Any:
        return self.client.patch(f"/api/v1{path}", data=json.dumps(body), content_type=JSON)

    def create(self, **fields: Any) -> dict[str, Any]:
        reply = self.post("/calls", {"kind": "tasks", "title": "Birds", "question": BIRD, **fields})
        assert reply.status_code == 201, reply.content
        return dict(reply.json())


def body_of(response: HttpResponseBase) -> bytes:
    return response.getvalue() if response.streaming else response.content


def give(call: Call, *values: Any) -> list[str]:
    """One new contributor takes tasks and answers them in their order; a None is a skip."""
    key = uuid4().bytes
    is_text = call.question["type"] == "text"
    with postgres.connect("owner") as connection:
        connection.execute("select collect.join_call(%s, null, %s)", [call.slug, key])
        leased = lease(connection, call_id=call.pk, key=key, n=len(values))
        answers = [
            {"id": str(uuid4()), "task": task["id"], "phase": "first", "is_skip": value is None}
            | ({"text": value} if is_text and value is not None else {"value": value})
            for task, value in zip(leased["tasks"], values, strict=True)
        ]
        submit(connection, call_id=call.pk, key=key, answers=answers)
    return [answer["id"] for answer in answers]
