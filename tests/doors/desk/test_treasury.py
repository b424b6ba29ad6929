"""An organisation's money over all its calls."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dure.calls.models import Call
from dure.calls.shares.limits import limit_of
from dure.calls.shares.paying_in import pay_in
from dure.ledger.money import Money
from tests.doors.desk import purse
from tests.doors.desk.office import Office, make_office
from tests.factories import make_call

pytestmark = pytest.mark.django_db


def add_call(office: Office) -> Call:
    call = make_call(organisation=office.organisation, promise=purse.SHARE, n_tasks=1)
    purse.take_part(call, b"a")
    purse.gain(call)
    pay_in(call=call, money=Money(50_00, "USD"), note="", by="x", request_key="p")
    purse.propose(call)
    return call


def path(office: Office, name: str = "desk-money") -> str:
    return reverse(name, args=[office.organisation.slug])


def test_all_calls_are_summed_up_by_currency_and_what_waits_is_told() -> None:
    office = make_office()
    client = office.client("reader")
    assert b"No money has moved" in client.get(path(office)).content
    add_call(office)
    add_call(office)

    page = client.get(path(office)).content.decode()

    for words in ("$400.00", "$300.00", "$100.00", "waits for a yes", "$1,000.00"):
        assert words in page, words
    assert "Above how much" not in page


def test_limit_is_set_by_an_owner() -> None:
    office = make_office()
    client = office.client("owner")

    wrong = client.post(path(office, "desk-limit"), {"currency": "KRW", "amount": "some"})
    odd = client.post(path(office, "desk-limit"), {"currency": "shells", "amount": "5"})
    right = client.post(path(office, "desk-limit"), {"currency": "KRW", "amount": "500,000"})

    assert (wrong.status_code, odd.status_code, right.status_code) == (422, 422, 302)
    assert limit_of(office.organisation, "KRW") == Money(500_000, "KRW")
    assert b"500000" in client.get(path(office)).content


def test_page_takes_the_same_queries_for_one_call_and_three() -> None:
    office = make_office()
    client = office.client("owner")
    counts = []
    for size in (1, 3):
        for _ in range(size):
            add_call(office)
        client.get(path(office))
        with CaptureQueriesContext(connection) as queries:
            client.get(path(office))
        counts.append(len(queries))

    assert counts[0] == counts[1]
