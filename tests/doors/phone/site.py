"""A real server with a call of each type, for tests that come to it with a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from playwright.sync_api import Browser, BrowserContext, FloatRect, Page, expect

from tests import browser as chrome
from tests.cutting import Network
from tests.replay import Organiser, read_rows
from tests.serving import Server

SIZES = [(320, 640), (390, 844), (1280, 800)]
PHONES = SIZES[:2]
LOCALES = {"ko": "ko-KR", "en": "en-US"}
PICTURE = "/static/dure/demo/table-1.webp"
YES_NO = [
    {"value": "yes", "label": {"ko": "네", "en": "Yes"}},
    {"value": "no", "label": {"ko": "아니요", "en": "No"}},
]
FRUIT = [
    {"value": "apple", "label": {"ko": "사과", "en": "Apple"}},
    {"value": "pear", "label": {"ko": "배", "en": "Pear"}},
    {"value": "plum", "label": {"ko": "자두", "en": "Plum"}},
]
TEXT = {"ko": "마당에 앉은 작은 것.", "en": "Something small that sits in the yard."}
QUESTIONS: dict[str, dict[str, Any]] = {
    "choice": {"type": "choice", "text": {"ko": "새인가요?", "en": "Is it a bird?"},
               "options": YES_NO},
    "many": {"type": "choice", "text": "Which letter?", "options": list("abcdefghij")},
    "multi": {"type": "multi", "text": {"ko": "무엇이 있나요?", "en": "What is there?"},
              "options": FRUIT},
    "number": {"type": "number", "text": "How many?", "min": 0, "max": 100, "unit": "birds"},
    "text": {"type": "text", "text": "What should it be called?", "max": 200},
    "pair": {"type": "pair", "text": "Which is nicer?"},
    "rank": {"type": "rank", "text": "Which first?"},
    "box": {"type": "box", "text": "Where is the fruit?", "options": FRUIT},
    "predict": {"type": "choice", "text": "Is it good?", "options": YES_NO, "predict": True},
}  # fmt: skip
CONTENTS: dict[str, dict[str, Any]] = {
    "pair": {"left": {"image": PICTURE}, "right": TEXT},
    "rank": {"items": ["one", {"ko": "둘", "en": "two"}, "three"]},
    "box": {"image": PICTURE},
}
TASKS = 30
OPEN_STORE = """new Promise((resolve) => {
    const opening = indexedDB.open('dure');
    opening.onsuccess = () => resolve(opening.result);
})"""
HAS_TASKS = f"""async (count) => {{
    const db = await {OPEN_STORE};
    const asked = db.transaction('tasks').objectStore('tasks').count();
    await new Promise((resolve) => {{ asked.onsuccess = resolve; }});
    db.close();
    return asked.result >= count;
}}"""


@dataclass
class Site:
    server: Server
    organiser: Organiser
    calls: dict[str, dict[str, Any]] = field(default_factory=dict)

    def address(self, name: str) -> str:
        if name == "front":
            return self.server.url
        if name == "nowhere":
            return f"{self.server.url}/c/nowhere/"
        return f"{self.server.url}/c/{self.calls[name]['slug']}/"

    def answers(self, name: str) -> list[dict[str, str]]:
        path = f"/calls/{self.calls[name]['id']}/answers?format=csv"
        return read_rows(self.organiser.ask("GET", path))

    def ask(self, verb: str, name: str, *, token: str = "", **body: Any) -> Any:
        """What somebody without a browser asks for a call; whoever joins is somebody new."""
        content = json.dumps({"call": self.calls[name]["slug"], **body}).encode()
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        with urlopen(Request(f"{self.server.url}/collect/{verb}", content, headers)) as reply:
            return json.load(reply)

    def last_answer(self, name: str) -> str:
        return self.answers(name)[-1]["answer"]

    def open(self, name: str, question: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """A call with tasks enough, known by its name; opened for all."""
        n_tasks = fields.pop("n_tasks", TASKS)
        content = fields.pop("content", None) or CONTENTS.get(name, {"text": TEXT})
        body = {
            "kind": "tasks",
            "title": {"ko": f"{name} 함께하기", "en": f"Help with {name}"},
            "brief": {"ko": "천천히 보고 답해 주세요.", "en": "Take your time."},
            "question": question,
            "answers": {"min": 1, "max": 100, "target": None},
            "promise": {"kind": "per_answer", "amount_minor": 50, "currency": "KRW"},
            **fields,
        }
        call = dict(self.organiser.ask("POST", "/calls", body))
        tasks = [{"key": f"t{n}", "content": content} for n in range(n_tasks)]
        self.organiser.ask("POST", f"/calls/{call['id']}/tasks", {"tasks": tasks})
        self.organiser.ask("POST", f"/calls/{call['id']}/open")
        self.calls[name] = call
        return call


def new_context(
    chromium: Browser,
    *,
    language: str = "en",
    size: tuple[int, int] = (390, 844),
    **options: Any,
) -> BrowserContext:
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale=LOCALES[language],
        has_touch=size in PHONES,
        **options,
    )
    context.set_default_timeout(chrome.PATIENCE_MS)
    return context


def open_call(context: BrowserContext, address: str) -> Page:
    """The call's page, its own code at work; an error in it fails the test."""
    page = context.new_page()
    page.on("pageerror", _fail)
    go(page, address)
    return page


def go(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(".phone[data-ready]").wait_for()


@contextmanager
def until_at_rest(page: Page) -> Iterator[None]:
    """Until what is opened meanwhile knows whose it is and holds the tasks that it asked for."""
    # How far the call is, it asks last.
    with page.expect_request("**/collect/news"):
        yield


def open_at_rest(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.on("pageerror", _fail)
    with until_at_rest(page):
        go(page, address)
    return page


def tap_yes(page: Page) -> None:
    """A thumb's answer, till the page has kept it: the next task shows, or is on its way.

    What is tapped before is not taken for an answer.
    """
    yes = page.locator("[data-value=yes]")
    yes.wait_for()
    task = page.locator(".phone").get_attribute("data-task")
    yes.tap()
    page.wait_for_function(
        "before => document.querySelector('.phone').dataset.task !== before", arg=task
    )


def type_by_touch(page: Page, selector: str, words: str) -> None:
    """Tap a field and type; a tap is a click only a moment after the finger has left."""
    page.locator(selector).tap()
    expect(page.locator(selector)).to_be_focused()
    page.keyboard.type(words)


def wait_for_tasks(page: Page, count: int) -> None:
    """Until the phone keeps so many for a time without a network."""
    page.wait_for_function(HAS_TASKS, arg=count)


def next_task(page: Page, before: str | None) -> str:
    """Wait until another task is shown; its id. A thumb quicker than the network waits for one."""
    page.wait_for_function(
        "before => !['', before].includes(document.querySelector('.phone').dataset.task)",
        arg=before,
    )
    return str(page.locator(".phone").get_attribute("data-task"))


def place_of_picture(page: Page) -> FloatRect:
    """Where boxes are drawn, which is as tall as the picture once that has come."""
    page.locator(".box-frame[style*='--ratio']").wait_for()
    box = page.locator(".box-canvas").bounding_box()
    assert box is not None
    return box


def through(net: Network, address: str) -> str:
    """The address behind a network that can be cut."""
    return f"{net.url}{urlsplit(address).path}"


def data_folder(server: Server) -> Path:
    return Path(server.environment["DURE_DATA"])


def _fail(error: Any) -> None:
    raise AssertionError(f"the page's own code failed: {error}")
