"""One Chromium for all tests of pages: its library can be started once in a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests import browser as chrome


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as one:
        yield one


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    expect.set_options(timeout=chrome.PATIENCE_MS)
    browser = playwright.chromium.launch(executable_path=chrome.path(), args=chrome.FLAGS)
    yield browser
    browser.close()
