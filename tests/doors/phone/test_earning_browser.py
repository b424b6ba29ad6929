"""Money as people see it: promised before the first answer, told after a settlement, taken home."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests import browser as chrome
from tests.doors.phone.site import (
    LOCALES,
    QUESTIONS,
    SIZES,
    Site,
    new_context,
    next_task,
    open_call,
    tap_yes,
)
from tests.serving import wait_until

pytestmark = pytest.mark.browser
PROMISE = {
    "kind": "several",
    "parts": [
        {"kind": "per_answer", "amount_minor": 50, "currency": "KRW"},
        {"kind": "pool", "amount_minor": 500_000, "currency": "KRW", "base_percent": 80},
    ],
}
BRIEFLY = "₩50 an answer + a share of ₩500,000"
ANSWERS = 3


@pytest.fixture(scope="session")
def earned(site: Site, chromium: Browser) -> StorageState:
    """The cookies of somebody who helped with the call "earned", which was closed and settled."""
    call = site.open("earned", QUESTIONS["choice"], n_tasks=6, promise=PROMISE)
    ask = site.organiser.ask
    money = {"amount_minor": 300_000, "currency": "KRW", "note": "First half"}
    ask("POST", f"/calls/{call['id']}/pay-ins", money)
    context = new_context(chromium)
    for n in range(ANSWERS):
        # A tap soon after another at the same place is taken for a double tap's second half.
        page = open_call(context, site.address("earned"))
        tap_yes(page)
        page.close()
        wait_until(lambda n=n: len(site.answers("earned")) > n)
    ask("POST", f"/calls/{call['id']}/close")
    made = ask("POST", f"/calls/{call['id']}/settlements", {"is_last": True})
    ask("POST", f"/calls/{call['id']}/settlements/{made['number']}/approve")
    wait_until(lambda: shared(site, call) > 0)
    state = context.storage_state()
    context.close()
    return state


def shared(site: Site, call: dict[str, Any]) -> int:
    document = site.organiser.ask("GET", f"/calls/{call['id']}/shares")
    return sum(one["sum_minor"] for one in document["shares"])


def statement(page: Page, site: Site) -> Page:
    page.goto(f"{site.address('earned')}earned")
    return page


@pytest.mark.parametrize("code", [True, False], ids=["with code", "plain"])
@pytest.mark.parametrize("size", SIZES)
def test_promise_is_seen_before_the_first_answer(
    site: Site, chromium: Browser, code: bool, size: tuple[int, int]
) -> None:
    if "promising" not in site.calls:
        site.open("promising", QUESTIONS["choice"], promise=PROMISE)
    context = new_context(chromium, size=size, java_script_enabled=code)
    page = context.new_page()
    page.goto(site.address("promising"))
    if code:
        page.locator(".phone[data-ready]").wait_for()

    line = page.locator(".done")

    expect(line).to_have_text(BRIEFLY)
    place, first = line.bounding_box(), page.locator(".answer-button").first.bounding_box()
    assert place is not None
    assert first is not None
    assert 0 < place["y"] < place["y"] + place["height"] <= first["y"]
    context.close()


def test_promise_speaks_the_readers_language_and_gives_way_to_what_was_done(
    site: Site, chromium: Browser
) -> None:
    site.open("switching", QUESTIONS["choice"], promise=PROMISE)
    context = new_context(chromium)
    page = open_call(context, site.address("switching"))

    page.get_by_role("button", name="한국어").tap()
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    korean = page.locator(".done").inner_text()
    page.get_by_role("button", name="English").tap()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    before = page.locator(".phone").get_attribute("data-task")
    page.locator("[data-value=yes]").tap()
    next_task(page, before)

    assert "₩500,000" in korean
    expect(page.locator(".done")).to_contain_text("You: 1 answer")
    assert BRIEFLY not in page.locator(".done").inner_text()
    page.locator(".promise summary").tap()
    expect(page.locator(".promise")).to_contain_text("nothing is paid in yet")
    page.locator(".promise a").tap()
    expect(page.locator("h1")).to_have_text("What I earned")
    context.close()


@pytest.mark.parametrize("language", LOCALES)
def test_statement_is_accessible_and_fits_in_every_look(
    site: Site, chromium: Browser, earned: StorageState, language: str
) -> None:
    context = new_context(chromium, language=language, storage_state=earned)
    context.route("**/*.js", lambda route: route.abort())
    page = statement(context.new_page(), site)
    found: list[str] = []

    def look(state: str) -> None:
        found.extend(chrome.flaws_in_every_look(page, state=state, sizes=SIZES))

    assert "₩500," in page.locator(".earned-total").inner_text()
    look("earned")
    page.locator(".why summary").first.click()
    look("earned, asking")
    page.evaluate("() => document.querySelector('form[action$=ask]').submit()")
    page.locator("#why-advice").wait_for()
    look("earned, wrong question")
    page.locator("textarea").first.fill("Why this much? 왜요?")
    with page.expect_navigation():
        page.locator("form[action$=ask] button").first.click()
    assert page.locator(".inquiry").count() > 0
    look("earned, asked")
    page.goto(f"{site.server.url}/earned")
    look("earned in all")
    stranger = new_context(chromium, language=language)
    page = stranger.new_page()
    page.goto(f"{site.server.url}/earned")
    look("earned, by nobody")

    context.close()
    stranger.close()
    assert found == []


def test_table_is_downloaded(
    site: Site, chromium: Browser, earned: StorageState, tmp_path: Path
) -> None:
    context = new_context(chromium, storage_state=earned, java_script_enabled=False)
    page = statement(context.new_page(), site)

    with page.expect_download() as waiting:
        page.locator("a[href$='.csv']").click()
    file = tmp_path / "earned.csv"
    waiting.value.save_as(file)

    with file.open(encoding="utf-8-sig", newline="") as lines:
        [row] = csv.DictReader(lines)
    assert row["call"] == "Help with earned"
    assert (row["shared_equally"], row["shared_by_value"]) == ("400000", "100000")
    assert (row["paid"], row["currency"]) == ("0", "KRW")
    context.close()


def test_print_is_black_on_white_without_buttons(
    site: Site, chromium: Browser, earned: StorageState
) -> None:
    context = new_context(chromium, storage_state=earned, color_scheme="dark")
    page = statement(context.new_page(), site)

    page.emulate_media(media="print", color_scheme="dark")

    for control in page.locator("button, .link-button, summary").all():
        expect(control).to_be_hidden()
    colours = page.evaluate(
        "() => [document.body, document.querySelector('.earned-total')].map((one) =>"
        " [getComputedStyle(one).color, getComputedStyle(document.body).backgroundColor])"
    )
    assert colours == [["rgb(0, 0, 0)", "rgb(255, 255, 255)"]] * 2
    for shown in (".as-of", ".earned h2", ".earned-by", ".earned-owed"):
        expect(page.locator(shown).first).to_be_visible()
    context.close()
