"""Passkeys: what is refused, and who gets none. Made and opened in test_passkeys_browser.py."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dure.calls.tasks.answers import KEY_COOKIE
from dure.calls.tasks.merging import find_person, keep_under
from dure.clock import now
from dure.people.models import Account, Membership, Role
from tests.calls.tasks.test_results import give
from tests.factories import make_call, make_organisation

pytestmark = pytest.mark.django_db


def client_of(key: str) -> Client:
    client = Client()
    client.cookies[KEY_COOKIE] = key
    return client


def post(client: Client, step: str, body: object) -> Any:
    return client.post(f"/keep/passkey/{step}", body, content_type="application/json")


def test_strangers_get_no_passkey() -> None:
    reply = post(Client(), "begin", {})

    assert (reply.status_code, reply.json()["code"]) == (401, "no-token")
    assert not Account.objects.exists()


def test_beginning_twice_makes_one_account() -> None:
    client = client_of(give(make_call(), ["yes"])[0])

    first, second = (post(client, "begin", {}).json() for _ in range(2))

    assert first["publicKey"]["user"]["id"] == second["publicKey"]["user"]["id"]
    assert first["publicKey"]["challenge"] != second["publicKey"]["challenge"]
    assert Account.objects.count() == 1


@pytest.mark.parametrize("step", ["finish", "found"])
@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        "{",
        "{}",
        '{"id": 1}',
        '{"id": "x", "rawId": "x", "type": "public-key", "response": null}',
        '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"userHandle": "MQ"}}',
        '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"userHandle": 5}}',
        '{"id": "eA", "response": {"clientDataJSON": "e30", "attestationObject": "oA"}}',
        "é",
        '{"id": "' + "a" * 70_000 + '"}',
    ],
)
def test_what_is_no_passkey_is_refused_and_changes_nothing(step: str, body: str) -> None:
    key, _ = give(make_call(), ["yes"])
    client = client_of(key)
    post(client, "begin" if step == "finish" else "find", {})

    reply = post(client, step, body)

    assert reply.status_code == 422
    assert set(reply.json()) == {"code", "detail"}
    person = find_person(key)
    assert person is not None
    assert person.account is None


def test_passkey_out_of_nowhere_is_refused() -> None:
    reply = post(client_of(give(make_call(), ["yes"])[0]), "finish", {})

    assert reply.status_code == 422


def test_organisers_account_gets_no_passkey_by_a_contributors_cookie() -> None:
    key, _ = give(make_call(), ["yes"])
    account = Account.objects.create_user("owner@example.org")
    Membership.objects.create(
        organisation=make_organisation(), account=account, role=Role.OWNER, since=now()
    )
    keep_under(account=account, key=key)

    reply = post(client_of(key), "begin", {})

    assert (reply.status_code, reply.json()["code"]) == (403, "outside-scope")
