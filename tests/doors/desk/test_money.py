"""A call's money page: what it shows, to whom, in how many queries."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dure.calls.shares.gains import correct_gain
from dure.calls.shares.paying_in import pay_in
from dure.calls.shares.promising import better_promise
from dure.ledger.money import Money
from tests.doors.desk import purse
from tests.doors.desk.office import Office, make_office
from tests.factories import make_call

pytestmark = pytest.mark.django_db


def page(client: Client, office: Office, name: str = "desk-call-money", *more: object) -> str:
    reply = client.get(reverse(name, args=[office.organisation.slug, office.call.pk, *more]))
    assert reply.status_code == 200
    return " ".join(reply.content.decode().split())


def test_money_of_a_call_is_told_in_its_order() -> None:
    office = make_office(promise={"kind": "several", "parts": [purse.POOL, purse.SHARE]})
    call = office.call
    purse.take_part(call, b"a")
    gain = purse.gain(call)
    correct_gain(call=call, gain_id=gain.pk, amount_minor=900_00, note="A refund", by="x",
                 request_key="c")  # fmt: skip
    pay_in(call=call, money=Money(50_00, "USD"), note="Bank", by="x", request_key="p")
    purse.propose(call)
    purse.ask(call)

    shown = page(office.client("reader"), office)

    for words in ("$900.00", "$1,000.00", "A refund", "$50.00", "$180.00", "$130.00",
                  "Settlement 1 waits for a yes", "1 question waits for your answer"):  # fmt: skip
        assert words in shown, words
    assert "Pay money in" not in shown


def test_call_without_money_says_so_and_offers_to_promise() -> None:
    office = make_office(promise={"kind": "nothing"})

    shown = page(office.client("treasurer"), office)

    assert "Promise more" in shown
    assert "figures" not in shown


def test_draft_has_no_money_yet() -> None:
    office = make_office(state="draft")

    assert "A draft promises nothing to anybody." in page(office.client("owner"), office)


@pytest.mark.parametrize("name", ["desk-call-money", "desk-settle", "desk-inquiries", "desk-gain"])
def test_another_organisations_money_is_as_unknown_as_none(name: str) -> None:
    office = make_office()
    client = office.client("owner")
    foreign = make_call(title="A foreign call")

    replies = [
        client.get(reverse(name, args=[office.organisation.slug, pk]))
        for pk in (foreign.pk, 10**15)
    ]

    assert [reply.status_code for reply in replies] == [404, 404]
    assert [b"foreign" in reply.content for reply in replies] == [False, False]


def test_money_page_takes_the_same_queries_however_much_there_is() -> None:
    office = make_office(promise=purse.SHARE)
    call, client = office.call, office.client("owner")
    purse.take_part(call, b"a")
    counts = []

    for size in (1, 3):
        for n in range(size):
            gain = purse.gain(call, key=f"{size} {n}")
            correct_gain(call=call, gain_id=gain.pk, amount_minor=5_00 + n, note="r", by="x",
                         request_key=f"c{size} {n}")  # fmt: skip
            pay_in(call=call, money=Money(1 + n, "USD"), note="", by="x", request_key=f"{size} {n}")
            better_promise(call=call, by="x", can_check=True,
                           promise={**purse.SHARE, "percent": 20 + size + n})  # fmt: skip
            purse.propose(call)
            purse.ask(call, key=f"{size} {n}")
        page(client, office)
        with CaptureQueriesContext(connection) as asked:
            page(client, office)
        counts.append(len(asked))

    assert counts[0] == counts[1]
