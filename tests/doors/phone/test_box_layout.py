"""A picture, its boxes' buttons and Send stand on one screen, and none moves under a thumb."""

from __future__ import annotations

import io
import json
import re

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import browser as chrome
from tests.doors.phone.site import FRUIT, LOCALES, PICTURE, SIZES, Site, new_context, open_call
from tests.doors.phone.test_boxes import drag

pytestmark = pytest.mark.browser
SMALL, PHONE = SIZES[:2]
SHAPES = [(1200, 900), (900, 1200)]
FINGER_PIXELS_MIN = 44
EDGES = """one => {
    const { left, top, right, bottom } = one.getBoundingClientRect();
    return [left, top, right, bottom];
}"""
PARTS = ".box-tools .quiet-button, .box-frame, .box-canvas, .chip, .answer-button"


def come(
    chromium: Browser, site: Site, shape: tuple[int, int], size: tuple[int, int], language: str
) -> Page:
    context = new_context(chromium, language=language, size=size, service_workers="block")
    show_instead(context, shape)
    page = open_call(context, site.address("box"))
    page.locator(".box-frame[style*='--ratio']").wait_for()
    return page


def show_instead(context: BrowserContext, shape: tuple[int, int]) -> None:
    """A picture of this shape, where the task has another one."""
    picture = io.BytesIO()
    Image.new("RGB", shape, "#7a9").save(picture, "PNG")
    body = picture.getvalue()
    context.route(f"**{PICTURE}", lambda route: route.fulfill(body=body, content_type="image/png"))


def places(page: Page, selector: str) -> list[list[float]]:
    """Where each element that is shown begins and ends, from above."""
    shown = page.locator(selector).filter(visible=True)
    return list(
        shown.evaluate_all(
            "all => all.map(one => one.getBoundingClientRect()).map((one) => [one.top, one.bottom])"
        )
    )


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("shape", SHAPES)
def test_picture_buttons_and_send_stand_on_a_phones_screen(
    site: Site, chromium: Browser, shape: tuple[int, int], language: str
) -> None:
    page = come(chromium, site, shape, PHONE, language)

    drag(page, (0.2, 0.2), (0.5, 0.6))
    page.locator("[aria-expanded]").tap()
    page.locator("[aria-expanded=true]").wait_for()
    buttons = ".box-tools .quiet-button, .box-editing .quiet-button"
    ends = [end for _, end in places(page, f"{PARTS}, {buttons}")]

    assert page.locator(".box-editing .quiet-button").count() == 8
    assert max(ends) <= PHONE[1]
    assert page.evaluate("scrollY") == 0
    assert chrome.small_targets(page, selector=buttons, pixels_min=FINGER_PIXELS_MIN) == []
    page.context.close()


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_moves_when_a_box_is_chosen(
    site: Site, chromium: Browser, shape: tuple[int, int], language: str
) -> None:
    page = come(chromium, site, shape, SMALL, language)
    before = places(page, PARTS)

    drag(page, (0.2, 0.2), (0.5, 0.6))

    expect(page.locator(".box")).to_have_attribute("aria-pressed", "true")
    assert places(page, PARTS) == before
    ((_, end),) = places(page, ".answer-button.main")
    assert end <= SMALL[1]
    page.context.close()


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("size", [*SIZES, (412, 915)])
def test_no_label_is_cut(
    site: Site, chromium: Browser, size: tuple[int, int], language: str
) -> None:
    page = come(chromium, site, SHAPES[0], size, language)
    labels = page.locator(".box-labels")

    left, top, right, bottom = labels.evaluate(EDGES)
    ends = [one.evaluate(EDGES) for one in labels.locator(".chip").all()]

    assert len(ends) == len(FRUIT)
    assert [end for end in ends if end[0] < left or end[1] < top] == []
    assert [end for end in ends if end[2] > right or end[3] > bottom] == []
    assert right <= size[0]
    ((_, end),) = places(page, ".answer-button.main")
    assert end <= size[1]
    page.context.close()


def test_half_a_row_of_many_labels_shows_that_there_are_more(site: Site, chromium: Browser) -> None:
    page = come(chromium, site, SHAPES[0], SMALL, "en")
    labels = page.locator(".box-labels")

    labels.evaluate(
        "all => { for (let i = 0; i < 20; i++) all.append(all.lastChild.cloneNode(1)) }"
    )
    *_, bottom = labels.evaluate(EDGES)
    cut = [top for top, end in places(page, ".chip") if top < bottom - 10 < bottom + 10 < end]

    assert len(cut) > 0
    assert labels.evaluate("all => [all.scrollWidth > all.clientWidth]") == [False]
    page.context.close()


def test_whole_picture_is_seen_until_one_looks_closer(site: Site, chromium: Browser) -> None:
    page = come(chromium, site, SHAPES[1], PHONE, "en")
    frame, canvas = page.locator(".box-frame"), page.locator(".box-canvas")
    hidden = (
        "frame => [frame.scrollWidth > frame.clientWidth, frame.scrollHeight > frame.clientHeight]"
    )

    assert frame.evaluate(hidden) == [False, False]
    width, height = canvas.evaluate("one => [one.clientWidth, one.clientHeight]")
    assert width / height == pytest.approx(3 / 4, abs=0.01)
    drag(page, (0.5, 0.5), (0.99, 0.99))
    assert frame.evaluate(hidden) == [False, False]
    page.get_by_role("button", name="Zoom in").click()
    expect(frame).to_have_attribute("style", re.compile("--zoom: 1.5"))
    assert frame.evaluate(hidden) == [True, True]
    assert canvas.evaluate("one => one.clientWidth") > 1.25 * width
    page.context.close()


def test_buttons_move_and_resize_and_wait_open_at_the_next_picture(
    site: Site, chromium: Browser
) -> None:
    page = come(chromium, site, SHAPES[0], PHONE, "en")
    adjust = page.get_by_role("button", name="Adjust")
    right = page.get_by_role("button", name="Right")
    expect(right).to_be_hidden()

    adjust.tap()
    expect(right).to_be_disabled()
    page.get_by_role("button", name="Add a box").tap()
    right.tap()
    page.get_by_role("button", name="Wider").tap()
    page.get_by_role("button", name="Shorter").tap()
    with page.expect_response("**/collect/answers"):
        page.get_by_role("button", name="Send 1 box").tap()

    (box,) = json.loads(site.last_answer("box"))
    assert box == {"x": 0.36, "y": 0.35, "w": 0.31, "h": 0.29, "label": "apple"}
    expect(right).to_be_visible()
    expect(right).to_be_disabled()
    expect(page.get_by_role("button", name="Delete")).to_be_disabled()
    page.context.close()


def test_deleted_box_leaves_the_focus_at_a_button_that_works(site: Site, chromium: Browser) -> None:
    page = come(chromium, site, SHAPES[0], PHONE, "en")

    page.get_by_role("button", name="Add a box").tap()
    page.get_by_role("button", name="Delete").tap()

    expect(page.locator(".box")).to_have_count(0)
    expect(page.get_by_role("button", name="Add a box")).to_be_focused()
    expect(page.locator(".answer-button.main")).to_have_text("Nothing there")
    page.context.close()
