"""A server that asks for patience: the phone keeps the answers, waits, and goes on by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from tests.doors.phone.conftest import new_site
from tests.doors.phone.site import (
    OPEN_STORE,
    YES_NO,
    Site,
    new_context,
    open_call,
    tap_yes,
    wait_for_tasks,
)
from tests.serving import running_server, wait_until

pytestmark = pytest.mark.browser
# One request every four seconds for each person.
RATE = "0.25"
ANSWERS = 6
DOUBLE_TAP_MS = 320
QUESTION = {"type": "choice", "text": "Is it a bird?", "options": YES_NO}
# It may say so before the last answer is given, and not any more after that.
NOTE_THAT_IT_IS_BUSY = """() => {
    window.hasSaidBusy = false;
    const line = document.querySelector('.waiting');
    const note = () => { window.hasSaidBusy ||= line.textContent.startsWith('Busy just now.'); };
    new MutationObserver(note).observe(line, { childList: true });
}"""
READ_TOKEN = f"""async () => {{
    const db = await {OPEN_STORE};
    const asked = db.transaction('facts').objectStore('facts').get('token');
    await new Promise((resolve) => {{ asked.onsuccess = resolve; }});
    db.close();
    return asked.result?.value;
}}"""


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("crowded") / "data"
    with running_server(folder, env={"DURE_COLLECT_PERSON_RATE": RATE}) as server:
        yield new_site(server, folder)


def note_replies(page: Page) -> list[tuple[int, int]]:
    """The statuses of what the page sends, and the seconds that each was told to wait."""
    told: list[tuple[int, int]] = []

    def note(response: Response) -> None:
        if "/collect/" in response.url:
            told.append((response.status, int(response.headers.get("retry-after", 0))))

    page.on("response", note)
    return told


def test_all_answers_arrive_once_at_the_rate_that_the_server_asks_for(
    crowded: Site, chromium: Browser
) -> None:
    crowded.open("patience", QUESTION, n_tasks=40)
    context = new_context(chromium)
    page = context.new_page()
    told = note_replies(page)
    page.goto(crowded.address("patience"))
    page.locator(".phone[data-ready]").wait_for()
    wait_for_tasks(page, ANSWERS)
    page.evaluate(NOTE_THAT_IT_IS_BUSY)

    for _ in range(ANSWERS):
        tap_yes(page)
        page.wait_for_timeout(DOUBLE_TAP_MS)
    page.wait_for_function("hasSaidBusy")

    wait_until(lambda: len(crowded.answers("patience")) >= ANSWERS)
    expect(page.locator(".waiting")).to_be_hidden()
    rows = crowded.answers("patience")
    assert len(rows) == len({row["id"] for row in rows}) == ANSWERS
    assert len({row["task"] for row in rows}) == ANSWERS
    assert len({row["worker"] for row in rows}) == 1
    refused = [wait for status, wait in told if status == 429]
    assert refused
    assert min(refused) >= 1
    context.close()


def test_page_that_can_not_ask_who_this_is_stays_the_person_that_it_was(
    crowded: Site, chromium: Browser
) -> None:
    crowded.open("again", QUESTION, n_tasks=40)
    context = new_context(chromium)
    page = open_call(context, crowded.address("again"))
    known = page.wait_for_function(READ_TOKEN).json_value()
    context.clear_cookies()
    context.route(
        "**/collect/join",
        lambda route: route.fulfill(status=429, headers={"Retry-After": "1"}, body="{}"),
    )

    with page.expect_response("**/collect/join"):
        page.goto(crowded.address("again"))
    page.locator(".phone[data-ready]").wait_for()
    page.wait_for_timeout(500)

    assert page.evaluate(READ_TOKEN) == known
    context.close()
