"""The API as a whole, from its own document: whatever route is added is covered here too."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from django.test import Client

from dure.people.models import AuditEntry
from tests.doors.api.asking import JSON, Organiser
from tests.factories import make_call, make_organisation


@cache
def routes() -> list[tuple[str, str, dict[str, Any]]]:
    from dure.doors.api.application import build  # noqa: PLC0415  app ready

    paths = build().get_openapi_schema(path_prefix="/api/v1/")["paths"]
    return [
        (method, path, operation)
        for path, operations in paths.items()
        for method, operation in operations.items()
    ]


def about_one_call() -> list[tuple[str, str, dict[str, Any]]]:
    return [route for route in routes() if "{call_id}" in route[1]]


def changing() -> list[tuple[str, str, dict[str, Any]]]:
    return [route for route in routes() if route[0] != "get"]


def ask(client: Client, method: str, path: str, operation: dict[str, Any], call_id: int) -> Any:
    return client.generic(
        method.upper(),
        path.format(call_id=call_id, number=1, gain_id=1),
        json.dumps(example_of(operation)),
        content_type=JSON,
    )


def example_of(operation: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {}).get(JSON, {})
    if "example" in content:
        return content["example"]
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    from dure.doors.api import money_schemas, schemas  # noqa: PLC0415  app ready

    if not name:
        return None
    schema = getattr(schemas, name, None) or getattr(money_schemas, name)
    return schema.model_config["json_schema_extra"]["examples"][0]


@pytest.mark.parametrize(("method", "path", "operation"), about_one_call())
def test_another_organisations_ids_are_unknown(
    db: None, method: str, path: str, operation: dict[str, Any]
) -> None:
    theirs = make_call()
    stranger = Organiser(make_organisation())
    n_entries = AuditEntry.objects.count()

    reply = ask(stranger.client, method, path, operation, theirs.pk)

    assert (reply.status_code, reply.json()["code"]) == (404, "unknown-call")
    assert AuditEntry.objects.count() == n_entries


@pytest.mark.parametrize(("method", "path", "operation"), routes())
def test_no_route_answers_without_an_organisers_token(
    db: None, method: str, path: str, operation: dict[str, Any]
) -> None:
    call = make_call()
    revoked = "Bearer dure_o_" + "x" * 43
    keys = {"": 401, revoked: 401, "Basic abc": 401, "Bearer dure_p_" + "x" * 43: 403}

    for authorization, status in keys.items():
        client = Client(headers={"Authorization": authorization} if authorization else None)
        reply = ask(client, method, path, operation, call.pk)
        assert (authorization, reply.status_code) == (authorization, status)
        assert reply["Content-Type"] == "application/problem+json"
        assert (reply.get("WWW-Authenticate") == "Bearer") is (status == 401)


@pytest.mark.parametrize(("method", "path", "operation"), changing())
def test_a_reading_token_changes_nothing(
    db: None, method: str, path: str, operation: dict[str, Any]
) -> None:
    call = make_call()
    reader = Organiser(call.organisation, scope="read")

    reply = ask(reader.client, method, path, operation, call.pk)

    assert (reply.status_code, reply.json()["code"]) == (403, "outside-scope")


@pytest.mark.parametrize(("method", "path", "operation"), routes())
def test_every_route_tells_of_the_problems_it_may_meet(
    method: str, path: str, operation: dict[str, Any]
) -> None:
    expected = {401, 403, 503} | ({404} if "{call_id}" in path else set())

    responses = {int(status): response for status, response in operation["responses"].items()}

    assert expected <= set(responses)
    for status, response in responses.items():
        if status >= 400:
            assert list(response["content"]) == ["application/problem+json"]


def test_an_unknown_address_is_a_problem() -> None:
    for path in ("/api/v1/nothing", "/api/", "/api/v2/calls", "/api/v1/"):
        reply = Client().get(path)
        assert (reply.status_code, reply.json()["code"]) == (404, "unknown")


def test_a_wrong_method_is_a_problem_that_names_the_right_ones(db: None) -> None:
    reply = Client().delete("/api/v1/calls")

    assert (reply.status_code, reply["Allow"]) == (405, "GET, POST")
    assert reply.json()["detail"] == ("This address does not take that method; it takes GET, POST.")


def test_the_document_is_made_once_for_each_place_where_it_lies() -> None:
    from dure.doors.api.application import build  # noqa: PLC0415  app ready

    api = build()
    here = api.get_openapi_schema(path_prefix="/api/v1/")
    there = api.get_openapi_schema(path_prefix="/dure/api/v1/")

    assert api.get_openapi_schema(path_prefix="/api/v1/") is here
    assert [path.removeprefix("/dure") for path in there["paths"]] == list(here["paths"])
