"""One server with an owner who came by the owner's link, for the desk's pages."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, StorageState

from tests import browser as chrome
from tests.serving import Server, run_dure, running_server

SIZES = [(320, 640), (390, 844), (1280, 800)]
LOCALES = {"ko": "ko-KR", "en": "en-US"}
# How long a board may wait for news: the first fit of a kind compiles its code.
NEWS_MS = 180_000
EMAIL, PASSWORD = "ada@example.org", "a quiet green harbour"
ASK = """
import json, sys
from dure import postgres
with postgres.connect("owner") as owner:
    print(json.dumps(owner.execute(sys.argv[1]).fetchall()))
"""


@dataclass
class Bureau:
    """A running server and the cookies of its owner, whose organisation is `bakery`."""

    server: Server
    state: StorageState

    def page(self, chromium: Browser, *, path: str = "/desk/bakery/", **options: Any) -> Page:
        size = options.pop("size", (1280, 800))
        language = options.pop("language", "en")
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale=LOCALES[language],
            storage_state=options.pop("state", self.state),
            accept_downloads=True,
            **options,
        )
        context.set_default_timeout(chrome.PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", _fail)
        page.on("console", _fail_if_forbidden)
        page.goto(self.server.url + path)
        return page

    def rows(self, statement: str) -> list[list[Any]]:
        """What the server's own database says."""
        return list(self._ask("-c", ASK, statement))

    def make_judged_calls(self) -> dict[str, tuple[int, int]]:
        """The number of a call of each type and of its task with a verdict."""
        return dict(self._ask("-m", "tests.doors.desk.handmade", "bakery"))

    def _ask(self, *arguments: str) -> Any:
        told = subprocess.run(
            [sys.executable, *arguments],
            env=self.server.environment,
            capture_output=True,
            check=True,
        )
        return json.loads(told.stdout)


def _fail(error: Any) -> None:
    raise AssertionError(f"the page's own code failed: {error}")


def _fail_if_forbidden(message: ConsoleMessage) -> None:
    """A page that breaks its own content security policy says so in the console alone."""
    assert "Content Security Policy" not in message.text, message.text


@pytest.fixture(scope="session")
def bureau(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Bureau]:
    folder: Path = tmp_path_factory.mktemp("bureau") / "data"
    with running_server(folder) as server:
        assert run_dure(folder, "demo").returncode == 0
        yield Bureau(server, come_in(server, chromium))


def come_in(server: Server, chromium: Browser) -> StorageState:
    """Sign up by the owner's link that the first start printed."""
    (path,) = re.findall(r"Owner's link.*?(/desk/welcome/\S+)", server.log.read_text())
    context = chromium.new_context(locale="en-US")
    page = context.new_page()
    page.goto(server.url + path)
    page.fill("[name=email]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=organisation]", "Bakery")
    page.click(".main-button")
    page.wait_for_url("**/desk/bakery/")
    state = context.storage_state()
    context.close()
    return state
