from __future__ import annotations

import json

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient, override_settings

from dure.calls.tasks.models import Task
from dure.doors.api import tasks
from tests.doors.api.asking import JSON, Organiser
from tests.factories import make_call

NDJSON = "application/x-ndjson"


def ask(body: bytes, *, kind: str = "text/csv", options: str = "") -> tuple[int, dict[str, object]]:
    call = make_call(n_tasks=0)
    reply = Organiser(call.organisation).post(f"/calls/{call.pk}/tasks{options}", body, kind=kind)
    return reply.status_code, reply.json()


def good(added: int, same: int = 0) -> tuple[int, dict[str, object]]:
    return 200, {"added": added, "same": same, "refused": [], "refused_total": 0}


@pytest.mark.parametrize("bom", [b"", "\ufeff".encode()])
@pytest.mark.parametrize("kind", ["text/csv", "text/csv; charset=utf-8"])
def test_csv_is_read_with_and_without_bom(db: None, bom: bytes, kind: str) -> None:
    body = bom + 'key,text,gold\n1,"갈매기, ""wild""",yes\r\n2,Cat,\n'.encode()

    assert ask(body, kind=kind) == good(2)
    assert list(Task.objects.order_by("id").values_list("key", "content", "gold")) == [
        ("1", {"text": '갈매기, "wild"'}, "yes"),
        ("2", {"text": "Cat"}, None),
    ]


def test_json_lines_are_read(db: None) -> None:
    body = b'{"key": "1", "content": {"text": "Gull"}, "gold": "no"}\n{"key": "2", "text": "Cat"}\n'

    assert ask(body, kind=NDJSON) == good(2)


def test_line_that_nests_very_deep_is_refused_and_the_others_are_added(db: None) -> None:
    deep = b'{"key": "z", "text": ' + b"[" * 1000 + b"]" * 1000 + b"}\n"

    status, report = ask(deep + b'{"key": "2", "text": "Cat"}\n', kind=NDJSON)

    assert (status, report["added"]) == (200, 1)
    assert report["refused"] == [
        {
            "line": 1,
            "reason": "This is not JSON (it nests deeper than 50 levels); "
            "write one object on each line.",
        }
    ]


@pytest.mark.parametrize("depth", [100, 1000])
def test_body_that_nests_very_deep_is_refused(db: None, depth: int) -> None:
    body = b'{"tasks": [{"key": "z", "content": ' + b"[" * depth + b"]" * depth + b"}]}"

    status, problem = ask(body, kind=JSON)

    assert (status, problem["code"]) == (400, "not-json")


@pytest.mark.parametrize("gold", ["[" * 1000 + "]" * 1000, "[" * 100_000])
def test_gold_that_nests_very_deep_is_refused(db: None, gold: str) -> None:
    question = {"type": "multi", "text": "Which?", "options": ["a", "b"]}
    call = make_call(n_tasks=0, question=question)

    reply = Organiser(call.organisation).post(
        f"/calls/{call.pk}/tasks", f'key,text,gold\n1,Gull,"{gold}"\n'.encode(), kind="text/csv"
    )

    assert (reply.status_code, reply.json()["refused_total"]) == (200, 1)


def test_json_tasks_are_counted_from_one(db: None) -> None:
    tasks_given = [{"key": "1", "content": {"text": "Gull"}}, 7]

    status, report = ask(json.dumps({"tasks": tasks_given}).encode(), kind=JSON)

    assert (status, report["added"]) == (200, 1)
    assert report["refused"] == [
        {"line": 2, "reason": "A task should be an object with key and content; got 7."}
    ]


def test_a_ragged_line_is_told_by_its_number(db: None) -> None:
    status, report = ask(b"key,text\n1,Gull\n2\n3,Cat\n")

    assert (status, report["added"]) == (200, 2)
    assert report["refused"] == [
        {"line": 3, "reason": "Expected 2 columns as in the first line, got 1."}
    ]


def test_strict_tells_the_lines_and_adds_nothing(db: None) -> None:
    status, problem = ask(b"key,text\n1,Gull\n2\n", options="?strict=1")

    assert (status, problem["code"], problem["refused_total"]) == (422, "lines-refused", 1)
    assert problem["refused"] == [
        {"line": 3, "reason": "Expected 2 columns as in the first line, got 1."}
    ]
    assert not Task.objects.exists()


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", JSON, 400, "not-json"),
        (b"[]", JSON, 422, "wrong-fields"),
        (b'{"tasks": {}}', JSON, 422, "wrong-fields"),
        (b'{"tasks": [], "more": 1}', JSON, 422, "wrong-fields"),
        (b"key\n1\n", "application/xml", 415, "wrong-body-type"),
    ],
)
def test_a_body_that_can_not_be_read_is_a_problem(
    db: None, body: bytes, kind: str, status: int, code: str
) -> None:
    reply = ask(body, kind=kind)

    assert (reply[0], reply[1]["code"]) == (status, code)


def test_a_body_too_large_is_a_problem(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "FILE_BYTES_MAX", 10)

    status, problem = ask(b"key,text\n1,Gull\n")

    assert (status, problem["detail"]) == (
        413, "The body is larger than 10 bytes; send it in pieces.",
    )  # fmt: skip
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10):
        assert ask(b'{"tasks":        []}', kind=JSON)[0] == 413


async def test_a_file_is_read_under_asgi_as_well(live_db: str) -> None:
    call = await sync_to_async(make_call)(n_tasks=0)
    organiser = await sync_to_async(Organiser)(call.organisation)
    client, signed = AsyncClient(), {"Authorization": f"Bearer {organiser.token}"}
    path = f"/api/v1/calls/{call.pk}"
    rows = "".join(f"{n},Gull {n}\n" for n in range(6000))

    reply = await client.post(
        f"{path}/tasks", data="key,text\n" + rows, content_type="text/csv", headers=signed
    )

    assert (reply.status_code, reply.json()) == good(6000)
    verdicts = await client.get(f"{path}/verdicts?format=csv", headers=signed)
    assert len([block async for block in verdicts]) > 1
