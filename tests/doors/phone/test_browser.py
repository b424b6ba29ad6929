"""The pages in Chromium: by taps and by keys, in both languages, at each size, clean for axe."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests import browser as chrome
from tests.replay import Organiser, read_rows
from tests.serving import Server, run_dure, running_server

pytestmark = pytest.mark.browser
SIZES = [(320, 640), (390, 844), (1280, 800)]
PHONES = SIZES[:2]
LOCALES = {"ko": "ko-KR", "en": "en-US"}
QUESTIONS = {
    "choice": {"type": "choice", "text": {"ko": "새인가요?", "en": "Is it a bird?"},
               "options": [{"value": "yes", "label": {"ko": "네", "en": "Yes"}},
                           {"value": "no", "label": {"ko": "아니요", "en": "No"}}]},
    "many": {"type": "choice", "text": "Which letter?", "options": list("abcdefghij")},
    "number": {"type": "number", "text": "How many?", "min": 0, "max": 100, "unit": "birds"},
    "text": {"type": "text", "text": "What should it be called?"},
}  # fmt: skip
ANSWERS = {"choice": "yes", "number": "12", "text": "두레네"}


@dataclass
class Site:
    server: Server
    organiser: Organiser
    calls: dict[str, dict[str, Any]]

    def address(self, name: str) -> str:
        if name == "front":
            return self.server.url
        if name == "nowhere":
            return f"{self.server.url}/c/nowhere/"
        return f"{self.server.url}/c/{self.calls[name]['slug']}/"

    def last_answer(self, name: str) -> str:
        rows = self.organiser.ask("GET", f"/calls/{self.calls[name]['id']}/answers?format=csv")
        return read_rows(rows)[-1]["answer"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("site") / "data"
    with running_server(folder) as server:
        assert run_dure(folder, "org", "create", "o", "--owner", "o@example.org").returncode == 0
        token = run_dure(folder, "token", "create", "--org", "o").stdout.split()[-1]
        organiser = Organiser(server, token)
        calls = {name: open_call(organiser, name, QUESTIONS[name]) for name in QUESTIONS}
        for state in ("pause", "close"):
            calls[state] = open_call(organiser, state, QUESTIONS["choice"])
            organiser.ask("POST", f"/calls/{calls[state]['id']}/{state}")
        yield Site(server, organiser, calls)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with chrome.chromium() as browser:
        yield browser


def open_call(organiser: Organiser, name: str, question: dict[str, Any]) -> dict[str, Any]:
    call = organiser.ask(
        "POST",
        "/calls",
        {
            "kind": "tasks",
            "title": {"ko": f"{name} 함께하기", "en": f"Help with {name}"},
            "brief": {"ko": "천천히 보고 답해 주세요.", "en": "Take your time."},
            "question": question,
            "answers": {"min": 1, "max": 50},
            "promise": {"kind": "per_answer", "amount_minor": 50, "currency": "KRW"},
        },
    )
    text = {"ko": "마당에 앉은 작은 것.", "en": "Something small that sits in the yard."}
    tasks = [{"key": f"t{n}", "content": {"text": text}} for n in range(20)]
    organiser.ask("POST", f"/calls/{call['id']}/tasks", {"tasks": tasks})
    organiser.ask("POST", f"/calls/{call['id']}/open")
    return dict(call)


def open_page(
    chromium: Browser, *, language: str, size: tuple[int, int], scheme: str = "light"
) -> Page:
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale=LOCALES[language],
        color_scheme=scheme,  # type: ignore[arg-type]
        has_touch=size in PHONES,
    )
    return context.new_page()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LOCALES)
def test_every_page_and_state_is_accessible_and_fits(
    site: Site, chromium: Browser, language: str, size: tuple[int, int], scheme: str
) -> None:
    page = open_page(chromium, language=language, size=size, scheme=scheme)
    found = []

    def look(state: str) -> None:
        found.extend(f"{state}: {complaint}" for complaint in chrome.complaints(page))
        if wide := chrome.overflow(page):
            found.append(f"{state}: {wide} px too wide")
        small = chrome.small_targets(
            page, selector="a, button, summary, input, select, textarea",
            pixels_min=chrome.TARGET_PIXELS_MIN,
        )  # fmt: skip
        low = chrome.small_targets(
            page, selector=".answer-button", pixels_min=chrome.ANSWER_PIXELS_MIN
        )
        found.extend(f"{state}: too small to tap: {name}" for name in small + low)

    for name in ("front", *site.calls, "nowhere"):
        page.goto(site.address(name))
        look(name)
    page.goto(site.address("choice"))
    page.locator(".answer-button").first.click()
    look("saved")
    page.locator("summary").first.click()
    look("promise")
    page.goto(site.address("number"))
    page.locator("input[name=value]").fill("many")
    page.locator(".answer-button.main").click()
    look("error")

    page.context.close()
    assert found == []


@pytest.mark.parametrize("size", PHONES)
@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("name", ANSWERS)
def test_first_answer_is_given_by_taps_alone(
    site: Site, chromium: Browser, name: str, language: str, size: tuple[int, int]
) -> None:
    page = open_page(chromium, language=language, size=size)

    page.goto(site.address(name))
    if name == "choice":
        page.locator(".answer-button").first.tap()
    else:
        page.locator("[name=value]").tap()
        page.keyboard.type(ANSWERS[name])
        page.locator(".answer-button.main").tap()

    saved = {"ko": "저장했어요. 고마워요!", "en": "Saved. Thank you!"}
    assert page.locator(".fate p").inner_text() == saved[language]
    assert site.last_answer(name) == ANSWERS[name]
    page.context.close()


@pytest.mark.parametrize("name", ANSWERS)
def test_everything_works_by_keys_alone(site: Site, chromium: Browser, name: str) -> None:
    page = open_page(chromium, language="en", size=(1280, 800))
    page.goto(site.address(name))

    target = ".answer-button" if name == "choice" else "[name=value]"
    tab_to(page, target)
    if name != "choice":
        page.keyboard.type(ANSWERS[name])
        tab_to(page, ".answer-button.main")
    page.keyboard.press("Enter")
    page.locator(".fate").wait_for()
    assert site.last_answer(name) == ANSWERS[name]
    tab_to(page, ".fate button")
    page.keyboard.press("Space")

    page.get_by_text("Taken back. You can answer again.").wait_for()
    page.context.close()


def tab_to(page: Page, selector: str, *, stops_max: int = 20) -> None:
    for _ in range(stops_max):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never came to {selector}")


@pytest.mark.parametrize("name", ["front", "choice", "number", "text"])
def test_focus_is_never_hidden_and_wide_text_still_fits(
    site: Site, chromium: Browser, name: str
) -> None:
    page = open_page(chromium, language="ko", size=(320, 640))
    page.goto(site.address(name))

    assert chrome.covered_stops(page) == []
    page.context.close()
    # A style of the reader's own is not the page's, so the policy must stand aside for it here.
    context = chromium.new_context(
        viewport={"width": 320, "height": 640}, locale="ko-KR", bypass_csp=True
    )
    page = context.new_page()
    page.goto(site.address(name))
    page.add_style_tag(content=chrome.WIDE_TEXT)
    assert chrome.overflow(page) == 0
    context.close()


def test_task_and_answers_stand_on_one_small_screen(site: Site, chromium: Browser) -> None:
    page = open_page(chromium, language="ko", size=(360, 640))
    page.goto(site.address("choice"))

    boxes = [box.bounding_box() for box in page.locator(".answer-button").all()]

    assert len(boxes) == 3
    assert all(box is not None and box["y"] + box["height"] <= 640 for box in boxes)
    page.context.close()


def test_language_switch_keeps_the_task(site: Site, chromium: Browser) -> None:
    page = open_page(chromium, language="ko", size=(390, 844))
    page.goto(site.address("choice"))
    before = page.locator("input[name=task]").get_attribute("value")

    page.locator(".languages button").click()

    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("input[name=task]").get_attribute("value") == before
    page.context.close()


def test_page_needs_less_than_sixty_kilobytes(site: Site) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.server.port)
    sizes = {}
    for path in (
        f"/c/{site.calls['choice']['slug']}/",
        "/static/dure/base.css",
        "/static/dure/parts.css",
        "/static/dure/logo.svg",
    ):
        connection.request("GET", path)
        response = connection.getresponse()
        sizes[path] = len(response.read())
        assert response.status == 200, path
    connection.close()

    assert sum(sizes.values()) < 60_000, json.dumps(sizes)
