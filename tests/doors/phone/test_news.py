"""What others answered is told in the end, however bad the line is."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.doors.phone.site import YES_NO, Site, new_context, open_call

pytestmark = pytest.mark.browser


def test_others_answers_show_where_the_policy_is_after_own_even_on_a_bad_line(
    site: Site, chromium: Browser
) -> None:
    """A thumb quicker than the page's first replies, then a server that is busy when asked."""
    question = {"type": "choice", "text": "Is it fair?", "options": YES_NO}
    site.open("fair", question, visibility="after_own", n_tasks=1)
    for value in ("yes", "no"):
        context = new_context(chromium)
        page = open_call(context, site.address("fair"))
        with page.expect_response("**/collect/answers"):
            page.locator(f"[data-value={value}]").tap()
        context.close()
    held: list[Route] = []
    asked: list[list[int]] = []

    def hold(route: Route) -> None:
        held.append(route)

    def refuse_once(route: Route) -> None:
        tasks = route.request.post_data_json["tasks"]
        if not tasks:
            # How far the call is.
            return route.continue_()
        asked.append(tasks)
        return route.fulfill(status=503) if len(asked) == 1 else route.continue_()

    # A request that goes by a service worker is not the page's own to the test.
    context = new_context(chromium, service_workers="block")
    context.route("**/collect/lease", hold)
    context.route("**/collect/news", refuse_once)
    with context.expect_event("request", lambda one: one.url.endswith("/collect/lease")):
        page = open_call(context, site.address("fair"))
    task = int(page.locator(".phone").get_attribute("data-task") or 0)

    with page.expect_response("**/collect/answers"):
        page.locator("[data-value=yes]").tap()
    with page.expect_response("**/collect/news"):
        held.pop(0).continue_()

    fact = page.locator(".fact")
    expect(fact).to_have_text("On that one, 1 of 2 others said the same as you.")
    assert asked == [[task]] * 2
    context.close()
