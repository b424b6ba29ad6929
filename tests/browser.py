"""Chromium, as people see the pages: CHROMIUM names one, else the one that is installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TARGET_PIXELS_MIN = 24
ANSWER_PIXELS_MIN = 48
# WCAG 1.4.12: text set wider than designed must still fit.
WIDE_TEXT = """
* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-block-end: 2em !important }
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def complaints(page: Page) -> list[str]:
    """What axe finds, one line for each element."""
    found = Axe().run(page, options={"runOnly": TAGS})
    return [
        f"{violation['id']}: {node['html'][:120]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


def small_targets(page: Page, *, selector: str, pixels_min: int) -> list[str]:
    return [
        element.inner_text()
        for element in page.locator(selector).all()
        if element.is_visible()
        and (box := element.bounding_box())
        and min(box["width"], box["height"]) < pixels_min
    ]


def covered_stops(page: Page, *, stops_max: int = 40) -> list[str]:
    """Tab stops whose middle lies under something else (WCAG 2.4.11)."""
    covered = []
    for _ in range(stops_max):
        page.keyboard.press("Tab")
        state = page.evaluate(
            """() => {
                const stop = document.activeElement;
                if (!stop || stop === document.body) return null;
                const box = stop.getBoundingClientRect();
                const top = document.elementFromPoint(
                    box.x + box.width / 2, box.y + box.height / 2);
                const inside = top && (stop.contains(top) || top.contains(stop));
                return inside ? '' : stop.outerHTML.slice(0, 120);
            }"""
        )
        if state is None:
            return covered
        if state:
            covered.append(state)
    return covered
