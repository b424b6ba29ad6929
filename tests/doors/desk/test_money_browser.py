"""A call's money in two real browsers: one member works a settlement out, another says yes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import browser as chrome
from tests.doors.desk.conftest import PASSWORD, Bureau
from tests.serving import wait_until

pytestmark = pytest.mark.browser
ADD_MONEY = "[name=promise][value={}]"


@pytest.fixture(scope="module")
def paid_call(bureau: Bureau, chromium: Browser) -> str:
    """The address of a call that shares a fifth of its gains, with an answer in it."""
    page = bureau.page(chromium)
    page.click("text=New call")
    page.click("button[value=images]")
    page.click("text=On to the tasks")
    page.fill("[name=lines]", "A gull on a pole\nA cat in a box")
    page.click("text=On to the terms")
    expect(page.locator("[name=percent]")).to_be_hidden()
    page.check(ADD_MONEY.format("revenue_share"))
    page.fill("[name=percent]", "20")
    page.fill("[name=until]", "2199-12-31")
    page.select_option("[name=currency]", "USD")
    assert chrome.flaws(page, state="terms with money") == []
    page.click("button[name=open]")
    link = str(page.locator("[readonly]").first.input_value())
    path = re.sub(r"/share$", "", page.url.removeprefix(bureau.server.url))
    page.context.close()
    phone = bureau.page(
        chromium, path=link.removeprefix(bureau.server.url), size=(390, 844), has_touch=True,
        state=None,
    )  # fmt: skip
    phone.locator(".phone[data-ready]").wait_for()
    with phone.expect_response("**/collect/answers"):
        phone.locator(".answer-button").first.tap()
    phone.context.close()
    return path


def second_member(bureau: Bureau, chromium: Browser) -> Page:
    """A treasurer who came by an invitation, in a browser of their own."""
    owner = bureau.page(chromium, path="/desk/bakery/members")
    owner.check("[name=role][value=treasurer]")
    owner.click("button:has-text('Invite')")
    link = owner.locator("[readonly]").first.input_value()
    owner.context.close()
    page = bureau.page(chromium, path=link.removeprefix(bureau.server.url), state=None)
    page.fill("[name=email]", "tess@example.org")
    page.fill("[name=password]", PASSWORD)
    page.click(".main-button")
    page.wait_for_url("**/desk/bakery/")
    return page


def test_gain_is_reported_worked_out_by_one_and_approved_by_another(
    bureau: Bureau, chromium: Browser, paid_call: str
) -> None:
    money = f"{bureau.server.url}{paid_call}/money"
    page = bureau.page(chromium, path=f"{paid_call}/money")
    page.click("text=Report what it earned")
    page.fill("[name=first]", "2026-01-01")
    page.fill("[name=last]", "2026-06-30")
    page.fill("[name=amount]", "20,000")
    page.fill("[name=note]", "Sold at the harbour fair")
    assert chrome.flaws(page, state="gain") == []
    page.click("text=Report it")
    page.wait_for_url(money)
    page.click("text=Pay money in")
    page.fill("[name=amount]", "500")
    page.click("text=Write it down")
    page.wait_for_url(money)
    assert chrome.flaws(page, state="money") == []
    page.click(".main-button:has-text('Share out')")
    page.click("text=Work it out")
    page.wait_for_url("**/settlements/1")
    expect(page.locator(".note.warning")).to_contain_text("A second member has to say yes")
    expect(page.locator("[value=approve]")).to_have_count(0)
    assert chrome.flaws(page, state="settlement") == []

    other = second_member(bureau, chromium)
    other.click(".desk-tabs >> text=Money")
    other.click(".sheet >> text=waits for a yes >> xpath=../a")
    expect(other.locator(".lead")).to_contain_text("$2,000.00")
    other.click("[value=approve]")
    expect(other.locator(".notes")).to_contain_text("Approved.")

    done = other.locator(".chip-small.posted")

    def is_posted() -> bool:
        other.reload()
        return done.count() > 0

    wait_until(is_posted)
    expect(done).to_be_visible()
    page.goto(money)
    shared = page.locator(".figure", has_text=re.compile("^Shared out"))
    expect(shared.locator(".much")).to_have_text("$2,000.00")
    owed = page.locator(".figure", has_text="Still to be paid in").locator(".much")
    expect(owed).to_have_text("$3,500.00")
    other.context.close()
    page.context.close()


@pytest.mark.parametrize("name", ["money", "money/pay-in", "money/gain", "money/promise",
                                  "money/settle", "money/questions"])  # fmt: skip
def test_pages_of_money_fit_and_are_accessible_in_every_look(
    bureau: Bureau, chromium: Browser, paid_call: str, name: str
) -> None:
    page = bureau.page(chromium, path=f"{paid_call}/{name}")

    found = chrome.flaws_in_every_look(page, state=name, sizes=[(320, 640), (1280, 800)])

    page.context.close()
    assert found == []


def test_promise_of_money_is_made_and_raised_without_script(
    bureau: Bureau, chromium: Browser, paid_call: str
) -> None:
    page = bureau.page(
        chromium, path=f"{paid_call}/money/promise", java_script_enabled=False, size=(320, 640)
    )
    page.fill("[name=percent]", "25")
    page.click("text=Promise it")

    expect(page.locator("main")).to_contain_text("25% of what this earns until")
    page.context.close()
