"""Chromium, as people see the pages: CHROMIUM names one, else the one that is installed."""

from __future__ import annotations

import os
import shutil
from urllib.request import urlopen

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

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


def path() -> str | None:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def is_up(url: str) -> bool:
    """Whether a server answers at the address by now."""
    try:
        with urlopen(url) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


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
    """Controls that a finger may miss; one inside a label is tapped by its label."""
    found = page.evaluate(
        """([selector, least]) => [...document.querySelectorAll(selector)].flatMap((element) => {
            const target = element.closest('label') ?? element;
            const { width, height } = target.getBoundingClientRect();
            const isShown = element.checkVisibility() && width > 0;
            return isShown && Math.min(width, height) < least ? [element.outerHTML] : [];
        })""",
        [selector, pixels_min],
    )
    return [html[:120] for html in found]


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


def tab_to(page: Page, selector: str, *, stops_max: int = 40) -> None:
    for _ in range(stops_max):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never came to {selector}")


def flaws(page: Page, *, state: str) -> list[str]:
    """All that is wrong with what the page shows now: for axe, for narrow screens, for fingers."""
    found = [f"{state}: {complaint}" for complaint in complaints(page)]
    if wide := overflow(page):
        found.append(f"{state}: {wide} px too wide")
    controls = "a, button, summary, input, select, textarea"
    small = small_targets(page, selector=controls, pixels_min=TARGET_PIXELS_MIN)
    low = small_targets(page, selector=".answer-button, .chip", pixels_min=ANSWER_PIXELS_MIN)
    return [*found, *(f"{state}: too small to tap: {name}" for name in small + low)]
