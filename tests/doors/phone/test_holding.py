"""Tasks stay with whoever uses the page, however long they read, and with nobody who left it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.doors.phone.site import QUESTIONS, Site, new_context, open_at_rest, open_call
from tests.serving import wait_until

pytestmark = pytest.mark.browser
LEASE_S = 6
# Longer than nobody may touch a page that holds tasks.
AWAY_MS = 6 * 60_000


def open_short(site: Site, name: str, *, lease_s: int = LEASE_S) -> None:
    """One task for one answer, which nobody else can have while it is held."""
    answers = {"min": 1, "max": 1, "target": None, "lease_s": lease_s}
    site.open(name, QUESTIONS["choice"], n_tasks=1, answers=answers)


def offered(site: Site, name: str) -> int:
    """How many tasks somebody new is given."""
    token = site.ask("join", name)["token"]
    tasks = site.ask("lease", name, token=token, n=1)["tasks"]
    if tasks:
        site.ask("return", name, token=token, tasks=[task["id"] for task in tasks])
    return len(tasks)


def read_on(page: Page, *, seconds: int) -> None:
    for second in range(seconds):
        page.mouse.move(100 + second, 300)
        page.wait_for_timeout(1_000)


def lateness(site: Site, name: str) -> list[str]:
    return [row["late"] for row in site.answers(name)]


def test_answer_counts_of_somebody_who_reads_longer_than_a_lease(
    site: Site, chromium: Browser
) -> None:
    open_short(site, "long")
    context = new_context(chromium)
    page = open_call(context, site.address("long"))

    read_on(page, seconds=2 * LEASE_S + 1)
    offered_meanwhile = offered(site, "long")
    page.locator("[data-value=yes]").tap()

    wait_until(lambda: len(site.answers("long")) == 1)
    assert (offered_meanwhile, lateness(site, "long")) == (0, ["false"])
    context.close()


def test_page_left_alone_lets_go_and_says_so_to_whoever_comes_back(
    site: Site, chromium: Browser
) -> None:
    open_short(site, "alone")
    context = new_context(chromium)
    page = context.new_page()
    page.clock.install()
    page.goto(site.address("alone"))
    page.locator(".phone[data-ready]").wait_for()
    read_on(page, seconds=2)

    offered_before = offered(site, "alone")
    page.clock.fast_forward(AWAY_MS)
    wait_until(lambda: offered(site, "alone") == 1)
    site.organiser.ask("POST", f"/calls/{site.calls['alone']['id']}/pause")
    page.mouse.move(50, 50)

    # The server's page says that the call is paused.
    page.locator("[data-value=yes]").wait_for(state="detached")
    assert offered_before == 0
    context.close()


def test_tab_that_is_closed_leaves_the_task_to_the_other_tab(site: Site, chromium: Browser) -> None:
    # Nothing is renewed of itself meanwhile.
    open_short(site, "tabs", lease_s=300)
    context = new_context(chromium)
    first = open_at_rest(context, site.address("tabs"))
    second = open_at_rest(context, site.address("tabs"))

    # Asked for again: what the first gave back was on loan to both.
    with second.expect_response("**/collect/lease"):
        first.goto("about:blank")
    second.locator("[data-value=yes]").tap()

    wait_until(lambda: len(site.answers("tabs")) == 1)
    assert lateness(site, "tabs") == ["false"]
    context.close()


def test_unused_tasks_go_back_on_leaving(site: Site, chromium: Browser) -> None:
    rule = {"min": 1, "max": 1, "target": None}
    site.open("leave", QUESTIONS["choice"], n_tasks=6, answers=rule)
    first, second = new_context(chromium), new_context(chromium)
    page = open_at_rest(first, site.address("leave"))
    waiting = open_call(second, site.address("leave"))
    # The first has all six on loan, so for the second there is nothing.
    expect(waiting.locator(".over h1")).to_be_visible()

    page.goto(site.address("front"))

    # What a page says as it goes away, nobody waits for.
    wait_until(lambda: ask_again(waiting))
    first.close()
    second.close()


def ask_again(page: Page) -> bool:
    """Press the button, unless the page has just looked by itself; whether a task shows by now."""
    page.evaluate("document.querySelector('.again')?.click()")
    page.wait_for_timeout(300)
    return page.locator(".task").is_visible()
