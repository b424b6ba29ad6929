"""A box on a picture is moved and resized by a finger, closer to the picture too."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, Page

from tests import browser as chrome
from tests.doors.phone.site import Site, new_context, open_call, place_of_picture

pytestmark = pytest.mark.browser


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Both ends in fractions of the picture."""
    box = place_of_picture(page)
    ends = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*ends[0])
    page.mouse.down()
    page.mouse.move((ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2)
    page.mouse.move(*ends[1])
    page.mouse.up()


def test_box_is_drawn_moved_and_resized_by_dragging(site: Site, chromium: Browser) -> None:
    context = new_context(chromium)
    page = open_call(context, site.address("box"))

    drag(page, (0.2, 0.2), (0.5, 0.6))
    drag(page, (0.35, 0.4), (0.45, 0.3))
    drag(page, (0.6, 0.5), (0.8, 0.8))
    assert chrome.flaws(page, state="resized") == []
    with page.expect_response("**/collect/answers"):
        page.locator(".answer-button.main").tap()

    (box,) = json.loads(site.last_answer("box"))
    sides = [round(box[side], 1) for side in ("x", "y", "w", "h")]
    assert sides == [0.3, 0.1, 0.5, 0.7]
    context.close()


def test_box_dragged_out_of_the_picture_stops_at_its_side(site: Site, chromium: Browser) -> None:
    context = new_context(chromium)
    page = open_call(context, site.address("box"))

    drag(page, (0.2, 0.2), (0.5, 0.6))
    drag(page, (0.35, 0.4), (0.99, 0.99))
    with page.expect_response("**/collect/answers"):
        page.locator(".answer-button.main").tap()

    (box,) = json.loads(site.last_answer("box"))
    assert [round(box["x"] + box["w"], 4), round(box["y"] + box["h"], 4)] == [1, 1]
    context.close()
