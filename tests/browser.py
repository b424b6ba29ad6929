"""Chromium, as people see the pages: CHROMIUM names one, else the one that is installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from itertools import product
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
# How long a page may take where many others want the machine; one that is quick is not waited for.
PATIENCE_MS = 60_000
AXE = Axe()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What axe's rules ask beside the document and which of its parts are shown: colours, sizes, places.
RULES_OF_LOOKS = ["color-contrast", "link-in-text-block", "scrollable-region-focusable",
                  "skip-link", "target-size"]  # fmt: skip
FIND_FLAWS = """(runOnly) => axe.run({ runOnly, resultTypes: ['violations'] }).then((found) =>
    found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => [id, html])))"""
# Which elements are shown to eyes and to ears, by axe's own measure.
SHOWN = """() => {
    axe.setup();
    const { isVisibleOnScreen, isVisibleToScreenReaders } = axe.commons.dom;
    const shown = [...document.querySelectorAll('*')].map(
        (element) => isVisibleOnScreen(element) + 2 * isVisibleToScreenReaders(element)).join('');
    axe.teardown();
    return shown;
}"""
SCHEMES = ("light", "dark")
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


def complaints(page: Page, *, rules: list[str] | None = None) -> list[str]:
    """What axe finds, one line for each element; by these rules, or all that we hold to."""
    _load_axe(page)
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
    return [f"{name}: {html[:120]}" for name, html in page.evaluate(FIND_FLAWS, only)]


def _load_axe(page: Page) -> None:
    """Once in a document, which has its styles by then."""
    page.wait_for_load_state()
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)


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


def flaws(page: Page, *, state: str, rules: list[str] | None = None) -> list[str]:
    """All that is wrong with what the page shows now: for axe, for narrow screens, for fingers."""
    found = [f"{state}: {complaint}" for complaint in complaints(page, rules=rules)]
    if wide := overflow(page):
        found.append(f"{state}: {wide} px too wide")
    controls = "a, button, summary, input, select, textarea"
    small = small_targets(page, selector=controls, pixels_min=TARGET_PIXELS_MIN)
    low = small_targets(page, selector=".answer-button, .chip", pixels_min=ANSWER_PIXELS_MIN)
    return [*found, *(f"{state}: too small to tap: {name}" for name in small + low)]


def flaws_in_every_look(
    page: Page,
    *,
    state: str,
    sizes: list[tuple[int, int]],
    begin: Callable[[], object] = lambda: None,
) -> list[str]:
    """What is wrong with one state of a page at any of these sizes, light or dark.

    The page stays and its window and colours change; `begin` brings back a state that passes.
    Most of axe's rules read the document and which of its parts are shown, so they are run once
    for each set of shown parts; the rules of looks are run in every look, and so nothing is lost.
    The words of another language are looked at where they have least room; where there is more,
    and in the dark, the pages are made of the same styles as the English ones.
    """
    looks = list(product(sizes, SCHEMES))
    if page.locator("html").get_attribute("lang") != "en":
        looks = [(min(sizes), SCHEMES[0])]
    examined: set[str] = set()
    found: list[str] = []
    for (width, height), scheme in looks:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        begin()
        _load_axe(page)
        shown = page.evaluate(SHOWN)
        rules = RULES_OF_LOOKS if shown in examined else None
        found += flaws(page, state=f"{state}, {width} px, {scheme}", rules=rules)
        examined.add(shown)
    return found
