"""A call on somebody else's page: it fits, its first question is answered there, it asks no cookie.

The page comes from `localhost`, which is another site than `127.0.0.1`: browsers keep our cookie
from the frame, as they do on the websites of others.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, Playwright, expect

from dure.calls.tasks.answers import KEY_COOKIE
from tests import browser as chrome
from tests.doors.phone.site import QUESTIONS, Site, new_context
from tests.serving import wait_until

pytestmark = pytest.mark.browser
SLACK_PIXELS = 2
NOTE_HEIGHT = "addEventListener('message', ({ data }) => { window.told = data.dureHeight; })"
# Heard after the element has heard it.
HEAR_OTHERS = """() => new Promise((resolve) => {
    const others = document.querySelector('.others');
    addEventListener('message', ({ source }) => source === others.contentWindow && resolve());
    others.srcdoc += ' ';
})"""


class Way(Protocol):
    __name__: str

    def __call__(self, site: Site, slug: str) -> str: ...


@contextmanager
def served(body: str) -> Iterator[str]:
    """Somebody's page at an address of another site."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>A shop</title><body>{body}".encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def element(site: Site, slug: str, more: str = "") -> str:
    return (
        f'<script type="module" src="{site.server.url}/embed.js"></script>'
        f'<dure-call slug="{slug}" {more}></dure-call>'
    )


def plain(site: Site, slug: str) -> str:
    return f'<iframe src="{site.server.url}/c/{slug}/?embed=1" width="100%" height="640"></iframe>'


def inside(page: Page) -> Frame:
    page.frame_locator("iframe").locator(".phone").wait_for()
    return page.frames[1]


def gap(page: Page) -> int:
    """By how many pixels the frame is taller than the page in it."""
    return int(
        page.locator("iframe").evaluate("frame => frame.getBoundingClientRect().height")
        - inside(page).evaluate("document.documentElement.getBoundingClientRect().height")
    )


def come_twice(site: Site, context: BrowserContext, *, name: str, way: Way) -> list[dict[str, str]]:
    """Answer the first question on somebody's page, come back, and answer another."""
    call = site.open(name, QUESTIONS["choice"])
    page = context.new_page()
    with served(way(site, call["slug"])) as address:
        for n, value in enumerate(("yes", "no")):
            page.goto(address)
            frame = inside(page)
            frame.locator(".phone[data-ready]").wait_for()
            frame.locator(f"[data-value={value}]").click()
            # A reply may be to the first, which is sent again where it was not noted as sent.
            wait_until(lambda n=n: len(site.answers(name)) > n)
    assert KEY_COOKIE not in {cookie["name"] for cookie in context.cookies()}
    return site.answers(name)


@pytest.mark.parametrize("way", [element, plain])
def test_whoever_comes_back_is_the_same_person_without_a_cookie(
    site: Site, playwright: Playwright, tmp_path: Path, way: Way
) -> None:
    # Not Debian's own choice, which is to keep all storage from frames of others.
    preferences = tmp_path / "Default" / "Preferences"
    preferences.parent.mkdir()
    preferences.write_text('{"profile": {"cookie_controls_mode": 0}}')
    context = playwright.chromium.launch_persistent_context(
        tmp_path, executable_path=chrome.path(), args=chrome.FLAGS, locale="en-US"
    )
    context.set_default_timeout(chrome.PATIENCE_MS)

    answers = come_twice(site, context, name=f"known {way.__name__}", way=way)
    context.close()

    assert [one["answer"] for one in answers] == ["yes", "no"]
    assert len({one["worker"] for one in answers}) == 1


@pytest.mark.parametrize("size", [(390, 844), (1280, 800)])
@pytest.mark.parametrize("way", [element, plain])
def test_question_is_answered_where_the_browser_keeps_nothing_for_a_frame(
    site: Site, chromium: Browser, way: Way, size: tuple[int, int]
) -> None:
    # As in a private window, where Chromium denies others' frames cookies and databases alike.
    context = new_context(chromium, size=size)

    answers = come_twice(site, context, name=f"new {way.__name__} {size[0]}", way=way)
    context.close()

    assert sorted(one["answer"] for one in answers) == ["no", "yes"]


@pytest.mark.parametrize("name", ["choice", "pair", "rank", "box", "text", "pause"])
def test_element_is_as_tall_as_the_call_in_it(site: Site, chromium: Browser, name: str) -> None:
    context = new_context(chromium)
    page = context.new_page()

    with served(element(site, site.calls[name]["slug"])) as address:
        page.goto(address)
        page.wait_for_function("document.querySelector('iframe').style.blockSize !== '640px'")
        inside(page).locator("summary").first.click()
        wait_until(lambda: 0 <= gap(page) <= SLACK_PIXELS)
        page.set_viewport_size({"width": 900, "height": 700})
        inside(page).wait_for_function("innerWidth > 800")
        wait_until(lambda: 0 <= gap(page) <= SLACK_PIXELS)
    context.close()


def test_height_is_taken_from_the_calls_own_page_alone(site: Site, chromium: Browser) -> None:
    context = new_context(chromium)
    page = context.new_page()
    body = element(site, site.calls["choice"]["slug"], more='class="ours"') + (
        '<iframe class=others srcdoc=\'<script>parent.postMessage({dureHeight: 3000}, "*")'
        "</script>'></iframe><script>postMessage({dureHeight: 3000}, '*')</script>"
    )

    with served(body) as address:
        page.goto(address)
        frame = page.locator(".ours iframe")
        page.frame_locator(".ours iframe").locator(".phone[data-ready]").wait_for()
        page.evaluate(HEAR_OTHERS)
        height = frame.evaluate("frame => frame.getBoundingClientRect().height")
    context.close()

    assert 160 <= height < 2000


def test_height_that_was_asked_for_stays(site: Site, chromium: Browser) -> None:
    context = new_context(chromium)
    context.add_init_script(NOTE_HEIGHT)
    page = context.new_page()

    with served(element(site, site.calls["choice"]["slug"], more='height="500"')) as address:
        page.goto(address)
        inside(page).locator(".phone[data-ready]").wait_for()
        page.wait_for_function("window.told > 0")
        height = page.locator("iframe").evaluate("frame => frame.style.blockSize")
    context.close()

    assert height == "500px"


@pytest.mark.parametrize("name", ["choice", "close"])
def test_page_for_a_frame_is_accessible_with_and_without_its_code(
    site: Site, chromium: Browser, name: str
) -> None:
    found = []

    for is_plain in (True, False):
        context = new_context(chromium)
        if is_plain:
            context.route("**/phone.js", lambda route: route.abort())
        page = context.new_page()
        page.goto(f"{site.address(name)}?embed=1")
        page.locator(".phone" if is_plain else ".phone[data-ready]").wait_for()
        found += chrome.flaws(page, state=f"plain {is_plain}")
        context.close()

    assert found == []


def test_without_code_it_offers_a_window_of_its_own(site: Site, chromium: Browser) -> None:
    context = new_context(chromium)
    context.route("**/phone.js", lambda route: route.abort())
    page = context.new_page()

    with served(plain(site, site.calls["choice"]["slug"])) as address:
        page.goto(address)
        frame = inside(page)
        with context.expect_page() as opened:
            frame.get_by_text("Answer in a window of its own").click()
        own = opened.value
        expect(own).to_have_url(site.address("choice"))
        own.locator(".answer-button").first.wait_for()
    context.close()


@pytest.mark.parametrize("name", ["close", "nowhere"])
def test_what_has_no_question_still_shows_in_the_frame(
    site: Site, chromium: Browser, name: str
) -> None:
    context = new_context(chromium)
    page = context.new_page()
    slug = "nowhere" if name == "nowhere" else site.calls[name]["slug"]

    with served(plain(site, slug)) as address:
        page.goto(address)
        words = page.frame_locator("iframe").locator("h1").inner_text()
        with context.expect_page() as opened:
            page.frame_locator("iframe").locator(".brand").click()
        expect(opened.value).to_have_url(f"{site.server.url}/")
    context.close()

    assert words
