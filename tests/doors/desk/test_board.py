"""The board in a real browser: it renews itself and leaves its reader where they are."""

from __future__ import annotations

import http.client
import json
import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests import browser as chrome
from tests.doors.desk.conftest import NEWS_MS, Bureau
from tests.replay import Organiser, wait_for_verdicts
from tests.serving import Server, wait_until

pytestmark = pytest.mark.browser
BIRD = {"type": "choice", "text": "Is it a bird?", "options": ["yes", "no"]}
SCROLLED = "document.activeElement.scrollLeft"
HOW_FAR = {"type": "number", "text": "How far?", "min": 0, "max": 1000, "unit": "km"}


@pytest.fixture(scope="module")
def organiser(bureau: Bureau, chromium: Browser) -> Organiser:
    """The same organisation by its API, to make calls quickly."""
    page = bureau.page(chromium, path="/desk/bakery/keys")
    page.check("[name=scope][value=organise]")
    page.click("button:has-text('Make a key')")
    token = page.locator("input[readonly]").input_value()
    page.context.close()
    return Organiser(bureau.server, token)


def open_call(organiser: Organiser, question: dict[str, Any] = BIRD) -> dict[str, Any]:
    body = {"kind": "tasks", "title": "A call", "question": question, "answers": {"max": 20}}
    call: dict[str, Any] = organiser.ask("POST", "/calls", body)
    tasks = [{"key": f"t{n}", "content": {"text": f"Thing {n}"}} for n in range(4)]
    organiser.ask("POST", f"/calls/{call['id']}/tasks", {"tasks": tasks})
    organiser.ask("POST", f"/calls/{call['id']}/open")
    return call


def answer(server: Server, call: dict[str, Any], value: object, *, n: int = 4) -> None:
    """Somebody new comes and answers the first tasks."""
    joined = send(server, "/collect/join", {"call": call["slug"], "source": "poster"}, "")
    token = joined["token"]
    tasks = send(server, "/collect/lease", {"call": call["slug"], "n": n}, token)["tasks"]
    given = [{"id": str(uuid4()), "task": task["id"], "value": value} for task in tasks]
    send(server, "/collect/answers", {"call": call["slug"], "answers": given}, token)


def send(server: Server, path: str, body: dict[str, Any], token: str) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection.request("POST", path, json.dumps(body), headers)
    reply = connection.getresponse()
    raw = reply.read()
    connection.close()
    assert reply.status == 200, raw
    return dict(json.loads(raw))


def show_board(bureau: Bureau, chromium: Browser, call: dict[str, Any], **options: Any) -> Page:
    page = bureau.page(chromium, path=f"/desk/bakery/calls/{call['id']}/", **options)
    page.locator(".live.on").wait_for()
    return page


def answers_of(page: Page) -> Locator:
    return page.locator(".figure", has_text="Answers that count").locator(".much")


def test_who_reads_a_table_by_keys_stays_where_they_are(
    bureau: Bureau, organiser: Organiser, chromium: Browser
) -> None:
    call = open_call(organiser)
    answer(bureau.server, call, "yes")
    # So narrow that the table has to be scrolled.
    page = show_board(bureau, chromium, call, size=(240, 640))
    expect(answers_of(page)).to_have_text("4", timeout=NEWS_MS)
    part = "[data-part=sources]"
    expect(page.locator(f"{part} table")).to_be_visible(timeout=NEWS_MS)

    chrome.tab_to(page, "[data-part=minutes] summary")
    page.keyboard.press("Enter")
    opened = page.locator("[data-part=minutes] .scroller")
    expect(opened).to_be_visible()
    chrome.tab_to(page, f"{part} .scroller")
    page.keyboard.press("ArrowRight")
    wait_until(lambda: page.evaluate(SCROLLED) > 0)
    before = page.evaluate(SCROLLED)
    answer(bureau.server, call, "no")
    expect(page.locator(f"{part} td").nth(2)).to_have_text("8", timeout=NEWS_MS)

    focused = page.evaluate("document.activeElement.closest('[data-part]').dataset.part")
    assert focused == "sources"
    assert page.evaluate(SCROLLED) >= before
    expect(opened).to_be_visible()
    expect(answers_of(page)).to_have_text("8")
    page.context.close()


def test_parts_come_as_there_is_something_to_show_and_keep_the_focus_of_others(
    bureau: Bureau, organiser: Organiser, chromium: Browser
) -> None:
    call = open_call(organiser)
    page = show_board(bureau, chromium, call)
    chrome.tab_to(page, "[data-part=days] summary")

    answer(bureau.server, call, "yes")

    expect(page.locator("[data-part=shares]")).to_be_visible(timeout=NEWS_MS)
    assert page.evaluate("document.activeElement.matches('[data-part=days] summary')")
    parts = page.locator("[data-part]").evaluate_all("all => all.map(one => one.dataset.part)")
    assert parts[:4] == ["minutes", "days", "shares", "certainties"]
    assert parts[-1] == "sources"
    page.context.close()


def test_board_of_numbers_tells_how_far_off_they_may_be(
    bureau: Bureau, organiser: Organiser, chromium: Browser
) -> None:
    call = open_call(organiser, HOW_FAR)
    for value in (10, 13, 19):
        answer(bureau.server, call, value)
    page = show_board(bureau, chromium, call)

    width = page.locator(".figure", has_text="Estimates may be off by").locator(".much")
    expect(width).to_have_text(re.compile(r"± [\d.]+ km"), timeout=NEWS_MS)
    spread = page.locator("[data-part=spread]")
    expect(spread).to_contain_text("it has not been checked against")
    page.context.close()


def test_board_asks_by_itself_where_events_do_not_get_through(
    bureau: Bureau, organiser: Organiser, chromium: Browser
) -> None:
    call = open_call(organiser)
    page = bureau.page(chromium)
    page.route("**/events", lambda route: route.fulfill(status=503))
    page.goto(f"{bureau.server.url}/desk/bakery/calls/{call['id']}/")
    expect(page.locator(".live")).to_have_text("Looks again every few seconds")
    expect(page.locator(".live.on")).to_have_count(0)

    answer(bureau.server, call, "yes")

    expect(answers_of(page)).to_have_text("4", timeout=NEWS_MS)
    page.context.close()


def test_board_that_could_not_be_read_at_the_news_is_read_again_without_more_news(
    bureau: Bureau, organiser: Organiser, chromium: Browser
) -> None:
    call = open_call(organiser)
    page = show_board(bureau, chromium, call)
    refused: list[str] = []
    page.route("**/calls/*/board", lambda route: (refused.append(route.request.url), route.abort()))
    with page.expect_event("requestfailed"):
        answer(bureau.server, call, "yes")
        wait_for_verdicts(organiser, call)
    page.wait_for_timeout(2_000)
    n_before = len(refused)

    page.unroute("**/calls/*/board")

    assert n_before > 0
    expect(answers_of(page)).to_have_text("4", timeout=NEWS_MS)
    page.context.close()


def test_board_and_a_ruling_are_done_with_keys_alone(
    bureau: Bureau, organiser: Organiser, chromium: Browser
) -> None:
    call = open_call(organiser)
    answer(bureau.server, call, "yes")
    page = show_board(bureau, chromium, call)
    expect(page.locator("[data-part=shares]")).to_be_visible(timeout=NEWS_MS)
    chrome.tab_to(page, "[data-part=shares] summary")
    page.keyboard.press("Space")
    expect(page.locator("[data-part=shares] table")).to_be_visible()

    page.reload()
    chrome.tab_to(page, ".call-tabs a[href$='/tasks']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks")
    chrome.tab_to(page, "table a", stops_max=80)
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks/*")
    chrome.tab_to(page, "[name=value]", stops_max=80)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("I saw it myself")
    chrome.tab_to(page, ".main-button")
    page.keyboard.press("Enter")

    expect(page.locator(".notes")).to_contain_text("Ruled.")
    expect(page.locator(".plain-list strong")).to_have_text("no")
    expect(page.locator(".plain-list li")).to_contain_text("I saw it myself")
    chrome.tab_to(page, ".call-tabs a")
    page.keyboard.press("Enter")
    page.locator(".live.on").wait_for()
    page.context.close()
