"""The organisation's part of the ledger on the desk."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import AsyncClient
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dure.ledger.journal import Leg, post
from dure.ledger.models import LedgerAccount, Purpose
from dure.ledger.money import Money
from dure.people.models import AuditEntry
from tests.doors.desk.office import Office, make_office
from tests.factories import make_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office()


def fill(office: Office, *, contributors: int = 2) -> None:
    call, organisation = office.call.pk, office.organisation.pk
    leg = lambda owner, purpose, amount: Leg(  # noqa: E731  shorter so
        owner=owner, purpose=purpose, money=Money(amount, "KRW")
    )
    for n in range(contributors):
        legs = [
            leg(f"contributor:{call}:{n}", Purpose.OWED_TO, 50),
            leg(f"call:{call}", Purpose.OWED_BY, -50),
        ]
        post(key=f"{call} earned {n}", reason="answers-counted", entries=legs)
    legs = [
        leg(f"call:{call}", Purpose.HELD, -1000),
        leg(f"withheld:{organisation}:국세청 <b>", Purpose.OWED_TO, 1000),
    ]
    post(key=f"{call} paid", reason="paid-in", entries=legs)


def address(office: Office, name: str, *more: object) -> str:
    return reverse(name, args=[office.organisation.slug, *more])


def texts(page: str) -> list[str]:
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in rows]


def test_balances_are_shown_by_call_with_contributors_in_one_line(office: Office) -> None:
    fill(office)

    page = office.client("reader").get(address(office, "desk-ledger")).content.decode()

    assert texts(page) == [
        "Which money Balance",
        "Withheld for an office: 국세청 &lt;b&gt; ₩1,000",
        "Which money Balance",
        "Held \N{MINUS SIGN}₩1,000",
        "Owed, and not paid in yet \N{MINUS SIGN}₩100",
        "Owed to contributors 2 accounts ₩100",
    ]
    assert "All of it together: ₩0." in page
    assert page.count("/ledger/export.") == 2


def test_what_a_crowd_is_owed_as_a_whole_stands_with_its_call(office: Office) -> None:
    call, earned = f"call:{office.call.pk}", Money(300, "KRW")
    legs = [
        Leg(f"pot:{office.call.pk}", Purpose.OWED_TO, earned),
        Leg(call, Purpose.OWED_BY, -earned),
    ]
    post(key="gain:1", reason="gain-recorded", entries=legs)

    reader = office.client("reader")
    page = reader.get(address(office, "desk-ledger")).content.decode()
    account = LedgerAccount.objects.get(owner=f"pot:{office.call.pk}")
    entries = reader.get(address(office, "desk-account-entries", account.pk)).content.decode()

    assert texts(page) == [
        "Which money Balance",
        "Owed, and not paid in yet \N{MINUS SIGN}₩300",
        "To be shared out ₩300",
    ]
    assert "All of it together: ₩0." in page
    assert "The crowd&#x27;s part of a gain" in entries


def test_ledger_without_entries_says_so(office: Office) -> None:
    page = office.client("reader").get(address(office, "desk-ledger")).content.decode()

    assert "Nothing is booked yet" in page
    assert "/ledger/export." not in page


@pytest.mark.parametrize("contributors", [1, 3, 50])
def test_balances_take_the_same_queries_however_many_there_are(
    office: Office, contributors: int
) -> None:
    fill(office, contributors=contributors)
    reader = office.client("reader")

    with CaptureQueriesContext(connection) as asked:
        reader.get(address(office, "desk-ledger"))

    assert len(asked) == 8


def test_pages_of_an_account_show_each_entry_once_with_its_balance(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dure.doors.desk.books.ENTRIES_PER_PAGE", 2)
    fill(office, contributors=3)
    account = LedgerAccount.objects.get(owner=f"call:{office.call.pk}", purpose=Purpose.OWED_BY)
    where = address(office, "desk-account-entries", account.pk)
    reader = office.client("reader")

    first = reader.get(where).content.decode()
    [before] = re.findall(r'href="\?before=([\d-]+)"', first)
    second = reader.get(where, {"before": before}).content.decode()

    minus = "\N{MINUS SIGN}"
    assert [re.sub(r"^.*UTC ", "", row) for row in texts(first)[1:] + texts(second)[1:]] == [
        f"Answers that count {minus}₩50 {minus}₩{50 * n} {office.call.pk} earned {n - 1}"
        for n in (3, 2, 1)
    ]
    assert 'href="?before' not in second
    assert f"Balance {minus}₩150" in first


@pytest.mark.parametrize("before", ["", "x", "9-9-9", "0-0", "9" * 30 + "-1"])
def test_cursor_that_makes_no_sense_breaks_nothing(office: Office, before: str) -> None:
    fill(office)
    account = LedgerAccount.objects.get(owner=f"call:{office.call.pk}", purpose=Purpose.HELD)

    reply = office.client("reader").get(
        address(office, "desk-account-entries", account.pk), {"before": before}
    )

    assert reply.status_code == 200


def test_other_organisations_accounts_are_as_unknown_as_none(office: Office) -> None:
    fill(office)
    other = Office(make_call().organisation, make_call())
    foreign = Office(other.call.organisation, other.call)
    fill(foreign)
    reader = office.client("reader")
    theirs = [
        pk
        for pk, owner in LedgerAccount.objects.values_list("pk", "owner")
        if owner.split(":")[:2]
        in (
            ["call", str(foreign.call.pk)],
            ["contributor", str(foreign.call.pk)],
            ["withheld", str(foreign.organisation.pk)],
        )
    ]

    replies = [reader.get(address(office, "desk-account-entries", pk)) for pk in [*theirs, 10**15]]

    assert len(theirs) == 5
    assert {reply.status_code for reply in replies} == {404}
    page = reader.get(address(office, "desk-ledger")).content.decode()
    assert not any(f"/ledger/{pk}" in page for pk in theirs)


@pytest.mark.parametrize("form", ["beancount", "hledger"])
def test_ledger_is_taken_home_and_that_is_in_the_history(office: Office, form: str) -> None:
    fill(office)
    fill(Office(make_call().organisation, make_call()))

    reply = office.client("reader").get(address(office, "desk-ledger-export", form))

    text = reply.getvalue().decode()
    assert reply.headers["Content-Disposition"] == f'attachment; filename="ledger-harbour.{form}"'
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert f"{office.call.pk} paid" in text
    assert len(set(re.findall(r"Call-(\d+)", text))) == 1
    assert list(AuditEntry.objects.values_list("action", "facts")) == [
        ("export ledger", {"form": form})
    ]


def test_other_form_is_unknown(office: Office) -> None:
    assert (
        office.client("reader").get(address(office, "desk-ledger-export", "exe")).status_code == 404
    )


@pytest.mark.usefixtures("live_db")
@pytest.mark.django_db(transaction=False)
async def test_ledger_streams_under_the_servers_interface_too() -> None:
    from asgiref.sync import sync_to_async  # noqa: PLC0415

    office = await sync_to_async(make_office)()
    await sync_to_async(fill)(office)
    client = AsyncClient()
    member = await sync_to_async(office.client)("reader")
    client.cookies = member.cookies

    reply = await client.get(address(office, "desk-ledger-export", "hledger"))
    text = b"".join([part async for part in reply.streaming_content]).decode()

    assert reply.is_async
    assert text.count(" * (") == 3
