"""Pictures of verdicts in a real browser: nothing wrong for axe, on narrow screens, in the dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests import browser as chrome
from tests.doors.desk.conftest import SIZES, Bureau
from tests.serving import wait_until

pytestmark = pytest.mark.browser
KINDS = ("box", "rank", "text", "number")
NARROW = SIZES[0]
OPEN_ALL = """() => {
    for (const one of document.querySelectorAll('.behind')) one.open = true;
    for (const one of document.querySelectorAll('.show-single')) one.checked = true;
}"""
Made = dict[str, tuple[int, int]]


@pytest.fixture(scope="module")
def made(bureau: Bureau) -> Made:
    return bureau.make_judged_calls()


@pytest.mark.parametrize("kind", KINDS)
def test_task_and_board_have_no_flaws(
    bureau: Bureau, chromium: Browser, made: Made, kind: str
) -> None:
    call, task = made[kind]
    flaws = []
    for name in (f"tasks/{task}", ""):
        page = bureau.page(chromium, path=f"/desk/bakery/calls/{call}/{name}", size=NARROW)
        page.evaluate(OPEN_ALL)
        flaws += chrome.flaws_in_every_look(page, state=f"{kind} {name or 'board'}", sizes=SIZES)
        page.context.close()

    assert flaws == []


def test_boxes_are_shown_and_hidden_in_layers(
    bureau: Bureau, chromium: Browser, made: Made
) -> None:
    call, task = made["box"]
    page = bureau.page(
        chromium, path=f"/desk/bakery/calls/{call}/tasks/{task}", java_script_enabled=False
    )
    merged = page.locator(".boxes .merged .line").first
    single = page.locator(".boxes .single .line").first
    expect(merged).to_be_visible()
    expect(single).to_be_hidden()

    page.get_by_label("Each answer's own boxes").check()
    page.get_by_label("What was made of all answers").uncheck()

    expect(merged).to_be_hidden()
    expect(single).to_be_visible()
    image = page.locator(".over-picture img")
    wait_until(lambda: bool(image.evaluate("image => image.naturalWidth")))
    picture = image.bounding_box()
    drawn = single.bounding_box()
    assert picture is not None
    assert drawn is not None
    assert (drawn["x"] - picture["x"]) / picture["width"] == pytest.approx(0.09, abs=0.01)
    assert drawn["height"] / picture["height"] == pytest.approx(0.4, abs=0.02)
    page.context.close()
