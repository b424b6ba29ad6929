"""What comes after the answers, for everybody: keeping them, and the result of a finished call."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests import browser as chrome
from tests.doors.phone.site import LOCALES, SIZES, Site, new_context, open_call

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", LOCALES)
def test_every_page_after_the_answers_is_accessible_and_fits_in_every_look(
    site: Site, chromium: Browser, helped: StorageState, language: str
) -> None:
    mine = new_context(chromium, language=language, storage_state=helped)
    other = new_context(chromium, language=language)
    page = mine.new_page()
    keep = f"{site.address('done')}keep"
    found: list[str] = []

    def look(page: Page, state: str) -> None:
        found.extend(chrome.flaws_in_every_look(page, state=state, sizes=SIZES))

    page.goto(keep)
    look(page, "keep")
    page.locator("[name=email]").fill("nobody")
    page.locator("[name=email]").press("Enter")
    # The browser's own check stands before ours; people without it come here.
    page.evaluate("() => document.querySelector('form[action$=mail]').submit()")
    page.locator("#mail-advice").wait_for()
    look(page, "keep, wrong address")
    page.goto(f"{keep}/pay")
    look(page, "pay")
    other_way = page.locator("details.way").nth(2)
    other_way.locator("summary").click()
    other_way.locator("[name=lines]").fill("cash")
    other_way.locator("[name=holder]").fill("Bo")
    other_way.locator("[name=country]").select_option("KR")
    other_way.locator(".answer-button").click()
    page.locator("[name=erase]").wait_for()
    look(page, "pay, said")
    page.goto(keep)
    page.locator("form[action$=link] button").click()
    link = page.locator(".long").inner_text()
    look(page, "keep, with a link")
    stranger = other.new_page()
    stranger.goto(link)
    look(stranger, "claim")
    with stranger.expect_navigation():
        stranger.locator(".answer-button").click()
    look(stranger, "kept")
    stranger.goto(link)
    look(stranger, "claim, over")
    look(open_call(mine, site.address("done")), "finished")
    stranger.goto(f"{site.server.url}/c/offline")
    look(stranger, "offline")

    mine.close()
    other.close()
    assert found == []


def test_finished_call_shows_the_result_and_the_names(
    site: Site, chromium: Browser, helped: StorageState
) -> None:
    context = new_context(chromium, storage_state=helped)

    shown = " ".join(open_call(context, site.address("done")).locator(".over").inner_text().split())

    assert "This call is over. Thank you!" in shown
    assert re.search(r"In 3 of 3 tasks you and the crowd say the same\.", shown)
    assert "Thanks to 미나 Mina" in shown
    context.close()


def test_language_switch_keeps_the_result(
    site: Site, chromium: Browser, helped: StorageState
) -> None:
    context = new_context(chromium, storage_state=helped)
    page = open_call(context, site.address("done"))

    page.get_by_role("button", name="한국어").tap()

    page.get_by_text("나와 모두의 답").wait_for()
    expect(page.locator(".over h1")).to_have_text("모두 끝났어요. 고맙습니다!")
    context.close()
