"""Payouts on a small phone without scripts: released, taken home, marked as paid, returned."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests import browser as chrome
from tests.doors.desk.conftest import LOCALES, SIZES, Bureau
from tests.doors.desk.owing import owe_money

pytestmark = pytest.mark.browser
PAYOUTS = "/desk/demo/payouts"


@pytest.fixture(scope="module")
def batch(bureau: Bureau) -> int:
    return owe_money(bureau)


def test_batch_goes_its_way_on_a_small_phone_without_scripts(
    bureau: Bureau, batch: int, chromium: Browser
) -> None:
    page = bureau.page(chromium, path=PAYOUTS, size=(320, 640), java_script_enabled=False)

    page.get_by_role("link", name=f"Payouts {batch}").click()
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_role("status").first).to_contain_text("Released.")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Table for the bank").click()
    page.get_by_role("button", name="Mark all 2 as paid").click()
    expect(page.get_by_role("status").first).to_contain_text("2 payouts are marked as paid.")
    line = page.locator(".card").first
    line.get_by_text("The bank sent it back").click()
    line.get_by_label("Why?").fill("account closed")
    line.get_by_role("button").click()

    expect(page.locator(".card").first).to_contain_text("account closed")
    lines = Path(taken.value.path()).read_bytes().decode("cp949").splitlines()
    assert len(lines) == 3
    page.context.close()


@pytest.mark.parametrize("language", LOCALES)
def test_pages_of_payouts_are_accessible_in_every_look(
    bureau: Bureau, batch: int, chromium: Browser, language: str
) -> None:
    page = bureau.page(chromium, language=language)
    page.context.clear_cookies(name="django_language")
    found: list[str] = []

    for path in (PAYOUTS, f"{PAYOUTS}/{batch}", f"{PAYOUTS}/rules"):
        reply = page.goto(bureau.server.url + path)
        assert reply is not None
        assert reply.status == 200
        found += chrome.flaws_in_every_look(page, state=path, sizes=SIZES)

    page.context.close()
    assert found == []
