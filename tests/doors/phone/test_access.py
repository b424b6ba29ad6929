"""The call's page for everybody: axe, narrow screens, keys, wide text, little motion."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import browser as chrome
from tests.doors.phone.site import (
    LOCALES,
    QUESTIONS,
    SIZES,
    YES_NO,
    Site,
    new_context,
    open_call,
)

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", LOCALES)
def test_every_state_is_accessible_and_fits_in_every_look(
    site: Site, chromium: Browser, language: str
) -> None:
    context = new_context(chromium, language=language)
    found: list[str] = []

    def look(page: Page, state: str, begin: Callable[[], object] = lambda: None) -> None:
        found.extend(chrome.flaws_in_every_look(page, state=state, sizes=SIZES, begin=begin))

    for name in QUESTIONS:
        page = open_call(context, site.address(name))
        look(page, name)
        if name in ("number", "text", "multi"):
            page.locator(".answer-button.main").click()
            look(page, f"{name}, sent empty")
        if name == "box":
            page.locator(".box-tools .quiet-button").first.click()
            look(page, "box, one drawn")
        if name == "rank":
            page.locator(".rank-item").first.click()
            look(page, "rank, one placed")
        if name == "predict":
            page.locator("[data-value=yes]").click()
            look(page, "predict, second step")
        if name == "choice":
            look(page, "undo", begin=lambda page=page: answer(page))
            context.set_offline(True)
            page.locator("[data-value=yes]").click()
            page.locator(".waiting:not([hidden])").wait_for()
            look(page, "offline")
            context.set_offline(False)
        page.close()

    context.close()
    assert found == []


def answer(page: Page) -> None:
    """What was said can be taken back for five seconds from now."""
    page.locator("[data-value=yes]").click()
    page.locator(".undo").wait_for()


@pytest.mark.parametrize("name", QUESTIONS)
def test_focus_is_never_hidden_and_wide_text_still_fits(
    site: Site, chromium: Browser, name: str
) -> None:
    context = new_context(chromium, language="ko", size=(320, 640))
    page = open_call(context, site.address(name))
    # A picture that comes late moves what stands under it.
    page.wait_for_function("[...document.images].every((image) => image.complete)")
    assert chrome.covered_stops(page) == []
    context.close()
    # A style of the reader's own is not the page's, so the policy must stand aside for it here.
    context = new_context(chromium, language="ko", size=(320, 640), bypass_csp=True)
    page = open_call(context, site.address(name))
    page.add_style_tag(content=chrome.WIDE_TEXT)
    assert chrome.overflow(page) == 0
    context.close()


def test_task_and_answers_stand_on_one_small_screen(site: Site, chromium: Browser) -> None:
    context = new_context(chromium, language="ko", size=(360, 640))
    page = open_call(context, site.address("choice"))

    boxes = [box.bounding_box() for box in page.locator(".answer-button").all()]

    assert len(boxes) == 3
    assert all(box is not None and box["y"] + box["height"] <= 640 for box in boxes)
    assert all(box is not None and box["y"] >= 320 for box in boxes)
    context.close()


def test_reduced_motion_is_obeyed(site: Site, chromium: Browser) -> None:
    context = new_context(chromium, reduced_motion="reduce")
    page = open_call(context, site.address("choice"))
    page.locator("[data-value=yes]").tap()

    page.locator(".undo-time").wait_for(state="attached")
    style = "getComputedStyle(document.querySelector('.undo-time')).animationName"

    assert page.evaluate(style) == "none"
    context.close()


def test_picture_is_shown_large_and_closed_again(site: Site, chromium: Browser) -> None:
    picture = {"image": "/static/dure/demo/table-2.webp", "text": "What is it?"}
    question = {"type": "choice", "text": "Is there an apple?", "options": YES_NO}
    site.open("zoom", question, content=picture, n_tasks=2)
    context = new_context(chromium)
    page = open_call(context, site.address("zoom"))

    page.locator(".zoom-button").tap()
    page.locator("dialog .zoomed").wait_for()

    assert chrome.flaws(page, state="zoomed") == []
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    context.close()
