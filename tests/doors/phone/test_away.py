"""PostgreSQL is away for a moment: what Chromium shows meanwhile, and that it comes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from tests import browser as chrome
from tests.doors.phone.site import SIZES, YES_NO, Site, go, new_context, open_call, tap_yes
from tests.serving import ask, database_away, wait_until

pytestmark = pytest.mark.browser
QUESTION = {"type": "choice", "text": "Is it a bird?", "options": YES_NO}


def test_page_that_waits_is_fit_for_everybody_and_opens_again_by_itself(
    site: Site, chromium: Browser
) -> None:
    context = new_context(chromium)
    page = context.new_page()
    with gone(site):
        page.route(site.server.url + "/", stay)
        page.goto(site.server.url)
        found = chrome.flaws_in_every_look(page, state="waits", sizes=SIZES)
        page.unroute_all()
        page.reload()
        expect(page.locator("h2")).to_have_text("One moment, please")

    expect(page.get_by_role("contentinfo")).to_be_visible()
    context.close()
    assert found == []


def test_form_that_met_no_database_is_told_so_and_is_sent_again_from_where_it_was(
    site: Site, chromium: Browser
) -> None:
    context = new_context(chromium)
    page = context.new_page()
    page.goto(f"{site.server.url}/account/login/")
    page.locator("[name=login]").fill("mina@example.org")
    page.locator("[name=password]").fill("not the right one")
    with gone(site):
        page.locator("[name=password]").press("Enter")
        expect(page.locator("h2")).to_have_text("This may not be saved yet")
        found = chrome.flaws_in_every_look(page, state="sent", sizes=SIZES)
    page.go_back()

    expect(page.locator("[name=login]")).to_have_value("mina@example.org")
    context.close()
    assert found == []


def test_call_that_was_seen_before_is_shown_as_it_was_and_answers_wait(
    site: Site, chromium: Browser
) -> None:
    site.open("away", QUESTION, n_tasks=40)
    context = new_context(chromium)
    page = open_call(context, site.address("away"))
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    # What the worker keeps is the page that was seen with it at work.
    go(page, site.address("away"))
    with gone(site):
        go(page, site.address("away"))
        tap_yes(page)

    wait_until(lambda: len(site.answers("away")) == 1)
    context.close()


@contextmanager
def gone(site: Site) -> Iterator[None]:
    with database_away(Path(site.server.environment["DURE_DATA"])):
        wait_until(lambda: ask(site.server, "/") == 503)
        yield
    wait_until(lambda: ask(site.server, "/") == 200)


def stay(route: Route) -> None:
    """So that nothing opens again under the examiner's hands."""
    reply = route.fetch()
    headers = {name: value for name, value in reply.headers.items() if name != "refresh"}
    route.fulfill(response=reply, headers=headers)
