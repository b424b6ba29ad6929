"""The pages in Chromium without JavaScript: forms that the server answers, clean for axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import browser as chrome
from tests.doors.phone.site import (
    LOCALES,
    PHONES,
    QUESTIONS,
    SIZES,
    Site,
    new_context,
    type_by_touch,
)

pytestmark = pytest.mark.browser
TYPED = {"number": "12", "text": "두레네"}


def open_plain(
    chromium: Browser, *, language: str = "en", size: tuple[int, int] = (390, 844)
) -> Page:
    context = new_context(chromium, language=language, size=size, java_script_enabled=False)
    return context.new_page()


@pytest.mark.parametrize("language", LOCALES)
def test_every_page_and_state_is_accessible_and_fits_in_every_look(
    site: Site, chromium: Browser, language: str
) -> None:
    # axe is code itself and waits by timers, so it is the page's own code that is kept away.
    context = new_context(chromium, language=language)
    context.route("**/*.js", lambda route: route.abort())
    page = context.new_page()
    found = []

    for name in ("front", *QUESTIONS, "pause", "close", "nowhere"):
        page.goto(site.address(name))
        found += chrome.flaws_in_every_look(page, state=name, sizes=SIZES)
    page.goto(site.address("choice"))
    with page.expect_navigation():
        page.locator(".answer-button").first.click()
    found += chrome.flaws_in_every_look(page, state="saved", sizes=SIZES)
    page.locator("summary").first.click()
    found += chrome.flaws_in_every_look(page, state="promise", sizes=SIZES)
    page.goto(site.address("number"))
    page.locator("input[name=value]").fill("many")
    with page.expect_navigation():
        page.locator(".answer-button.main").click()
    found += chrome.flaws_in_every_look(page, state="error", sizes=SIZES)

    page.context.close()
    assert found == []


@pytest.mark.parametrize("size", PHONES)
@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("name", ["choice", "number", "text"])
def test_first_answer_is_given_by_taps_alone(
    site: Site, chromium: Browser, name: str, language: str, size: tuple[int, int]
) -> None:
    page = open_plain(chromium, language=language, size=size)

    page.goto(site.address(name))
    if name == "choice":
        page.locator(".answer-button").first.tap()
    else:
        type_by_touch(page, "[name=value]", TYPED[name])
        page.locator(".answer-button.main").tap()

    saved = {"ko": "저장했어요. 고마워요!", "en": "Saved. Thank you!"}
    expect(page.locator(".fate p")).to_have_text(saved[language])
    assert site.last_answer(name) == TYPED.get(name, "yes")
    page.context.close()


@pytest.mark.parametrize("name", ["choice", "number", "text"])
def test_everything_works_by_keys_alone(site: Site, chromium: Browser, name: str) -> None:
    page = open_plain(chromium, size=(1280, 800))
    page.goto(site.address(name))

    chrome.tab_to(page, ".answer-button" if name == "choice" else "[name=value]")
    if name != "choice":
        page.keyboard.type(TYPED[name])
        chrome.tab_to(page, ".answer-button.main")
    page.keyboard.press("Enter")
    page.locator(".fate").wait_for()
    assert site.last_answer(name) == TYPED.get(name, "yes")
    chrome.tab_to(page, ".fate button")
    page.keyboard.press("Space")

    page.get_by_text("Taken back. You can answer again.").wait_for()
    page.context.close()


def test_language_switch_keeps_the_task(site: Site, chromium: Browser) -> None:
    page = open_plain(chromium, language="ko")
    page.goto(site.address("choice"))
    before = page.locator("input[name=task]").get_attribute("value")

    page.locator(".languages button").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("input[name=task]")).to_have_value(str(before))
    page.context.close()
