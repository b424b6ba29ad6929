"""A thumb that is quicker than the line: the next task may be late, but is never denied."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests import browser as chrome
from tests.cutting import network
from tests.doors.phone.site import (
    QUESTIONS,
    Site,
    new_context,
    open_at_rest,
    open_call,
    tap_yes,
    through,
)
from tests.serving import wait_until

pytestmark = pytest.mark.browser


def test_quick_thumb_on_a_slow_line_never_hears_that_all_is_done(
    site: Site, chromium: Browser
) -> None:
    site.open("quick", QUESTIONS["choice"], n_tasks=40)
    context = new_context(chromium)
    page = open_call(context, site.address("quick"))
    cdp = context.new_cdp_session(page)
    cdp.send("Network.enable")
    cdp.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": 600, "downloadThroughput": 180_000, "uploadThroughput": 84_000,
    })  # fmt: skip

    for _ in range(25):
        # Quicker than an answer goes to the server and back.
        page.wait_for_timeout(350)
        assert page.locator(".over:not(.fetching)").count() == 0
        tap_yes(page)

    wait_until(lambda: len(site.answers("quick")) == 25)
    context.close()


def test_phone_that_ran_dry_without_a_network_says_so_and_goes_on_when_it_is_back(
    site: Site, chromium: Browser
) -> None:
    site.open("dry", QUESTIONS["choice"], n_tasks=14)
    context = new_context(chromium)
    with network(site.server.port) as net:
        page = open_at_rest(context, through(net, site.address("dry")))
        net.cut()
        for _ in range(8):
            tap_yes(page)
            page.wait_for_timeout(350)
        page.get_by_text("The next question is on its way.").wait_for()
        assert chrome.flaws(page, state="fetching") == []

        net.mend()

        page.locator("[data-value=yes]").wait_for()
        wait_until(lambda: len(site.answers("dry")) == 8)
    context.close()
