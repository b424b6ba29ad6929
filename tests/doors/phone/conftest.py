"""One server and one Chromium for the tests of the pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests import browser as chrome
from tests.doors.phone.site import QUESTIONS, Site
from tests.replay import Organiser
from tests.serving import Server, run_dure, running_server


def new_site(server: Server, folder: Path) -> Site:
    assert run_dure(folder, "org", "create", "o", "--owner", "o@example.org").returncode == 0
    token = run_dure(folder, "token", "create", "--org", "o").stdout.split()[-1]
    return Site(server, Organiser(server, token))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("site") / "data"
    with running_server(folder) as server:
        site = new_site(server, folder)
        for name, question in QUESTIONS.items():
            site.open(name, question)
        for state in ("pause", "close"):
            call = site.open(state, QUESTIONS["choice"])
            site.organiser.ask("POST", f"/calls/{call['id']}/{state}")
        yield site


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with chrome.chromium() as browser:
        yield browser
