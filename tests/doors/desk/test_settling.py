"""Settlements at the desk: worked out, looked at, approved by whoever must."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dure.calls.life import close_call
from dure.calls.shares.limits import set_limit
from dure.calls.shares.models import Settlement
from dure.calls.shares.posting import post_settlement
from dure.calls.tasks.models import Task
from dure.ledger.audit import audit
from dure.ledger.money import Money
from tests.doors.desk import purse
from tests.doors.desk.office import Office, make_office
from tests.factories import make_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    """Two people answered 25 tasks of which all are known; 200 dollars are to be shared."""
    office = make_office(promise=purse.SHARE, n_tasks=25)
    Task.objects.filter(call=office.call).update(gold="yes")
    purse.take_part(office.call, b"a", b"b")
    purse.gain(office.call)
    return office


def path(office: Office, name: str, *more: object) -> str:
    return reverse(name, args=[office.organisation.slug, office.call.pk, *more])


def step(client: Client, office: Office, number: int, step: str, **fields: str) -> Any:
    return client.post(path(office, "desk-settlement", number), {"step": step, **fields})


def test_two_clicks_work_it_out_once_and_approve_it_once(office: Office) -> None:
    client = office.client("treasurer")

    made = [client.post(path(office, "desk-settle"), {"note": "June"}) for _ in range(2)]
    done = [step(client, office, 1, "approve") for _ in range(2)]

    assert {reply.headers["Location"] for reply in [*made, *done]} == {
        path(office, "desk-settlement", 1)
    }
    settlement = Settlement.objects.get()
    assert settlement.approved_at is not None
    post_settlement(settlement.pk)
    assert audit().is_sound
    assert b"done" in client.get(path(office, "desk-settlement", 1)).content


def test_shares_are_told_in_words_under_pseudonyms(office: Office) -> None:
    settlement = purse.propose(office.call)
    [first, _second] = purse.take_part(office.call)

    page = office.client("reader").get(path(office, "desk-settlement", 1)).content.decode()

    assert first.pseudonym in page
    assert "like the crowd" in page
    assert "$50.00" in page
    assert bytes(settlement.digest).hex()[:16] in page
    assert "Approve it" not in page


def test_above_the_limit_a_second_member_says_yes(office: Office) -> None:
    set_limit(organisation=office.organisation, limit=Money(50_00, "USD"), by="x")
    first, second = office.client("owner"), office.client("treasurer")
    first.post(path(office, "desk-settle"))

    shown = first.get(path(office, "desk-settlement", 1)).content.decode()
    own = step(first, office, 1, "approve")
    other = second.get(path(office, "desk-settlement", 1)).content.decode()
    seconded = step(second, office, 1, "approve")

    assert "A second member has to say yes" in shown
    assert 'value="approve"' not in shown
    assert own.status_code == 422
    assert b"needs the yes of a second member" in own.content
    assert "with your yes there are two" in other
    assert seconded.status_code == 302


def test_what_changed_meanwhile_is_worked_out_again(office: Office) -> None:
    client = office.client("owner")
    purse.propose(office.call)
    purse.gain(office.call, key="more")

    shown = client.get(path(office, "desk-settlement", 1)).content
    reply = step(client, office, 1, "approve")

    assert b"Something has changed since this was worked out" in shown
    assert reply.status_code == 422
    assert Settlement.objects.get().approved_at is None


def test_settlement_is_withdrawn_or_taken_back_with_a_reason(office: Office) -> None:
    client = office.client("owner")
    purse.propose(office.call)
    step(client, office, 1, "withdraw")
    purse.propose(office.call)
    step(client, office, 2, "approve")
    post_settlement(Settlement.objects.get(number=2).pk)

    silent = step(client, office, 2, "take-back", note=" ")
    asked = step(client, office, 2, "take-back", note="Wrong gain")
    agreed = step(client, office, 3, "approve")

    assert (silent.status_code, asked.status_code, agreed.status_code) == (422, 302, 302)
    assert b"Taken back by settlement 3" in client.get(path(office, "desk-settlement", 2)).content
    page = client.get(path(office, "desk-settlement", 3)).content.decode()
    assert "takes back settlement 2" in page
    assert "Wrong gain" in page
    assert audit().is_sound


def test_unknown_step_and_settlement_are_refused(office: Office) -> None:
    client = office.client("owner")
    purse.propose(office.call)

    assert step(client, office, 1, "burn").status_code == 422
    assert client.get(path(office, "desk-settlement", 7)).status_code == 404


def test_last_time_is_offered_only_when_nothing_more_may_come() -> None:
    office = make_office(promise=purse.POOL, n_tasks=2)
    client = office.client("owner")
    purse.take_part(office.call, b"a")

    open_page = client.get(path(office, "desk-settle")).content
    early = client.post(path(office, "desk-settle"), {"is_last": "1"})
    close_call(call=office.call, by="x")
    closed_page = client.get(path(office, "desk-settle")).content
    late = client.post(path(office, "desk-settle"), {"is_last": "1"})

    assert [b"is_last" in page for page in (open_page, closed_page)] == [False, True]
    assert (early.status_code, late.status_code) == (422, 302)
    assert Settlement.objects.get().is_last


def test_nothing_to_share_is_told(office: Office) -> None:
    call = make_call(organisation=office.organisation, promise=purse.SHARE)
    client = office.client("owner")

    reply = client.post(reverse("desk-settle", args=[office.organisation.slug, call.pk]))

    assert reply.status_code == 422
    assert b"There is nothing to share out now" in reply.content


def test_table_holds_every_share_and_no_names(office: Office) -> None:
    purse.propose(office.call)
    address = path(office, "desk-settlement-file", 1)

    reply: Any = office.client("treasurer").get(address)

    rows = list(csv.DictReader(io.StringIO(reply.getvalue().decode())))
    assert [row["contributor"] for row in rows] == [
        one.pseudonym for one in purse.take_part(office.call)
    ]
    assert [row["base_minor"] for row in rows] == ["5000", "5000"]
    assert {(row["answers"], row["checked"], row["currency"]) for row in rows} == {
        ("25", "25", "USD")
    }
    assert office.client("reader").get(address).status_code == 403


def test_page_of_shares_takes_the_same_queries_for_one_and_three() -> None:
    office = make_office(promise=purse.SHARE)
    client = office.client("owner")
    counts = []
    for size in (1, 3):
        purse.take_part(office.call, *(bytes([64 + size + n]) for n in range(size // 2 + 1)))
        purse.gain(office.call, key=str(size))
        number = purse.propose(office.call).number
        client.get(path(office, "desk-settlement", number))
        with CaptureQueriesContext(connection) as asked:
            page = client.get(path(office, "desk-settlement", number))
        assert page.content.count(b'<th scope="row">') == size
        counts.append(len(asked))

    assert counts[0] == counts[1]
