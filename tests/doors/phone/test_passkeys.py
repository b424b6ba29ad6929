"""Passkeys, made and opened by Chromium's own (virtual) authenticator; and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from dure.calls.tasks.answers import KEY_COOKIE
from dure.calls.tasks.merging import find_person, keep_under
from dure.clock import now
from dure.people.models import Account, Membership, Role
from tests.calls.tasks.test_results import give
from tests.doors.phone.site import Site, new_context, next_task, open_call
from tests.factories import make_call, make_organisation

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def lock_of(page: Page, credentials: list[dict[str, Any]] | None = None) -> tuple[Any, str]:
    """A phone's lock for the page, with the passkeys that it knows already."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    lock = made["authenticatorId"]
    for credential in credentials or []:
        session.send("WebAuthn.addCredential", {"authenticatorId": lock, "credential": credential})
    return session, lock


def keep_page(site: Site, context: BrowserContext, answers: int = 1) -> Page:
    # Passkeys belong to a name; a browser takes localhost for safe without HTTPS.
    address = site.address("choice").replace("127.0.0.1", "localhost")
    page = open_call(context, address)
    for _ in range(answers):
        before = page.locator(".phone").get_attribute("data-task")
        with page.expect_response("**/collect/answers"):
            page.locator("[data-value=yes]").tap()
        next_task(page, before)
        # A second tap at once is taken for a slip of the finger.
        page.wait_for_timeout(400)
    page.goto(f"{address}keep")
    return page


def key_of(context: BrowserContext) -> str:
    return next(c["value"] for c in context.cookies() if c["name"] == KEY_COOKIE)


@pytest.mark.browser
def test_passkey_keeps_a_persons_work_and_opens_it_in_another_browser(
    site: Site, chromium: Browser
) -> None:
    phone = new_context(chromium)
    page = keep_page(site, phone, answers=2)
    session, lock = lock_of(page)

    page.locator(".passkeys .make").tap()
    page.get_by_text("Done. Your passkey now opens what you did here.").wait_for()
    known = session.send("WebAuthn.getCredentials", {"authenticatorId": lock})["credentials"]
    page.reload()
    page.get_by_text("It is kept: you can find it on your other devices.").wait_for()

    tablet = new_context(chromium)
    other = keep_page(site, tablet, answers=3)
    lock_of(other, known)
    other.locator(".passkeys .find").tap()
    other.get_by_text("Done. Your passkey now opens what you did here.").wait_for()
    other.reload()

    assert len(known) == 1
    assert "You have answered 3 tasks." in other.locator(".over").inner_text()
    assert key_of(phone) != key_of(tablet)
    phone.close()
    tablet.close()


@pytest.mark.browser
def test_lock_that_does_not_know_anybody_changes_nothing(site: Site, chromium: Browser) -> None:
    context = new_context(chromium)
    page = keep_page(site, context)
    lock_of(page)

    page.locator(".passkeys .find").tap()

    page.get_by_text("That did not work. Nothing was changed; please try again.").wait_for()
    page.reload()
    assert "only this browser knows" in page.locator(".over").inner_text()
    context.close()


def client_of(key: str) -> Client:
    client = Client()
    client.cookies[KEY_COOKIE] = key
    return client


def post(client: Client, step: str, body: object) -> Any:
    return client.post(f"/keep/passkey/{step}", body, content_type="application/json")


@pytest.mark.django_db
def test_strangers_get_no_passkey() -> None:
    reply = post(Client(), "begin", {})

    assert (reply.status_code, reply.json()["code"]) == (401, "no-token")
    assert not Account.objects.exists()


@pytest.mark.django_db
def test_beginning_twice_makes_one_account() -> None:
    client = client_of(give(make_call(), ["yes"])[0])

    first, second = (post(client, "begin", {}).json() for _ in range(2))

    assert first["publicKey"]["user"]["id"] == second["publicKey"]["user"]["id"]
    assert first["publicKey"]["challenge"] != second["publicKey"]["challenge"]
    assert Account.objects.count() == 1


@pytest.mark.django_db
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


@pytest.mark.django_db
def test_passkey_out_of_nowhere_is_refused() -> None:
    reply = post(client_of(give(make_call(), ["yes"])[0]), "finish", {})

    assert reply.status_code == 422


@pytest.mark.django_db
def test_organisers_account_gets_no_passkey_by_a_contributors_cookie() -> None:
    key, _ = give(make_call(), ["yes"])
    account = Account.objects.create_user("owner@example.org")
    Membership.objects.create(
        organisation=make_organisation(), account=account, role=Role.OWNER, since=now()
    )
    keep_under(account=account, key=key)

    reply = post(client_of(key), "begin", {})

    assert (reply.status_code, reply.json()["code"]) == (403, "outside-scope")
