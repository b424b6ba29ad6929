"""The boxes of a ruling are drawn by mouse, finger and keys, and saved as they always were."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import browser as chrome
from tests.doors.desk.conftest import LOCALES, SIZES, Bureau
from tests.doors.desk.handmade import MARKED
from tests.doors.phone.test_boxes import drag

pytestmark = pytest.mark.browser
NARROW = SIZES[0]
RULING = "select value from tasks_ruling where call_id = {} order by id desc limit 1"
GULL, TERN = ({side: box[side] for side in ("x", "y", "w", "h", "label")} for box in MARKED[:2])
Where = tuple[int, int]


@pytest.fixture
def where(bureau: Bureau) -> Where:
    """A call whose boxes were judged, and its task."""
    return bureau.make_judged_calls()["box"]


def come(bureau: Bureau, chromium: Browser, where: Where, **options: Any) -> Page:
    call, task = where
    page = bureau.page(chromium, path=f"/desk/bakery/calls/{call}/tasks/{task}", **options)
    if options.get("java_script_enabled", True):
        page.locator(".box-frame[style*='--ratio']").wait_for()
        page.locator(".ruling-boxes").scroll_into_view_if_needed()
    return page


def rule(page: Page) -> None:
    page.locator("[name=reason]").fill("I saw it.")
    with page.expect_navigation():
        page.locator("[name=reason]").press("Enter")


def ruled(bureau: Bureau, where: Where) -> Any:
    """The boxes of the last ruling, their sides rounded to what a hand can hit."""
    ((boxes,),) = bureau.rows(RULING.format(where[0]))
    return [
        {name: round(one, 2) if isinstance(one, float) else one for name, one in box.items()}
        for box in boxes
    ]


def show_picture(page: Page) -> None:
    """All of it in the window, as a mouse needs it."""
    page.locator(".box-canvas").evaluate("one => one.scrollIntoView({block: 'center'})")


def test_boxes_of_the_crowd_are_ruled_untouched(
    bureau: Bureau, chromium: Browser, where: Where
) -> None:
    page = come(bureau, chromium, where)
    expect(page.locator(".ruling-boxes textarea")).to_be_hidden()

    rule(page)

    assert ruled(bureau, where) == [GULL, TERN]
    page.context.close()


def test_boxes_are_drawn_moved_resized_and_named_by_mouse(
    bureau: Bureau, chromium: Browser, where: Where
) -> None:
    page = come(bureau, chromium, where)
    show_picture(page)

    drag(page, (0.2, 0.3), (0.3, 0.4))
    drag(page, (0.5, 0.65), (0.55, 0.7))
    drag(page, (0.7, 0.05), (0.9, 0.3))
    page.get_by_role("radio", name="Auk").check()
    rule(page)

    assert ruled(bureau, where) == [
        {**GULL, "x": 0.2, "y": 0.25, "w": 0.35, "h": 0.45},
        TERN,
        {"x": 0.7, "y": 0.05, "w": 0.2, "h": 0.25, "label": "auk"},
    ]
    page.context.close()


def test_boxes_are_drawn_by_finger(bureau: Bureau, chromium: Browser, where: Where) -> None:
    page = come(bureau, chromium, where, size=SIZES[1], has_touch=True)
    show_picture(page)
    box = page.locator(".box-canvas").bounding_box()
    assert box is not None

    for x, y in ((0.6, 0.05), (0.8, 0.3)):
        page.touchscreen.tap(box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.get_by_role("button", name="Adjust").tap()
    page.get_by_role("button", name="Left").tap()
    page.get_by_role("radio", name="Tern").tap()
    expect(page.get_by_role("radio", name="Tern")).to_be_checked()
    rule(page)

    gull, tern, new = ruled(bureau, where)
    assert (gull, tern) == (GULL, TERN)
    assert new == {"x": 0.59, "y": 0.05, "w": 0.2, "h": 0.25, "label": "tern"}
    page.context.close()


def test_boxes_are_changed_by_keys_alone(bureau: Bureau, chromium: Browser, where: Where) -> None:
    page = come(bureau, chromium, where)

    page.get_by_role("button", name="Add a box").focus()
    page.keyboard.press("Enter")
    chrome.tab_to(page, ".box")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Delete")
    rule(page)

    gull, new = ruled(bureau, where)
    assert gull == {**GULL, "x": 0.11, "h": 0.41}
    assert new["label"] == "gull"
    page.context.close()


def test_that_nothing_is_there_must_be_said(
    bureau: Bureau, chromium: Browser, where: Where
) -> None:
    page = come(bureau, chromium, where)
    none = page.get_by_role("checkbox", name="Nothing there")
    expect(none).to_be_disabled()

    page.locator(".ruling-boxes .box").last.click()
    for _ in range(2):
        page.get_by_role("button", name="Delete").click()
    expect(none).not_to_be_checked()
    rule(page)
    expect(page.get_by_role("alert")).to_have_text(
        "A ruling says what is true; choose or write an answer."
    )
    none.check()
    rule(page)

    assert ruled(bureau, where) == []
    page.context.close()


def test_text_that_says_no_boxes_stays_to_be_mended(
    bureau: Bureau, chromium: Browser, where: Where
) -> None:
    page = come(bureau, chromium, where)
    area = page.locator(".ruling-boxes textarea")

    area.evaluate("area => { area.value = 'gull' }")
    rule(page)

    expect(page.get_by_role("alert")).to_contain_text("Expected the boxes as a JSON list")
    expect(area).to_be_visible()
    expect(area).to_have_value("gull")
    expect(page.locator(".box-canvas")).to_have_count(0)
    page.context.close()


def test_text_is_enough_without_the_pages_own_code(
    bureau: Bureau, chromium: Browser, where: Where
) -> None:
    page = come(bureau, chromium, where, java_script_enabled=False)

    page.get_by_label("True are these boxes").fill(json.dumps([TERN]))
    rule(page)

    assert ruled(bureau, where) == [TERN]
    page.context.close()


@pytest.mark.parametrize("language", LOCALES)
def test_ruling_has_no_flaws_in_any_look(
    bureau: Bureau, chromium: Browser, where: Where, language: str
) -> None:
    page = come(bureau, chromium, where, size=NARROW, language=language)
    flaws = chrome.flaws_in_every_look(page, state="none chosen", sizes=SIZES)

    page.locator(".ruling-boxes [aria-expanded]").click()
    page.locator(".ruling-boxes .box").first.click()
    flaws += chrome.flaws_in_every_look(page, state="one chosen", sizes=SIZES)

    assert flaws == []
    page.context.close()
