"""An organiser's way in a real browser: from the owner's link to results that were taken home."""

from __future__ import annotations

import codecs
import csv
import io
import re
from pathlib import Path

import pytest
from django.utils.translation import gettext, override
from playwright.sync_api import Browser, Page, expect

from tests import browser as chrome
from tests.doors.desk.conftest import NEWS_MS, Bureau
from tests.replay import Organiser
from tests.serving import ask, database_away, wait_until

pytestmark = pytest.mark.browser
WORDS = "A gull on a pole\nA cat in a box\nA tern over water"


def open_call(page: Page) -> str:
    """Five clicks and three pasted lines from the list of calls to a link to share."""
    page.click("text=New call")
    page.click("button[value=images]")
    page.click("text=On to the tasks")
    page.fill("[name=lines]", WORDS)
    page.click("text=On to the terms")
    page.click("button[name=open]")
    return str(page.locator("[readonly]").first.input_value())


def test_template_becomes_a_shared_link_in_five_clicks(bureau: Bureau, chromium: Browser) -> None:
    page = bureau.page(chromium)

    link = open_call(page)

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/c/\w{10}/", link)
    page.click(".call-tabs >> text=Tasks")
    lines = page.locator("th[scope=row] .snippet")
    expect(lines).to_have_count(3)
    assert sorted(lines.all_inner_texts()) == sorted(WORDS.splitlines())
    page.context.close()


def test_call_of_nothing_but_examples_is_opened_only_when_that_is_meant(
    bureau: Bureau, chromium: Browser
) -> None:
    page = bureau.page(chromium, path="/desk/bakery/new")
    for click in ("button[value=sentences]", "text=On to the tasks", "text=On to the terms",
                  "button[name=open]"):  # fmt: skip
        page.click(click)

    expect(page.locator("h2", has_text="It holds nothing but examples")).to_be_visible()
    assert chrome.flaws(page, state="examples") == []
    page.click("text=Open it with the examples")

    page.wait_for_url("**/share")
    page.context.close()


def test_board_moves_and_a_ruling_counts_and_the_export_is_the_apis(
    bureau: Bureau, chromium: Browser
) -> None:
    page = bureau.page(chromium)
    link = open_call(page)
    page.click(".call-tabs >> text=Board")
    page.locator(".live.on").wait_for()
    answered = page.locator(".figure", has_text="Answers that count").locator(".much")
    expect(answered).to_have_text("0")

    phone = bureau.page(
        chromium, path=link.removeprefix(bureau.server.url) + "?from=poster",
        size=(390, 844), has_touch=True, state=None,
    )  # fmt: skip
    phone.locator(".phone[data-ready]").wait_for()
    with phone.expect_response("**/collect/answers"):
        phone.locator(".answer-button").first.tap()

    expect(answered).to_have_text("1", timeout=NEWS_MS)
    expect(page.locator("td, th", has_text="poster").first).to_be_visible()
    phone.context.close()

    page.click(".call-tabs >> text=Tasks")
    page.locator("table a").nth(1).click()
    page.locator("[name=value]").first.check()
    page.fill("[name=reason]", "I saw it myself")
    page.click("button:has-text('Rule')")
    expect(page.locator(".chip-small.decided").first).to_be_visible()
    check_exports(bureau, page)
    page.context.close()


def korean(english: str) -> str:
    """What the page says instead, in whatever words it is translated just now."""
    with override("ko"):
        words = gettext(english)
    assert words != english
    return words


def test_journey_is_made_in_korean(bureau: Bureau, chromium: Browser) -> None:
    page = bureau.page(chromium, language="ko")
    page.context.clear_cookies(name="django_language")
    page.reload()
    page.click(f"text={korean('New call')}")
    page.click("button[value=images]")
    page.fill("[name=title_ko]", "항구의 새")
    page.fill("[name=text_ko]", "새가 보이나요?")
    page.click(f"text={korean('On to the tasks')}")
    page.fill("[name=lines]", "말뚝 위의 갈매기\n상자 속의 고양이\n물 위의 제비갈매기")
    page.click(f"text={korean('Add these lines')}")
    expect(page.locator(".notes")).to_contain_text("3")
    page.click(f"text={korean('On to the terms')}")
    page.click("button[name=open]")
    link = str(page.locator("[readonly]").first.input_value())
    page.click(f".call-tabs >> text={korean('Board')}")
    expect(page.locator(".live.on")).to_have_text(korean("Live"))

    answer_in_korean(bureau, chromium, link.removeprefix(bureau.server.url))

    figure = page.locator(".figure", has_text=korean("Answers that count"))
    expect(figure.locator(".much")).to_have_text("1", timeout=NEWS_MS)
    page.click(f".call-tabs >> text={korean('Tasks')}")
    expect(page.locator("table")).to_contain_text("갈매기")
    page.locator("table a").first.click()
    page.locator("[name=value]").first.check()
    page.fill("[name=reason]", "직접 봤어요")
    page.click(f"button:has-text('{korean('Rule')}')")
    ruled = korean("Ruled. From now on this counts as the truth.")
    expect(page.locator(".notes")).to_contain_text(ruled)
    page.click(f".call-tabs >> text={korean('Results to take home')}")
    page.check("[name=what][value=answers]")
    with page.expect_download() as download:
        page.click(f"button:has-text('{korean('Get it')}')")
    assert len(download.value.path().read_text().splitlines()) == 2
    page.context.close()


def answer_in_korean(bureau: Bureau, chromium: Browser, path: str) -> None:
    phone = bureau.page(
        chromium, path=path, language="ko", size=(390, 844), has_touch=True, state=None
    )
    phone.locator(".phone[data-ready]").wait_for()
    expect(phone.locator("main")).to_contain_text("새가 보이나요?")
    with phone.expect_response("**/collect/answers"):
        phone.locator(".answer-button").first.tap()
    phone.context.close()


def check_exports(bureau: Bureau, page: Page) -> None:
    """What the desk hands out is what the API says, and tells Excel that it is UTF-8."""
    (call_id,) = re.findall(r"/calls/(\d+)/", page.url)
    page.goto(f"{bureau.server.url}/desk/bakery/keys")
    page.click("button:has-text('Make a key')")
    organiser = Organiser(bureau.server, page.locator("input[readonly]").input_value())
    for what in ("answers", "verdicts", "gold"):
        page.goto(f"{bureau.server.url}/desk/bakery/calls/{call_id}/exports")
        page.check(f"[name=what][value={what}]")
        if what == "gold":
            rows = list(csv.DictReader(io.StringIO(get_it(page).decode("utf-8-sig"))))
            assert [row["truth"] for row in rows] == ["sun"]
        else:
            # What the ruling changes comes between the two at most once.
            path = f"/calls/{call_id}/{what}?format=csv"
            wait_until(
                lambda path=path: get_it(page) == codecs.BOM_UTF8 + organiser.ask("GET", path)
            )


def get_it(page: Page) -> bytes:
    with page.expect_download() as download:
        page.click("button:has-text('Get it')")
    return download.value.path().read_bytes()


def test_draft_is_kept_as_it_is_typed_and_comes_back(bureau: Bureau, chromium: Browser) -> None:
    page = bureau.page(chromium, path="/desk/bakery/new")
    page.click("button[value=images]")
    # With its scripts.
    page.wait_for_url("**/question")
    with page.expect_response("**/question"):
        page.fill("[name=title_en]", "A title half")
    page.locator(".saved", has_text="Saved").wait_for()
    with page.expect_response("**/question"):
        page.fill("[name=text_en]", "")
    page.locator(".saved", has_text="Kept").wait_for()

    page.reload()

    expect(page.locator("[name=title_en]")).to_have_value("A title half")
    expect(page.locator("[name=text_en]")).to_have_value("")
    page.context.close()


def test_what_was_typed_outlives_the_end_of_a_login(bureau: Bureau, chromium: Browser) -> None:
    page = bureau.page(chromium, path="/desk/bakery/new")
    page.click("button[value=images]")
    page.wait_for_url("**/question")
    page.frame_locator("[data-preview]").locator(".phone[data-ready]").wait_for()
    page.context.clear_cookies(name="sessionid")
    page.fill("[name=title_en]", "Typed while signed out")
    page.wait_for_url("**/account/login/**")

    page.fill("[name=login]", "ada@example.org")
    page.fill("[name=password]", "a quiet green harbour")
    page.click("button:has-text('Sign in') >> nth=0")

    expect(page.locator("[name=title_en]")).to_have_value("Typed while signed out")
    page.locator(".saved", has_text="Saved").wait_for()
    page.context.close()


def test_what_was_typed_while_postgres_was_away_is_saved_and_sent_when_it_is_back(
    bureau: Bureau, chromium: Browser
) -> None:
    folder = Path(bureau.server.environment["DURE_DATA"])
    page = bureau.page(chromium, path="/desk/bakery/new")
    page.click("button[value=images]")
    page.wait_for_url("**/question")
    page.frame_locator("[data-preview]").locator(".phone[data-ready]").wait_for()
    with database_away(folder), page.expect_response(lambda reply: reply.status == 503):
        page.fill("[name=title_en]", "Typed meanwhile")
    # By itself.
    page.locator(".saved", has_text="Saved").wait_for()

    with database_away(folder):
        wait_until(lambda: ask(bureau.server, "/") == 503)
        page.fill("[name=title_en]", "Sent meanwhile")
        page.click("text=On to the tasks")
        expect(page.locator("h2")).to_have_text("This may not be saved yet")
    wait_until(lambda: ask(bureau.server, "/") == 200)
    page.go_back()

    expect(page.locator("[name=title_en]")).to_have_value("Sent meanwhile")
    page.click("text=On to the tasks")
    page.locator("[name=lines]").wait_for()
    page.context.close()


def test_preview_answers_like_the_phone_and_keeps_nothing(
    bureau: Bureau, chromium: Browser
) -> None:
    page = bureau.page(chromium, path="/desk/bakery/new")
    page.click("button[value=sentences]")
    frame = page.frame_locator("iframe[data-preview]")
    first = frame.locator(".content-text").inner_text()

    frame.locator(".answer-button").first.click()

    expect(frame.locator(".content-text")).not_to_have_text(first)
    page.context.close()


def test_invited_reader_looks_and_changes_nothing(bureau: Bureau, chromium: Browser) -> None:
    owner = bureau.page(chromium, path="/desk/bakery/members")
    owner.check("[name=role][value=reader]")
    owner.click("button:has-text('Invite')")
    link = owner.locator("input[readonly]").input_value()
    owner.context.close()

    reader = bureau.page(chromium, path=link.removeprefix(bureau.server.url), state=None)
    reader.fill("[name=email]", "bo@example.org")
    reader.fill("[name=password]", "a quiet red lighthouse")
    reader.click(".main-button")
    reader.wait_for_url("**/desk/bakery/")

    assert reader.locator("text=New call").count() == 0
    assert reader.goto(f"{bureau.server.url}/desk/bakery/new").status == 403  # type: ignore[union-attr]
    assert reader.goto(link).status == 404  # type: ignore[union-attr]
    reader.context.close()


def test_wizard_is_done_with_keys_alone(bureau: Bureau, chromium: Browser) -> None:
    page = bureau.page(chromium)
    chrome.tab_to(page, ".main-button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/new")
    chrome.tab_to(page, "[value=count]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/question")
    chrome.tab_to(page, ".main-button", stops_max=80)
    page.keyboard.press("Enter")
    page.wait_for_url("**/add")
    chrome.tab_to(page, "[name=lines]", stops_max=80)
    page.keyboard.type("/static/dure/demo/table-1.webp")
    chrome.tab_to(page, ".main-button", stops_max=80)
    page.keyboard.press("Enter")
    page.wait_for_url("**/terms")
    chrome.tab_to(page, "[name=open]", stops_max=80)
    page.keyboard.press("Enter")
    page.wait_for_url("**/share")
    page.context.close()


@pytest.mark.parametrize(("zone", "told"), [("Asia/Seoul", "UTC+9"), ("Asia/Kolkata", "UTC+5:30")])
def test_times_are_told_in_the_browsers_zone(
    bureau: Bureau, chromium: Browser, zone: str, told: str
) -> None:
    page = bureau.page(chromium, path="/desk/bakery/history", timezone_id=zone)

    page.reload()

    expect(page.locator("tbody td").first).to_contain_text(told)
    page.context.close()


def test_large_table_comes_in_while_its_page_tells_how_far_it_is(
    bureau: Bureau, chromium: Browser
) -> None:
    page = bureau.page(chromium)
    page.click("text=New call")
    page.click("button[value=sentences]")
    page.click("text=On to the tasks")
    rows = "".join(f"{n},A gull on the pole number {n} {'x' * 90}\n" for n in range(20_000))
    page.set_input_files(
        "[name=files]",
        {"name": "gulls.csv", "mimeType": "text/csv", "buffer": f"id,text\n{rows}".encode()},
    )
    page.click("form:has([name=files]) button")

    page.click("text=Add these tasks")

    expect(page.get_by_role("heading", name="Your tasks are on their way")).to_be_visible()
    assert chrome.flaws(page, state="on the way") == []
    expect(page.get_by_text("20000 tasks added")).to_be_visible(timeout=180_000)
    assert chrome.flaws(page, state="done") == []
    page.context.close()
