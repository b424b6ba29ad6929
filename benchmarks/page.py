"""The call's page on a slow phone: what it weighs, and how long people wait for it.

Chromium at 390 x 844 px, its cache empty, its network slowed to what its developer tools call slow
4G (1.44 Mbit/s down, 0.675 Mbit/s up, 562.5 ms a round trip), its processor to a quarter. The
server is a real `dure serve` with the demo calls; each figure names a type of question where it
is one type's. Run it by `dure bench page`; it needs the tools of the tests.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

COMMAND = str(Path(sys.executable).with_name("dure"))
NAMES = ("chromium", "chromium-browser", "google-chrome")
SIZE = {"width": 390, "height": 844}
# Chromium's developer tools, preset "Slow 4G": bytes a second, milliseconds.
SLOW_4G = {
    "offline": False,
    "latency": 562.5,
    "downloadThroughput": 1.6e6 / 8 * 0.9,
    "uploadThroughput": 750e3 / 8 * 0.9,
}
CPU_SLOWER = 4
LOADS = 5
ANSWERS = 12
# A second tap sooner than this is taken for a slip of the finger.
BETWEEN_TAPS_MS = 500

# From the finger to the picture: the time at which the next question was painted.
WATCH = """() => {
  const root = document.querySelector(".phone");
  window.waits = [];
  let since = 0;
  root.addEventListener("pointerup", () => { since = performance.now(); }, true);
  new MutationObserver(() => requestAnimationFrame(() => {
    const painted = new MessageChannel();
    painted.port1.onmessage = () => window.waits.push(performance.now() - since);
    painted.port2.postMessage(0);
  })).observe(root, { attributes: true, attributeFilter: ["data-task"] });
}"""


def run() -> dict[str, float]:
    """KB are 1,000 bytes as they cross the network, `ready_s` seconds from opening the link until
    the page's own code takes the first answer, `next_ms` milliseconds from the tap to the picture
    of the next question (median and worst of twelve).
    """
    with _server() as calls, _chromium() as browser:
        kinds = dict(zip(("choice", "number", "text", "multi", "pair", "rank", "box"), calls,
                         strict=True))  # fmt: skip
        # First of all, while no other browser holds any of the tasks.
        waits = _answer(browser, kinds["choice"])
        figures: dict[str, float] = {}
        for kind, address in kinds.items():
            kb, requests = _weigh(browser, address)
            figures |= {f"{kind}_kb": kb, f"{kind}_requests": requests}
        loads = [_load(browser, kinds["choice"]) for _ in range(LOADS)]
        form, ready = (statistics.median(column) for column in zip(*loads, strict=True))
        return figures | {
            "form_s": form,
            "ready_s": ready,
            "ready_s_worst": max(load[1] for load in loads),
            "next_ms": statistics.median(waits),
            "next_ms_worst": max(waits),
        }


def _weigh(browser: Browser, address: str) -> tuple[float, float]:
    """All that is fetched until the first answer is possible, pictures of the task included."""
    page, cdp = _new_page(browser)
    sizes: list[float] = []
    cdp.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address)
    page.locator(".phone[data-ready]").wait_for()
    page.wait_for_load_state("load")
    page.context.close()
    return sum(sizes) / 1000, len(sizes)


def _load(browser: Browser, address: str) -> tuple[float, float]:
    """Seconds until the form is shown, which works without code, and until the code is ready."""
    page, cdp = _new_page(browser)
    _slow_down(cdp)
    started = time.monotonic()
    page.goto(address, wait_until="commit")
    page.locator(".answer-button").first.wait_for()
    form = time.monotonic() - started
    page.locator(".phone[data-ready]").wait_for()
    ready = time.monotonic() - started
    page.context.close()
    return form, ready


def _answer(browser: Browser, address: str) -> list[float]:
    page, cdp = _new_page(browser)
    _slow_down(cdp)
    page.goto(address)
    page.locator(".phone[data-ready]").wait_for()
    page.evaluate(WATCH)
    for number in range(ANSWERS):
        page.wait_for_timeout(BETWEEN_TAPS_MS)
        page.locator(".answer-button[data-value]").first.tap()
        page.wait_for_function("count => window.waits.length > count", arg=number)
    waits: list[float] = page.evaluate("() => window.waits")
    page.context.close()
    return waits


def _new_page(browser: Browser) -> tuple[Page, CDPSession]:
    context = browser.new_context(viewport=SIZE, has_touch=True, is_mobile=True, locale="en-US")
    page = context.new_page()
    cdp = context.new_cdp_session(page)
    cdp.send("Network.enable")
    return page, cdp


def _slow_down(cdp: CDPSession) -> None:
    cdp.send("Network.emulateNetworkConditions", SLOW_4G)
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})


@contextmanager
def _chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def _server() -> Iterator[list[str]]:
    """The addresses of the demo calls, served from a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        environment = {**kept, "DURE_DATA": folder}
        made = subprocess.run(
            [COMMAND, "demo"], env=environment, check=True, capture_output=True, text=True
        )
        slugs = [urlsplit(line.split()[0]).path for line in made.stdout.splitlines()]
        process = subprocess.Popen(
            [COMMAND, "serve", "--port", str(port)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            addresses = [f"http://127.0.0.1:{port}{slug}" for slug in slugs]
            _wait_for(addresses[0])
            yield addresses
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urlopen(address).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
