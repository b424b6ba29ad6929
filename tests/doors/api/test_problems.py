from __future__ import annotations

import json
from typing import Any

import pytest
from django.db.utils import OperationalError
from django.test import Client
from psycopg.errors import QueryCanceled

from dure.doors.api import calls
from dure.doors.api.problems import reply
from dure.errors import Busy, NotSignedIn
from tests.doors.api.asking import BIRD, Organiser
from tests.factories import make_organisation


def test_a_refusal_is_told_in_the_same_fields_everywhere() -> None:
    response = reply(NotSignedIn())

    assert (response.status_code, response["Content-Type"]) == (401, "application/problem+json")
    assert response["WWW-Authenticate"] == "Bearer"
    assert json.loads(response.content) == {
        "type": "about:blank",
        "title": "no-token",
        "status": 401,
        "code": "no-token",
        "detail": "No valid token came with this request; join the call, or send a token that is "
        "not revoked.",
    }
    assert reply(Busy())["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("body", "field", "sentence"),
    [
        ({"titel": "x"}, "titel", "There is no such field; leave it out."),
        ({"t" * 9999: "x"}, "t" * 200, "There is no such field; leave it out."),
        ({"title": None}, "", ""),
        ({"answers": {"min": "3"}}, "answers.min", "Input should be a valid integer."),
    ],
)
def test_wrong_fields_are_told_by_their_path(
    db: None, body: dict[str, Any], field: str, sentence: str
) -> None:
    whole = {"kind": "tasks", "title": "Birds", "question": BIRD, **body}

    answer = Organiser(make_organisation()).post("/calls", whole)

    assert answer.status_code == 422
    if field:
        assert answer.json()["fields"] == [{"field": field, "sentence": sentence}]
        assert answer.json()["detail"] == f"{field}: {sentence}"
    else:
        assert answer.json()["detail"] == (
            "title should be a text, or an object of texts by language; got None."
        )


def test_a_missing_field_is_told(db: None) -> None:
    answer = Organiser(make_organisation()).post("/calls", {"kind": "tasks", "title": "Birds"})

    assert answer.json()["detail"] == "question: This field is missing."


def test_an_unknown_option_is_refused(db: None) -> None:
    answer = Organiser(make_organisation()).get("/calls?limt=3")

    assert (answer.status_code, answer.json()["detail"]) == (
        422, "There is no option 'limt' here; there is cursor, limit.",
    )  # fmt: skip


@pytest.mark.parametrize("cause", [RuntimeError("secret"), QueryCanceled("secret")])
def test_our_own_mistakes_tell_nothing_of_the_inside(
    db: None, monkeypatch: pytest.MonkeyPatch, cause: Exception
) -> None:
    def fail(_: object) -> None:
        raise OperationalError("secret") from cause

    monkeypatch.setattr(calls, "calls_of", fail)

    answer = Organiser(make_organisation()).get("/calls")

    assert (answer.status_code, answer.json()["code"]) == (500, "our-mistake")
    assert b"secret" not in answer.content


@pytest.mark.parametrize("method", ["get", "post", "patch", "put", "delete"])
def test_unknown_address_is_a_problem_by_every_method(method: str) -> None:
    answer = getattr(Client(enforce_csrf_checks=True), method)("/api/v1/nothing")

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_host_that_is_not_ours_is_a_problem() -> None:
    answer = Client().get("/api/v1/calls", headers={"Host": "evil.example"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
