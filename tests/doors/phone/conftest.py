"""One server for the tests of the pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, StorageState

from tests.doors.phone.site import QUESTIONS, Site, new_context, open_call, tap_yes
from tests.replay import Organiser, wait_for_verdicts
from tests.serving import Server, run_dure, running_server, wait_until


def new_site(server: Server, folder: Path) -> Site:
    assert run_dure(folder, "org", "create", "o", "--owner", "o@example.org").returncode == 0
    token = run_dure(folder, "token", "create", "--org", "o").stdout.split()[-1]
    return Site(server, Organiser(server, token))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("site") / "data"
    # Nobody listens there: mails wait in their queue.
    with running_server(folder, env={"DURE_SMTP": "smtp://127.0.0.1:9"}) as server:
        site = new_site(server, folder)
        for name, question in QUESTIONS.items():
            site.open(name, question)
        for state in ("pause", "close"):
            call = site.open(state, QUESTIONS["choice"])
            site.organiser.ask("POST", f"/calls/{call['id']}/{state}")
        yield site


@pytest.fixture(scope="session")
def helped(site: Site, chromium: Browser) -> StorageState:
    """The cookies of somebody who helped with the call "done" to its end, and is thanked for it."""
    call = site.open("done", QUESTIONS["choice"], n_tasks=6, answers={"min": 1, "max": 1})
    context = new_context(chromium)
    for n in range(3):
        page = open_call(context, site.address("done"))
        tap_yes(page)
        # The next page may send again what this one had no time to note as sent, so a response
        # says little of this answer.
        page.close()
        wait_until(lambda n=n: len(site.answers("done")) > n)
    page = context.new_page()
    page.goto(f"{site.address('done')}keep")
    page.locator("[name=name]").fill("미나 Mina")
    with page.expect_navigation():
        page.locator(".way .answer-button").last.click()
    wait_for_verdicts(site.organiser, call)
    site.organiser.ask("POST", f"/calls/{call['id']}/close")
    state = context.storage_state()
    context.close()
    return state
