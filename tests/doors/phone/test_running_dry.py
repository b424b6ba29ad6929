"""No task on the phone: the next may be late, or on loan to others, but is never denied."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, FloatRect, Page, expect

from tests import browser as chrome
from tests.cutting import network
from tests.doors.phone.site import (
    LOCALES,
    QUESTIONS,
    SIZES,
    Site,
    new_context,
    open_at_rest,
    open_call,
    tap_yes,
    through,
)
from tests.serving import wait_until

pytestmark = pytest.mark.browser
# Longer than a page that nobody touches goes on looking.
AWAY_MS = 6 * 60_000


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
        page.locator(".promise summary").focus()
        heard = page.locator(".heard").inner_text()

        net.mend()

        page.locator("[data-value=yes]").wait_for()
        # What was just being said is not cut off.
        assert page.locator(".heard").inner_text() == heard != ""
        wait_until(lambda: len(site.answers("dry")) == 8)
    context.close()


def open_while_held(site: Site, chromium: Browser, name: str) -> tuple[BrowserContext, Page, Page]:
    """Two phones at a call whose one task takes one answer; the first has it."""
    site.open(name, QUESTIONS["choice"], n_tasks=1, answers={"min": 1, "max": 1, "target": None})
    first = new_context(chromium)
    holder = open_call(first, site.address(name))
    holder.locator("[data-value=yes]").wait_for()
    waiting = open_call(new_context(chromium), site.address(name))
    expect(waiting.locator(".over h1")).to_have_text(
        "Others are working on the last tasks right now"
    )
    return first, holder, waiting


def test_last_task_appears_by_itself_when_another_phone_lets_go_of_it(
    site: Site, chromium: Browser
) -> None:
    first, holder, waiting = open_while_held(site, chromium, "let go")
    summary = waiting.locator(".promise summary")
    summary.focus()

    # Whoever goes to another page is seen to leave, as with a closed tab.
    holder.goto("about:blank")

    expect(waiting.locator("[data-value=yes]")).to_be_visible()
    expect(waiting.locator(".fact")).to_have_text("One has come free for you. Here it is.")
    expect(summary).to_be_focused()
    waiting.locator("[data-value=yes]").tap()
    expect(waiting.locator(".over h1")).to_have_text("That was all for you. Thank you!")
    wait_until(lambda: len(site.answers("let go")) == 1)
    first.close()
    waiting.context.close()


def test_page_left_alone_leaves_the_last_task_to_others_until_it_is_touched(
    site: Site, chromium: Browser
) -> None:
    first, holder, waiting = open_while_held(site, chromium, "left alone")
    waiting.clock.install()
    # The last that a page asks for when it opens.
    with waiting.expect_response("**/collect/news"):
        waiting.reload()
    waiting.locator(".phone[data-ready] .over.held").wait_for()
    waiting.clock.fast_forward(AWAY_MS)
    asked: list[str] = []
    waiting.on("request", lambda request: asked.append(request.url))
    holder.goto("about:blank")

    for _ in range(3):
        waiting.clock.run_for(60_000)
        # A reply would be followed by the next look.
        waiting.wait_for_timeout(300)
    asked_alone = list(asked)
    waiting.mouse.move(50, 50)

    expect(waiting.locator("[data-value=yes]")).to_be_visible()
    assert asked_alone == []
    first.close()
    waiting.context.close()


def boxes(page: Page) -> list[FloatRect | None]:
    """Where the button is, and what stands under it."""
    return [page.locator(name).bounding_box() for name in (".again", ".promise")]


def test_whoever_looks_again_is_told_at_once_and_stays_at_the_button(
    site: Site, chromium: Browser
) -> None:
    first, holder, waiting = open_while_held(site, chromium, "looks")
    again = waiting.locator(".again")
    page_before = boxes(waiting)

    again.tap()
    expect(waiting.locator(".found")).to_have_text("Nothing has come free yet.")
    expect(again).to_be_focused()
    assert boxes(waiting) == page_before
    with waiting.expect_response("**/collect/lease"):
        pass
    expect(again).to_be_focused()
    holder.goto("about:blank")
    again.tap()

    expect(waiting.locator(".question")).to_be_focused()
    first.close()
    waiting.context.close()


def test_waiting_for_others_ends_when_they_have_answered(site: Site, chromium: Browser) -> None:
    first, holder, waiting = open_while_held(site, chromium, "answered")

    holder.locator("[data-value=yes]").tap()

    expect(waiting.locator(".over h1")).to_have_text("That was all for you. Thank you!")
    expect(waiting.locator(".heard")).to_have_text("That was all for you. Thank you!")
    first.close()
    waiting.context.close()


@pytest.mark.parametrize("language", LOCALES)
def test_waiting_for_others_is_accessible_and_fits_in_every_look(
    site: Site, chromium: Browser, language: str
) -> None:
    first, _, waiting = open_while_held(site, chromium, f"looks {language}")
    waiting.context.close()
    for script in (True, False):
        context = new_context(chromium, language=language)
        if not script:
            context.route("**/*.js", lambda route: route.abort())
        page = context.new_page()
        page.goto(site.address(f"looks {language}"))
        page.locator(".over.held" if script else ".over:not(.held) .again").wait_for()

        assert chrome.flaws_in_every_look(page, state=f"held, {script}", sizes=SIZES) == []

        context.close()
    first.close()
