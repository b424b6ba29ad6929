"""No answer is ever lost: dead networks, killed tabs, two tabs, a server that dies meanwhile."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests import browser as chrome
from tests.cutting import network
from tests.doors.phone.site import YES_NO, Site, go, tap_yes, through, until_at_rest, wait_for_tasks
from tests.serving import processes_of, wait_until

pytestmark = pytest.mark.browser
ANSWERS = 20
DOUBLE_TAP_MS = 320
# From here on the network is gone: the phone has this one and at least five ahead.
CUT_AT = 14
QUESTION = {"type": "choice", "text": "Is it a bird?", "options": YES_NO}


def start_browser(playwright: Playwright, profile: Path) -> BrowserContext:
    """A browser whose phone remembers: its profile outlives it."""
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=chrome.path(),
        args=chrome.FLAGS,
        viewport={"width": 390, "height": 844},
        locale="en-US",
        has_touch=True,
    )
    context.set_default_timeout(chrome.PATIENCE_MS)
    return context


def kill_browser(context: BrowserContext, profile: Path) -> None:
    """As a battery that dies: no page hears of it."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and str(profile).encode() in read(folder / "cmdline"):
            os.kill(int(folder.name), signal.SIGKILL)
    context.browser and context.browser.close()


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def come(page: Page, address: str) -> None:
    with until_at_rest(page):
        go(page, address)


def give(page: Page, n: int) -> None:
    for _ in range(n):
        tap_yes(page)
        # Two taps at one place within that time are taken for a slip of the thumb.
        page.wait_for_timeout(DOUBLE_TAP_MS)


def ready_for_no_network(page: Page) -> None:
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


def answer_what_is_free(site: Site, name: str) -> int:
    """Somebody else answers all that nobody holds; how many answers count by now."""
    token = site.ask("join", name)["token"]
    tasks = site.ask("lease", name, token=token, n=50)["tasks"]
    given = [{"id": str(uuid4()), "task": task["id"], "value": "no"} for task in tasks]
    if given:
        site.ask("answers", name, token=token, answers=given)
    return sum(row["late"] == "false" for row in site.answers(name))


def own_of(site: Site, name: str) -> list[dict[str, str]]:
    """What was answered in the browser, where all others said no."""
    return [row for row in site.answers(name) if row["answer"] == "yes"]


def assert_each_came_once(site: Site, name: str, count: int = ANSWERS) -> None:
    wait_until(lambda: len(site.answers(name)) >= count)
    rows = site.answers(name)
    assert len(rows) == count
    assert len({row["id"] for row in rows}) == count
    assert len({row["task"] for row in rows}) == count
    assert len({row["worker"] for row in rows}) == 1


def test_answers_survive_a_dead_network_a_killed_tab_and_a_new_browser(
    site: Site, playwright: Playwright, tmp_path: Path
) -> None:
    site.open("battery", QUESTION, n_tasks=40)
    with network(site.server.port) as net:
        context = start_browser(playwright, tmp_path)
        page = context.pages[0]
        come(page, through(net, site.address("battery")))
        ready_for_no_network(page)
        # The page in the worker's cache is the one that was seen with the worker at work.
        page.reload()
        page.locator(".phone[data-ready]").wait_for()
        give(page, CUT_AT)
        wait_until(lambda: len(site.answers("battery")) == CUT_AT)
        wait_for_tasks(page, ANSWERS - CUT_AT)
        net.cut()
        give(page, 3)
        expect(page.locator(".waiting")).to_have_text(
            "No connection. 3 answers are waiting on your phone."
        )
        kill_browser(context, tmp_path)

        context = start_browser(playwright, tmp_path)
        page = context.pages[0]
        come(page, through(net, site.address("battery")))
        expect(page.locator(".waiting")).to_have_text(
            "No connection. 3 answers are waiting on your phone."
        )
        give(page, 3)
        assert len(site.answers("battery")) == CUT_AT
        net.mend()

        assert_each_came_once(site, "battery")
        expect(page.locator(".waiting")).to_be_hidden()
        context.close()


def test_answers_from_two_tabs_at_once_come_once(
    site: Site, playwright: Playwright, tmp_path: Path
) -> None:
    site.open("tabs", QUESTION, n_tasks=40)
    with network(site.server.port) as net:
        context = start_browser(playwright, tmp_path)
        tabs = [context.pages[0], context.new_page()]
        for tab in tabs:
            come(tab, through(net, site.address("tabs")))
        for n in range(CUT_AT):
            with tabs[n % 2].expect_response("**/collect/answers") as replied:
                give(tabs[n % 2], 1)
            # With each reply a tab has tasks again for a time without a network.
            replied.value.finished()
        net.cut()
        for n in range(ANSWERS - CUT_AT):
            give(tabs[n % 2], 1)
        net.mend()

        assert_each_came_once(site, "tabs")
        context.close()


def test_answers_come_once_while_the_server_is_killed_and_restarts(
    site: Site, playwright: Playwright, tmp_path: Path
) -> None:
    site.open("killed", QUESTION, n_tasks=40)
    context = start_browser(playwright, tmp_path)
    page = context.pages[0]
    come(page, site.address("killed"))
    give(page, CUT_AT)
    [web] = processes_of(site.server, "web")

    os.kill(web, signal.SIGKILL)
    give(page, ANSWERS - CUT_AT)

    wait_until(lambda: web not in processes_of(site.server, "web"))
    wait_until(lambda: chrome.is_up(site.server.url))
    assert_each_came_once(site, "killed")
    context.close()


def test_answer_whose_lease_ran_out_meanwhile_is_kept_as_late(
    site: Site, playwright: Playwright, tmp_path: Path
) -> None:
    rule = {"min": 1, "max": 1, "target": None, "lease_s": 1}
    site.open("slow", QUESTION, n_tasks=3, answers=rule)
    with network(site.server.port) as net:
        context = start_browser(playwright, tmp_path)
        page = context.pages[0]
        come(page, through(net, site.address("slow")))
        net.cut()
        give(page, 1)
        # A task that is still free is lent to the same phone again, and then its answer counts.
        wait_until(lambda: answer_what_is_free(site, "slow") == 3)
        net.mend()

        wait_until(lambda: bool(own_of(site, "slow")))
        assert [row["late"] for row in own_of(site, "slow")] == ["true"]
        expect(page.locator(".fact")).to_have_text(
            "1 answer came after its time. We kept it, but it does not count."
        )
        context.close()


def test_answers_are_still_the_persons_own_after_the_cookies_were_cleared(
    site: Site, playwright: Playwright, tmp_path: Path
) -> None:
    site.open("cookies", QUESTION, n_tasks=40)
    with network(site.server.port) as net:
        context = start_browser(playwright, tmp_path)
        page = context.pages[0]
        come(page, through(net, site.address("cookies")))
        give(page, 2)
        wait_until(lambda: len(site.answers("cookies")) == 2)
        net.cut()
        give(page, 2)
        context.clear_cookies()
        net.mend()
        wait_until(lambda: len(site.answers("cookies")) == 4)

        come(page, through(net, site.address("cookies")))
        give(page, 1)

        assert_each_came_once(site, "cookies", 5)
        context.close()
