"""The desk's and the square's pages for everybody: axe, narrow screens, large text, keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from tests import browser as chrome
from tests.doors.desk.conftest import LOCALES, SIZES, Bureau

pytestmark = pytest.mark.browser
LETTER_PIXELS_MIN, LETTER_PIXELS_MAX = 11, 18
LETTER_PIXELS = """[...document.querySelectorAll(".chart text, .chart .label")].map(text => {
  const chart = text.closest("svg");
  const shown = chart.getBoundingClientRect().width / chart.viewBox.baseVal.width;
  return parseFloat(getComputedStyle(text).fontSize) * shown;
})"""
WAYS_IN = ("login", "signup", "password/reset")
DEMO = "/desk/demo/calls"
PAGES = {
    "front": "/",
    "front, none fits": "/?q=nothing-at-all",
    "organisation": "/o/demo/",
    "choice of organisations": "/desk/?choose=1",
    "calls": "/desk/demo/",
    "calls, empty": "/desk/bakery/",
    "new": "/desk/demo/new",
    "board": f"{DEMO}/4/",
    "board of numbers": f"{DEMO}/1/",
    "board of choices": f"{DEMO}/2/",
    "draft": f"{DEMO}/3/question",
    "tasks": f"{DEMO}/2/tasks",
    "tasks, none fits": f"{DEMO}/2/tasks?words=nothing",
    "task": f"{DEMO}/1/tasks/1",
    "share": f"{DEMO}/4/share",
    "poster": f"{DEMO}/4/share/poster",
    "exports": f"{DEMO}/4/exports",
    "more tasks": f"{DEMO}/4/add",
    "media": "/desk/demo/media",
    "members": "/desk/demo/members",
    "keys": "/desk/demo/keys",
    "settings": "/desk/demo/settings",
    "history": "/desk/demo/history",
    "account": "/desk/account",
    "two factors": "/account/2fa/",
    "password": "/account/password/change/",
    "not there": "/desk/nowhere/",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LOCALES)
def test_every_page_is_accessible_and_fits(
    bureau: Bureau, chromium: Browser, language: str, size: tuple[int, int], scheme: str
) -> None:
    page = bureau.page(chromium, language=language, size=size, color_scheme=scheme)
    page.context.clear_cookies(name="django_language")
    found: list[str] = []

    for name, path in PAGES.items():
        page.goto(bureau.server.url + path)
        found += chrome.flaws(page, state=name)
    page.goto(f"{bureau.server.url}/desk/demo/new")
    page.click("button[value=images]")
    for _ in range(3):
        page.wait_for_load_state("networkidle")
        found += chrome.flaws(page, state=page.url)
        page.goto(re.sub(r"question$", "add", page.url) if "question" in page.url
                  else re.sub(r"add$", "terms", page.url))  # fmt: skip

    page.context.close()
    assert found == []


@pytest.mark.parametrize("width", [320, 390, 700, 1280])
@pytest.mark.parametrize("name", ["board of numbers", "board of choices"])
def test_letters_in_charts_are_large_enough_to_read(
    bureau: Bureau, chromium: Browser, name: str, width: int
) -> None:
    page = bureau.page(chromium, path=PAGES[name], size=(width, 800))

    sizes = page.evaluate(LETTER_PIXELS)

    page.context.close()
    assert sizes
    assert [size for size in sizes if not LETTER_PIXELS_MIN <= size <= LETTER_PIXELS_MAX] == []


@pytest.mark.parametrize(
    "path", ["/account/login/", "/account/signup/", "/account/password/reset/"]
)
def test_ways_in_are_accessible(bureau: Bureau, chromium: Browser, path: str) -> None:
    page = bureau.page(chromium, path=path, size=(320, 640), language="ko", state=None)

    assert chrome.flaws(page, state=path) == []
    page.context.close()


@pytest.mark.parametrize("name", ["calls", "new", "board", "tasks", "share", "members", "front"])
def test_twice_the_text_and_wide_text_still_fit(
    bureau: Bureau, chromium: Browser, name: str
) -> None:
    page = bureau.page(chromium, path=PAGES[name], size=(640, 800), bypass_csp=True)
    page.add_style_tag(content="html { font-size: 200% }")

    assert chrome.overflow(page) == 0
    page.set_viewport_size({"width": 320, "height": 640})
    page.reload()
    page.add_style_tag(content=chrome.WIDE_TEXT)
    assert chrome.overflow(page) == 0
    page.context.close()
