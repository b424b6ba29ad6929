"""Money that an organiser moves by hand: once for each wish, and never what makes no sense."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from dure.calls.life import close_call
from dure.calls.shares.gains import gained_minor
from dure.calls.shares.models import Gain, PayIn
from dure.calls.shares.promising import versions_of
from dure.clock import now
from dure.ledger.audit import audit
from tests.doors.desk import purse
from tests.doors.desk.browsing import read_form
from tests.doors.desk.office import Office, make_office
from tests.factories import make_call

pytestmark = pytest.mark.django_db
PERIOD = {"first": "2026-01-01", "last": "2026-06-30"}
SOON = now().date() + timedelta(days=2)


@pytest.fixture
def office() -> Office:
    return make_office(promise=purse.SHARE)


def send(client: Client, office: Office, name: str, *more: object, **fields: str) -> Any:
    """Open the page, fill its form in and send it."""
    address = reverse(name, args=[office.organisation.slug, office.call.pk, *more])
    holding = "percent" if name == "desk-better-promise" else "note"
    form = read_form(client.get(address).content.decode(), holding=holding)
    return client.post(address, {**form, **fields})


def again(client: Client, reply: HttpResponse, **fields: str) -> Any:
    return client.post(reply.wsgi_request.path, {**reply.wsgi_request.POST.dict(), **fields})  # type: ignore[attr-defined]


def test_two_clicks_pay_in_once_and_two_wishes_twice(office: Office) -> None:
    client = office.client("treasurer")

    first = send(client, office, "desk-pay-in", amount="20.50", note="Bank")
    again(client, first)
    send(client, office, "desk-pay-in", amount="20.50", note="Bank")

    paid = PayIn.objects.values_list("amount_minor", "currency", "note", "by")
    assert first.status_code == 302
    assert [row[:3] for row in paid] == [(2050, "USD", "Bank")] * 2
    assert audit().is_sound


@pytest.mark.parametrize("amount", ["", "0", "2,50", "-1", "1e9"])
def test_amount_that_is_none_is_asked_for_and_kept_as_typed(office: Office, amount: str) -> None:
    reply = send(office.client("owner"), office, "desk-pay-in", amount=amount, note="My note")

    assert reply.status_code == 422
    assert b"Please write an amount, for example 50." in reply.content
    assert b"My note" in reply.content
    assert not PayIn.objects.exists()


def test_form_without_its_key_moves_nothing(office: Office) -> None:
    path = reverse("desk-pay-in", args=[office.organisation.slug, office.call.pk])

    reply = office.client("owner").post(path, {"amount": "5", "currency": "USD"})

    assert reply.status_code == 422
    assert not PayIn.objects.exists()


def test_unused_money_goes_back_when_the_call_is_over(office: Office) -> None:
    client = office.client("owner")
    send(client, office, "desk-pay-in", amount="20")
    path = reverse("desk-pay-back", args=[office.organisation.slug, office.call.pk])
    assert b"While the call is open" in client.get(path).content

    close_call(call=office.call, by="x")
    too_much = send(client, office, "desk-pay-back", amount="30")
    all_of_it = send(client, office, "desk-pay-back")
    again(client, all_of_it)

    assert (too_much.status_code, all_of_it.status_code) == (422, 302)
    assert b"At most $20.00 can go back." in too_much.content
    assert list(PayIn.objects.order_by("pk").values_list("amount_minor", flat=True)) == [
        2000,
        -2000,
    ]
    assert b"Nothing to take back" in client.get(path).content


def test_gain_is_reported_once_corrected_with_a_reason_and_may_be_nothing(office: Office) -> None:
    client = office.client("treasurer")

    first = send(client, office, "desk-gain", amount="1,000", note="Sold", **PERIOD)
    again(client, first)
    send(client, office, "desk-gain", nothing="1", first="2026-07-01", last="2026-07-31")
    gain = Gain.objects.earliest("pk")
    silent = send(client, office, "desk-correct-gain", gain.pk, amount="900", note=" ")
    right = send(client, office, "desk-correct-gain", gain.pk, amount="900", note="A refund")
    again(client, right)

    assert (first.status_code, silent.status_code, right.status_code) == (302, 422, 302)
    amounts = list(Gain.objects.order_by("pk").values_list("amount_minor", flat=True))
    assert amounts == [1_000_00, 0, -100_00]
    assert gained_minor(office.call) == 900_00


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"first": "soon"}, b"Please choose a day."),
     ({"first": "2026-06-30", "last": "2026-01-01"}, b"begins before it ends"),
     ({"last": str(SOON)}, b"has ended"),
     ({"currency": "shells"}, b"Please choose a currency"),
     ({"currency": "KRW", "amount": "5"}, b"are shared in USD")],
)  # fmt: skip
def test_gain_that_makes_no_sense_is_told(
    office: Office, fields: dict[str, str], words: bytes
) -> None:
    typed = {"amount": "5", **PERIOD, **fields}

    reply = send(office.client("owner"), office, "desk-gain", **typed)

    assert reply.status_code == 422
    assert words in reply.content


def test_gain_of_another_call_is_unknown(office: Office) -> None:
    foreign = purse.gain(make_call(promise=purse.SHARE))
    path = [office.organisation.slug, office.call.pk, foreign.pk]

    reply = office.client("owner").get(reverse("desk-correct-gain", args=path))

    assert reply.status_code == 404


def test_promise_gets_better_and_never_worse(office: Office) -> None:
    client = office.client("owner")

    worse = send(client, office, "desk-better-promise", percent="10")
    better = send(client, office, "desk-better-promise", percent="30")
    again(client, better)
    more = send(client, office, "desk-better-promise", promise="pool", pool="50", base="100")

    assert (worse.status_code, better.status_code, more.status_code) == (422, 302, 302)
    assert b"it can only get better. Look again at the percentage." in worse.content
    office.call.refresh_from_db()
    assert [part["kind"] for part in office.call.promise["parts"]] == ["pool", "revenue_share"]
    assert versions_of(office.call).count() == 3


def test_page_of_a_better_promise_sent_as_it_came_changes_nothing(office: Office) -> None:
    reply = send(office.client("owner"), office, "desk-better-promise")

    assert reply.status_code == 302
    assert versions_of(office.call).count() == 1
