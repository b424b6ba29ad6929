"""Passkeys, made and opened by Chromium's own (virtual) authenticator."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from dure.calls.tasks.answers import KEY_COOKIE
from tests.doors.phone.site import Site, new_context, next_task, open_call

pytestmark = pytest.mark.browser
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


def test_lock_that_does_not_know_anybody_changes_nothing(site: Site, chromium: Browser) -> None:
    context = new_context(chromium)
    page = keep_page(site, context)
    lock_of(page)

    page.locator(".passkeys .find").tap()

    page.get_by_text("That did not work. Nothing was changed; please try again.").wait_for()
    page.reload()
    assert "only this browser knows" in page.locator(".over").inner_text()
    context.close()
