"""The desk's and the square's pages for everybody: axe, narrow screens, large text, keys."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import browser as chrome
from tests.doors.desk.conftest import LOCALES, PASSWORD, SIZES, Bureau
from tests.serving import wait_until

pytestmark = pytest.mark.browser
LETTER_PIXELS_MIN, LETTER_PIXELS_MAX = 11, 18
LETTER_PIXELS = """[...document.querySelectorAll(".chart text, .chart .label")].map(text => {
  const chart = text.closest("svg");
  const shown = chart.getBoundingClientRect().width / chart.viewBox.baseVal.width;
  return parseFloat(getComputedStyle(text).fontSize) * shown;
})"""
CALLS = "/desk/demo/calls"
# What stands in braces is found by a query, or made for the purpose.
PAGES = {
    "front": "/",
    "front, none fits": "/?q=nothing-at-all",
    "organisation": "/o/demo/",
    "about a call": "/c/{open_slug}/about",
    "about a call with its results": "/c/{closed_slug}/about",
    "choice of organisations": "/desk/?choose=1",
    "new organisation": "/desk/new-organisation",
    "invitation": "{invitation}",
    "calls": "/desk/demo/",
    "calls, empty": "/desk/bakery/",
    "new": "/desk/demo/new",
    "board": CALLS + "/{open}/",
    "board of numbers": CALLS + "/{numbers}/",
    "draft": CALLS + "/{draft}/question",
    "columns of a table": "{mapping}?again=1",
    "terms": CALLS + "/{draft}/terms",
    "tasks": CALLS + "/{open}/tasks",
    "tasks, none fits": CALLS + "/{open}/tasks?words=nothing",
    "task": CALLS + "/{numbers}/tasks/{task}",
    "task with weights": CALLS + "/{weighed}",
    "share": CALLS + "/{open}/share",
    "poster": CALLS + "/{open}/share/poster",
    "exports": CALLS + "/{open}/exports",
    "money of a call": CALLS + "/{open}/money",
    "promise more": CALLS + "/{open}/money/promise",
    "pay money in": CALLS + "/{open}/money/pay-in",
    "settlement": CALLS + "/{closed}/money/settlements/1",
    "questions about money": CALLS + "/{open}/money/questions",
    "money": "/desk/demo/money",
    "more tasks": CALLS + "/{open}/add",
    "media": "/desk/demo/media",
    "members": "/desk/demo/members",
    "ledger": "/desk/demo/ledger",
    "entries of an account": "/desk/demo/ledger/{account}",
    "keys": "/desk/demo/keys",
    "settings": "/desk/demo/settings",
    "history": "/desk/demo/history",
    "account": "/desk/account",
    "two factors": "/account/2fa/",
    "codes by an app": "/account/2fa/totp/activate/",
    "passkeys": "/account/2fa/webauthn/",
    "new passkey": "/account/2fa/webauthn/add/",
    "password": "/account/password/change/",
    "not there": "/desk/nowhere/",
}
STATUSES = {"not there": 404}
CALLS_OF_DEMO = """
select c.id, c.slug, c.state, c.question->>'type', (select min(id) from tasks_task t
    where t.call_id = c.id)
from calls_call c join people_organisation o on o.id = c.organisation_id
where o.slug = 'demo' order by c.id
"""
BOOK = """
import django
django.setup()
from dure.calls.models import Call
from dure.ledger.journal import Leg, post
from dure.ledger.models import LedgerAccount, Purpose
from dure.ledger.money import Money
call = Call.objects.filter(organisation__slug="demo").earliest("pk")
parts = [
    (f"call:{call.pk}", Purpose.HELD, -1234567), (f"call:{call.pk}", Purpose.DEPOSIT, 1000000),
    (f"contributor:{call.pk}:1", Purpose.OWED_TO, 234000),
    (f"withheld:{call.organisation_id}:" + "Office" * 15, Purpose.OWED_TO, 567),
]
for n in range(60):
    legs = [Leg(owner=o, purpose=p, money=Money(m, "KRW")) for o, p, m in parts]
    post(key=f"settlement {n} " + "k" * 60, reason="paid-in", entries=legs)
print(LedgerAccount.objects.get(owner=f"call:{call.pk}", purpose=Purpose.HELD).pk)
"""
DISAGREED = """
select a.call_id, a.task_id from tasks_answer a
join tasks_verdict v on v.call_id = a.call_id and v.task_id = a.task_id
where v.label is not null and not a.is_skip
group by a.call_id, a.task_id having count(distinct a.value) > 1 order by a.task_id limit 1
"""


@pytest.fixture(scope="module")
def named(bureau: Bureau, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
          ) -> dict[str, object]:  # fmt: skip
    """The demo's calls by what they are; an invitation and a table that waits to be mapped."""
    calls = bureau.rows(CALLS_OF_DEMO)
    first = {(state, kind): call for *call, state, kind, _ in reversed(calls)}
    tasks = {call_id: task for call_id, *_, task in calls}
    draft = next(call_id for call_id, _, state, *_ in calls if state == "draft")
    numbers = first["open", "number"][0]
    opened, open_slug = first["open", "choice"]
    closed, closed_slug = next((pk, slug) for pk, slug, state, *_ in calls if state == "closed")
    table = tmp_path_factory.mktemp("table") / "birds.csv"
    table.write_text("name,text\na,A gull\nb,A tern\n")
    return {
        "open": opened,
        "open_slug": open_slug,
        "closed": closed,
        "closed_slug": closed_slug,
        "numbers": numbers,
        "task": tasks[numbers],
        "weighed": wait_for_disagreement(bureau),
        "draft": draft,
        "account": book(bureau),
        "invitation": invite(bureau, chromium),
        "mapping": send_table(bureau, chromium, f"{CALLS}/{draft}/add", table),
    }


def book(bureau: Bureau) -> int:
    """Put something into the ledger; gives an account of which there are more entries than fit."""
    environment = {**bureau.server.environment, "DJANGO_SETTINGS_MODULE": "dure.settings"}
    told = subprocess.run(
        [sys.executable, "-c", BOOK], env=environment, capture_output=True, check=True
    )
    return int(told.stdout)


def wait_for_disagreement(bureau: Bureau) -> str:
    """A choice of the demo's on which its crowd disagreed, once the worker has fitted it."""
    wait_until(lambda: bool(bureau.rows(DISAGREED)))
    return "{}/tasks/{}".format(*bureau.rows(DISAGREED)[0])


def invite(bureau: Bureau, chromium: Browser) -> str:
    page = bureau.page(chromium, path="/desk/bakery/members")
    page.check("[name=role][value=reader]")
    page.click("button:has-text('Invite')")
    link = page.locator("[readonly]").first.input_value()
    page.context.close()
    return link.removeprefix(bureau.server.url)


def send_table(bureau: Bureau, chromium: Browser, path: str, table: Path) -> str:
    """A table for a draft's tasks; gives the page that asks what its columns are."""
    page = bureau.page(chromium, path=path)
    page.set_input_files("[name=files]", table)
    page.locator("form:has([name=files]) button").click()
    page.wait_for_url("**/upload/*")
    where = urlsplit(page.url).path
    page.context.close()
    return where


def visit(page: Page, address: str, *, status: int = 200) -> None:
    """Go there, and be there: neither refused nor led elsewhere."""
    reply = page.goto(address)
    if "/account/reauthenticate/" in page.url:
        page.fill("[name=password]", PASSWORD)
        page.locator("form:has([name=password]) button").first.click()
        page.wait_for_url(address)
        reply = page.reload()
    assert reply is not None
    assert (reply.status, page.url) == (status, address)


@pytest.mark.parametrize("language", LOCALES)
def test_every_page_is_accessible_and_fits_in_every_look(
    bureau: Bureau, named: dict[str, object], chromium: Browser, language: str
) -> None:
    page = bureau.page(chromium, language=language)
    page.context.clear_cookies(name="django_language")
    found: list[str] = []

    for name, path in PAGES.items():
        visit(page, bureau.server.url + path.format(**named), status=STATUSES.get(name, 200))
        assert page.locator("html").get_attribute("lang") == language
        found += chrome.flaws_in_every_look(page, state=name, sizes=SIZES)
    visit(page, f"{bureau.server.url}/desk/demo/new")
    page.click("button[value=images]")
    page.wait_for_url("**/question")
    for step in ("question", "add", "terms"):
        visit(page, re.sub(r"\w+$", step, page.url))
        page.frame_locator("[data-preview]").locator(".phone[data-ready]").wait_for()
        found += chrome.flaws_in_every_look(page, state=page.url, sizes=SIZES)

    page.context.close()
    assert found == []


@pytest.mark.parametrize("width", [320, 390, 700, 1280])
@pytest.mark.parametrize("name", ["board of numbers", "board"])
def test_letters_in_charts_are_large_enough_to_read(
    bureau: Bureau, named: dict[str, object], chromium: Browser, name: str, width: int
) -> None:
    page = bureau.page(chromium, path=PAGES[name].format(**named), size=(width, 800))

    sizes = page.evaluate(LETTER_PIXELS)

    page.context.close()
    assert sizes
    assert [size for size in sizes if not LETTER_PIXELS_MIN <= size <= LETTER_PIXELS_MAX] == []


@pytest.mark.parametrize(("language", "size"), [("ko", SIZES[0]), ("en", SIZES[-1])])
def test_page_of_an_import_is_accessible(
    bureau: Bureau,
    named: dict[str, object],
    chromium: Browser,
    language: str,
    size: tuple[int, int],
) -> None:
    path = f"{named['mapping']}?again=1"
    page = bureau.page(chromium, path=path, language=language, size=size)
    page.select_option("[name=column-1]", "text")
    with page.expect_response("**/upload/*") as told:
        page.locator("form:has([name=column-1]) .main-button").click()

    assert told.value.status == 200
    page.locator("a[href$='?again=1']").wait_for()
    expect(page.locator("[name=column-1]")).to_have_count(0)
    assert chrome.flaws(page, state="imported") == []
    page.context.close()


@pytest.mark.parametrize(
    "path", ["/account/login/", "/account/signup/", "/account/password/reset/"]
)
def test_ways_in_are_accessible(bureau: Bureau, chromium: Browser, path: str) -> None:
    page = bureau.page(chromium, path=path, size=(320, 640), language="ko", state=None)

    assert chrome.flaws(page, state=path) == []
    page.context.close()


@pytest.mark.parametrize(
    "name",
    [
        "calls",
        "new",
        "board",
        "tasks",
        "share",
        "members",
        "ledger",
        "entries of an account",
        "front",
    ],
)
def test_twice_the_text_and_wide_text_still_fit(
    bureau: Bureau, named: dict[str, object], chromium: Browser, name: str
) -> None:
    page = bureau.page(chromium, path=PAGES[name].format(**named), size=(640, 800), bypass_csp=True)
    page.add_style_tag(content="html { font-size: 200% }")

    assert chrome.overflow(page) == 0
    page.set_viewport_size({"width": 320, "height": 640})
    page.reload()
    page.add_style_tag(content=chrome.WIDE_TEXT)
    assert chrome.overflow(page) == 0
    page.context.close()
