"""The call's page with its own code: every type by touch and by keys, each state clean for axe."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import browser as chrome
from tests.doors.phone.site import (
    PHONES,
    YES_NO,
    Site,
    new_context,
    next_task,
    open_at_rest,
    open_call,
    place_of_picture,
    tap_yes,
    type_by_touch,
    until_at_rest,
)
from tests.serving import wait_until

pytestmark = pytest.mark.browser
Act = Callable[[Page], object]
# A line so slow that no answer has left when the page goes away.
NOTHING_HAS_LEFT = """const ask = window.fetch;
window.fetch = (path, options) => path === '/collect/answers' && !options.keepalive
    ? new Promise(() => {}) : ask(path, options)"""

# How a thumb gives an answer, and what is stored of it.
BY_TOUCH: dict[str, tuple[Act, Any]] = {
    "choice": (lambda page: page.locator("[data-value=yes]").tap(), "yes"),
    "many": (
        lambda page: (page.get_by_role("searchbox").fill("g"),
                      page.locator("[data-value=g]").tap()),
        "g",
    ),
    "multi": (
        lambda page: (
            page.locator(".chip").nth(2).tap(), page.locator(".chip").nth(0).tap(),
            page.locator(".answer-button.main").tap(),
        ),
        ["apple", "plum"],
    ),
    "number": (
        lambda page: (type_by_touch(page, "[data-number]", "12"),
                      page.locator(".answer-button.main").tap()),
        "12",
    ),
    "text": (
        lambda page: (type_by_touch(page, "textarea", "두레네"),
                      page.locator(".answer-button.main").tap()),
        "두레네",
    ),
    "pair": (lambda page: page.locator(".pair-card").nth(1).tap(), "right"),
    "rank": (
        lambda page: (rank_by_touch(page, "three", "one", "two"),
                      page.locator(".answer-button.main").tap()),
        ["three", "one", "two"],
    ),
    "box": (
        lambda page: (tap_picture(page, 0.2, 0.3), tap_picture(page, 0.5, 0.8),
                      page.locator(".chip").nth(1).tap(),
                      page.locator(".answer-button.main").tap()),
        [{"x": 0.2, "y": 0.3, "w": 0.3, "h": 0.5, "label": "pear"}],
    ),
    "predict": (
        lambda page: (page.locator("[data-value=yes]").tap(),
                      page.locator("[data-share]").fill("70"),
                      page.locator(".answer-button.main").tap()),
        "yes",
    ),
}  # fmt: skip

# The same by keys alone, beginning at the question, which has the focus.
BY_KEYS: dict[str, tuple[Act, Any]] = {
    "choice": (lambda page: page.keyboard.press("2"), "no"),
    "many": (
        lambda page: (chrome.tab_to(page, "input[type=search]"), page.keyboard.type("h"),
                      chrome.tab_to(page, "[data-value=h]"), page.keyboard.press("Enter")),
        "h",
    ),
    "multi": (
        lambda page: (page.keyboard.press("1"), page.keyboard.press("3"), page.keyboard.press("1"),
                      chrome.tab_to(page, ".answer-button.main"), page.keyboard.press("Space")),
        ["plum"],
    ),
    "number": (
        lambda page: (chrome.tab_to(page, "[data-number]"), page.keyboard.type("1,0"),
                      page.keyboard.press("Backspace"), page.keyboard.press("Backspace"),
                      page.keyboard.type("7"), page.keyboard.press("Enter")),
        "17",
    ),
    "text": (
        lambda page: (chrome.tab_to(page, "textarea"), page.keyboard.type("Gull"),
                      chrome.tab_to(page, ".answer-button.main"), page.keyboard.press("Enter")),
        "Gull",
    ),
    "pair": (lambda page: page.keyboard.press("ArrowLeft"), "left"),
    "rank": (
        lambda page: (chrome.tab_to(page, ".rank-item"), page.keyboard.press("Tab"),
                      page.keyboard.press("Enter"),
                      chrome.tab_to(page, ".answer-button.main"), page.keyboard.press("Enter")),
        ["two"],
    ),
    "box": (
        lambda page: (chrome.tab_to(page, ".box-tools .quiet-button"), page.keyboard.press("Enter"),
                      chrome.tab_to(page, ".box"), page.keyboard.press("ArrowRight"),
                      page.keyboard.press("Shift+ArrowDown"),
                      chrome.tab_to(page, ".answer-button.main"), page.keyboard.press("Enter")),
        [{"x": 0.36, "y": 0.35, "w": 0.3, "h": 0.31, "label": "apple"}],
    ),
    "predict": (
        lambda page: (page.keyboard.press("1"), chrome.tab_to(page, "input[type=range]"),
                      page.keyboard.press("ArrowRight"), page.keyboard.press("ArrowRight"),
                      chrome.tab_to(page, ".answer-button.main"), page.keyboard.press("Enter")),
        "yes",
    ),
}  # fmt: skip


def rank_by_touch(page: Page, *names: str) -> None:
    """One after the other: what has its place moves to the top."""
    for name in names:
        item = page.get_by_role("button", name=name, exact=True)
        item.tap()
        expect(item).to_have_attribute("aria-pressed", "true")


def tap_picture(page: Page, x: float, y: float) -> None:
    box = place_of_picture(page)
    page.touchscreen.tap(box["x"] + x * box["width"], box["y"] + y * box["height"])


def store(site: Site, page: Page, name: str, act: Act) -> str:
    """What is stored of the answer that this page gives; another's may still be on its way."""
    with page.expect_response("**/collect/answers") as replied:
        act(page)
    [accepted] = replied.value.json()["accepted"]
    [row] = [row for row in site.answers(name) if row["id"] == accepted]
    return row["answer"]


def rounded(answer: str) -> Any:
    """An answer as it was given, boxes rounded to what a finger can hit."""
    if not answer.startswith("["):
        return answer
    return [
        {side: part if side == "label" else round(part, 2) for side, part in one.items()}
        if isinstance(one, dict)
        else one
        for one in json.loads(answer)
    ]


@pytest.mark.parametrize("size", PHONES)
@pytest.mark.parametrize("name", BY_TOUCH)
def test_every_type_is_answered_by_touch(
    site: Site, chromium: Browser, name: str, size: tuple[int, int]
) -> None:
    act, expected = BY_TOUCH[name]
    context = new_context(chromium, size=size)
    page = open_call(context, site.address(name))
    task = page.locator(".phone").get_attribute("data-task")

    answer = store(site, page, name, act)

    next_task(page, task)
    expect(page.locator(".undo p")).to_have_text("Your first answer is in. Thank you!")
    assert rounded(answer) == expected
    context.close()


def test_undo_stands_on_one_line_beside_thanks_of_two(site: Site, chromium: Browser) -> None:
    context = new_context(chromium, language="ko")
    page = open_call(context, site.address("choice"))

    page.locator(".answer-button").first.tap()

    button = page.locator(".undo button")
    button.wait_for()
    lines = "button => { const all = document.createRange(); all.selectNodeContents(button);"
    assert button.evaluate(lines + " return all.getClientRects().length; }") == 1
    context.close()


@pytest.mark.parametrize("name", BY_KEYS)
def test_every_type_is_answered_by_keys_alone(site: Site, chromium: Browser, name: str) -> None:
    act, expected = BY_KEYS[name]
    context = new_context(chromium, size=(1280, 800))
    page = open_call(context, site.address(name))
    task = page.locator(".phone").get_attribute("data-task")
    chrome.tab_to(page, ".languages button")
    page.locator(".question").focus()

    answer = store(site, page, name, act)

    next_task(page, task)
    assert rounded(answer) == expected
    # The focus went to the new question, and from there "u" takes the answer back.
    assert page.evaluate("document.activeElement.className") == "question"
    page.keyboard.press("u")
    page.wait_for_function(
        "task => document.querySelector('.phone').dataset.task === task", arg=task
    )
    context.close()


@pytest.mark.parametrize("name", ["choice", "box"])
def test_not_sure_is_an_answer_of_its_own(site: Site, chromium: Browser, name: str) -> None:
    context = new_context(chromium)
    page = open_call(context, site.address(name))
    task = page.locator(".phone").get_attribute("data-task")

    answer = store(site, page, name, lambda page: page.locator(".unsure").tap())

    next_task(page, task)
    expect(page.locator(".undo p")).to_have_text("Passed on to somebody else.")
    assert answer == ""
    context.close()


def test_prediction_is_sent_with_the_answer(site: Site, chromium: Browser) -> None:
    # A request that goes by a service worker is not the page's own to the test.
    context = new_context(chromium, service_workers="block")
    page = open_call(context, site.address("predict"))
    page.locator("[data-value=no]").tap()
    expect(page.locator(".question")).to_have_text("How many of 100 others will say “No”?")
    page.locator("[data-share]").fill("25")
    # A second tap at the same place within a third of a second is taken for a slip.
    page.wait_for_timeout(400)
    with page.expect_request("**/collect/answers") as sent:
        page.locator(".answer-button.main").tap()

    [answer] = sent.value.post_data_json["answers"]
    assert (answer["value"], answer["prediction"]) == ("no", {"no": 0.25, "yes": 0.75})
    context.close()


def test_answer_that_was_undone_within_five_seconds_is_gone(site: Site, chromium: Browser) -> None:
    context = new_context(chromium)
    page = open_call(context, site.address("text"))
    task = page.locator(".phone").get_attribute("data-task")
    page.locator("textarea").fill("A slip of the thumb")
    # Of an answer that never left, the server is told nothing.
    with page.expect_response("**/collect/answers") as replied:
        page.locator(".answer-button.main").tap()
    [answer] = replied.value.json()["accepted"]
    next_task(page, task)

    with page.expect_response("**/collect/undo") as undone:
        page.locator(".undo button").tap()

    assert undone.value.status == 200
    assert page.locator(".phone").get_attribute("data-task") == task
    # What was typed is there to be mended.
    assert page.locator("textarea").input_value() == "A slip of the thumb"
    assert answer not in [row["id"] for row in site.answers("text")]
    expect(page.locator(".undo")).to_be_hidden()
    context.close()


def test_language_switch_keeps_the_task_and_what_was_typed_even_without_network(
    site: Site, chromium: Browser
) -> None:
    context = new_context(chromium, language="ko")
    page = open_call(context, site.address("text"))
    page.locator("textarea").fill("반쯤 쓴 글")
    task = page.locator(".phone").get_attribute("data-task")
    context.set_offline(True)

    page.locator(".languages button").tap()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".languages button")).to_have_text("한국어")
    expect(page.locator(".unsure")).to_have_text("Not sure")
    assert page.locator(".phone").get_attribute("data-task") == task
    assert page.locator("textarea").input_value() == "반쯤 쓴 글"
    context.set_offline(False)
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    context.close()


def test_language_chosen_without_network_is_that_of_the_page_kept_from_before(
    site: Site, chromium: Browser
) -> None:
    context = new_context(chromium, language="ko")
    page = open_call(context, site.address("text"))
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.wait_for_selector(".phone[data-ready]")
    # The worker keeps what it let through when all of it has come.
    page.wait_for_function("caches.match(location.pathname, { ignoreVary: true })")
    assert page.locator("html").get_attribute("lang") == "ko"
    context.set_offline(True)
    page.locator(".languages button").tap()
    expect(page.locator("html")).to_have_attribute("lang", "en")

    page.reload()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".unsure")).to_have_text("Not sure")
    expect(page.locator(".languages button")).to_have_text("한국어")
    context.close()


def test_answer_given_just_before_the_page_is_closed_comes_all_the_same(
    site: Site, chromium: Browser
) -> None:
    site.open("last", {"type": "choice", "text": "?", "options": YES_NO}, n_tasks=6)
    context = new_context(chromium)
    context.add_init_script(NOTHING_HAS_LEFT)
    page = open_call(context, site.address("last"))

    tap_yes(page)
    page.close()

    wait_until(lambda: len(site.answers("last")) == 1)
    assert site.answers("last")[0]["late"] == "false"
    context.close()


def test_reload_keeps_the_task(site: Site, chromium: Browser) -> None:
    context = new_context(chromium)
    page = open_at_rest(context, site.address("choice"))
    before = page.locator(".phone").get_attribute("data-task")
    page.locator("[data-value=yes]").tap()
    task = next_task(page, before)

    with until_at_rest(page):
        page.reload()

    assert page.locator(".phone").get_attribute("data-task") == task
    context.close()


def test_swipe_is_a_second_way_to_answer(site: Site, chromium: Browser) -> None:
    context = new_context(chromium)
    page = open_call(context, site.address("choice"))
    task = page.locator(".phone").get_attribute("data-task")

    answer = store(site, page, "choice", swipe)

    next_task(page, task)
    assert answer == "no"
    context.close()


def swipe(page: Page) -> None:
    for event, x, y in (("pointerdown", 60, 200), ("pointerup", 260, 210)):
        finger = {"pointerType": "touch", "clientX": x, "clientY": y, "isPrimary": True}
        page.locator(".content").dispatch_event(event, finger)


def test_nothing_left_says_so_and_looks_again(site: Site, chromium: Browser) -> None:
    site.open("short", {"type": "choice", "text": "?", "options": YES_NO}, n_tasks=1)
    context = new_context(chromium)
    page = open_call(context, site.address("short"))

    page.locator("[data-value=yes]").tap()

    expect(page.locator(".over h1")).to_have_text("That was all for you. Thank you!")
    assert page.evaluate("document.activeElement.tagName") == "H1"
    assert chrome.flaws(page, state="over") == []
    more = [{"key": "more", "content": {"text": "One more"}}]
    site.organiser.ask("POST", f"/calls/{site.calls['short']['id']}/tasks", {"tasks": more})
    page.locator(".over a").first.tap()
    expect(page.locator(".content-text")).to_have_text("One more")
    context.close()


def test_closing_a_call_shows_its_end(site: Site, chromium: Browser) -> None:
    site.open("ending", {"type": "choice", "text": "?", "options": YES_NO}, n_tasks=3)
    context = new_context(chromium)
    page = open_call(context, site.address("ending"))
    with page.expect_response("**/collect/answers"):
        page.locator("[data-value=yes]").tap()
    site.organiser.ask("POST", f"/calls/{site.calls['ending']['id']}/close")

    page.reload()

    expect(page.locator(".over h1")).to_have_text("This call is over. Thank you!")
    assert chrome.flaws(page, state="closed") == []
    context.close()
