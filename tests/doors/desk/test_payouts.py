"""Payouts at the desk: the whole way by two members, files, and who sees what."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from dure.calls import paying_out
from dure.calls.dues import owner_of
from dure.doors.desk import payouts
from dure.doors.desk.jobs import mark_payouts_paid
from dure.ledger.models import Transaction
from dure.ledger.payouts.models import Payout, PayoutBatch
from dure.ledger.payouts.paying import erase_destinations
from dure.ledger.payouts.withholding import add_rule
from dure.people.models import AuditEntry, Person
from tests.calls.earning import ACCOUNT, earn
from tests.doors.desk.office import Office, make_office
from tests.factories import make_call

pytestmark = pytest.mark.django_db
HOLDER, NUMBER = ACCOUNT["holder"], ACCOUNT["account"]


@pytest.fixture
def office() -> Office:
    return make_office()


def at(office: Office, name: str, *args: Any) -> str:
    return reverse(name, args=[office.organisation.slug, *args])


def text_of(response: HttpResponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def made(office: Office, client: Client) -> PayoutBatch:
    client.post(at(office, "desk-payouts"), {"currency": "KRW", "once": "1"})
    return PayoutBatch.objects.latest("pk")


def lead(office: Office, client: Client, batch: PayoutBatch, **said: str) -> HttpResponse:
    return client.post(at(office, "desk-payout-lead", batch.pk), said, follow=True)


def test_two_members_take_a_batch_from_owed_to_returned(office: Office) -> None:
    owner, treasurer = office.client("owner"), office.client("treasurer")
    earn(office.call, 10_000, says_how=True)
    earn(office.call, 700)

    page = text_of(treasurer.get(at(office, "desk-payouts")))
    assert "Can be paid now ₩10,000 1 person Have not said where to ₩700 1 person" in page
    for _ in range(2):
        batch = made(office, treasurer)
    own = text_of(treasurer.get(at(office, "desk-payout", batch.pk)))
    assert "another member must look at it" in own
    assert lead(office, treasurer, batch, step="release").status_code == 409
    assert "Released." in text_of(lead(office, owner, batch, step="release"))
    assert "1 payout is marked as paid." in text_of(lead(office, treasurer, batch, step="paid"))
    (payout,) = batch.payouts.all()
    back = {"step": "return", "reference": payout.reference, "reason": "account closed"}
    page = text_of(lead(office, owner, batch, **back))

    assert "account closed" in page
    assert HOLDER in page
    assert PayoutBatch.objects.count() == 1
    payout.refresh_from_db()
    assert payout.returned_at is not None
    assert "1 returned" in text_of(owner.get(at(office, "desk-payouts")))
    assert "account closed" not in text_of(owner.get(at(office, "desk-audit")))


def test_bank_details_are_shown_to_those_who_pay_alone(office: Office) -> None:
    earn(office.call, 10_000, says_how=True)
    batch = made(office, office.client("treasurer"))
    clients = {who: office.client(who) for who in ("owner", "editor", "reader")}

    pages = {
        (who, name): client.get(address).content.decode()
        for who, client in clients.items()
        for name, address in (
            ("batch", at(office, "desk-payout", batch.pk)),
            ("list", at(office, "desk-payouts")),
            ("history", at(office, "desk-audit")),
        )
    }

    telling = {place for place, page in pages.items() if HOLDER in page or NUMBER in page}
    assert telling == {("owner", "batch")}
    assert all("₩10,000" in page for (_, name), page in pages.items() if name != "history")


def test_another_organisations_batch_is_unknown(office: Office) -> None:
    foreign = make_call()
    earn(foreign, 500, says_how=True)
    batch = paying_out.propose_batch(
        organisation=foreign.organisation, currency="KRW", by="x", request_key="k"
    )
    owner = office.client("owner")
    reference = batch.payouts.get().reference

    replies = [
        owner.get(at(office, "desk-payout", batch.pk)),
        owner.get(at(office, "desk-payout-file", batch.pk, "csv")),
        *(
            lead(office, owner, batch, step=step, reference=reference, reason="x")
            for step in ("release", "cancel", "paid", "return", "drop")
        ),
    ]

    assert [reply.status_code for reply in replies] == [404] * 7
    assert not any(HOLDER in reply.content.decode() for reply in replies)


def test_reference_of_another_batch_is_no_line_of_this_one(office: Office) -> None:
    owner = office.client("owner")
    earn(office.call, 500, says_how=True)
    first = made(office, owner)
    earn(office.call, 500, says_how=True)
    owner.post(at(office, "desk-payouts"), {"currency": "KRW", "once": "2"})
    second = PayoutBatch.objects.latest("pk")

    for step in ("return", "drop", "nothing"):
        reply = lead(office, owner, second, step=step, reason="x",
                     reference=first.payouts.get().reference)  # fmt: skip
        assert reply.status_code == 422
    assert not Payout.objects.exclude(dropped_at=None).exists()


def released(office: Office, n: int = 1) -> PayoutBatch:
    for _ in range(n):
        earn(office.call, 1_000, says_how=True)
    batch = paying_out.propose_batch(
        organisation=office.organisation, currency="KRW", by="x", request_key="k"
    )
    return paying_out.release_batch(organisation=office.organisation, batch_id=batch.pk, by="y")


def test_files_are_the_same_each_time_and_taking_one_is_in_the_history(office: Office) -> None:
    add_rule(owner=owner_of(office.organisation), country="KR", currency="KRW", name="tax",
             basis_points=330, above_minor=0, unit_minor=10, by="x")  # fmt: skip
    treasurer = office.client("treasurer")
    payer = {"what": "payer", "holder": "두레", "country": "KR", "kind": "kr_bank",
             "kr_bank": "088", "account": "110-123-456789"}  # fmt: skip
    assert treasurer.post(at(office, "desk-payout-rules"), payer).status_code == 302
    batch = released(office)
    treasurer.post(at(office, "desk-payout-rules"), {"what": "preset", "preset": "plain"})
    where = {form: at(office, "desk-payout-file", batch.pk, form) for form in ("csv", "xml")}

    first = {form: treasurer.get(address).content for form, address in where.items()}
    reference = batch.payouts.get().reference
    lead(office, treasurer, batch, step="drop", reference=reference, reason="no such account")
    again = {form: treasurer.get(address).content for form, address in where.items()}

    assert first == again
    assert f'"004","{NUMBER}",970,"{HOLDER}","두레","{reference}"' in first["csv"].decode("cp949")
    assert b'<InstdAmt Ccy="KRW">970</InstdAmt>' in first["xml"]
    took = AuditEntry.objects.filter(action="take payout file").values_list("facts", flat=True)
    assert list(took) == [{"form": "csv"}, {"form": "xml"}] * 2
    assert treasurer.get(at(office, "desk-payout-file", batch.pk, "pdf")).status_code == 404


def test_no_file_before_release_nor_after_details_are_erased(office: Office) -> None:
    treasurer = office.client("treasurer")
    earn(office.call, 1_000, says_how=True)
    batch = made(office, treasurer)
    where = at(office, "desk-payout-file", batch.pk, "csv")
    assert "not released yet" in text_of(treasurer.get(where))
    lead(office, office.client("owner"), batch, step="release")
    lead(office, treasurer, batch, step="paid")
    erase_destinations(payees=[batch.payouts.get().payee])

    reply = treasurer.get(where)

    assert (reply.status_code, "was erased" in text_of(reply)) == (409, True)
    page = text_of(treasurer.get(at(office, "desk-payout", batch.pk)))
    assert "Where it went was erased." in page


def test_whoever_is_owed_less_is_told_and_the_others_are_paid(office: Office) -> None:
    batch = released(office, 2)
    first, second = batch.payouts.order_by("pk")
    earn(office.call, -1, person=Person.objects.get(pk=int(first.payee.removeprefix("person:"))))

    page = text_of(lead(office, office.client("owner"), batch, step="paid"))

    assert "1 payout is marked as paid." in page
    assert f"{first.reference}: Less is owed than when the batch was made" in page
    second.refresh_from_db()
    assert second.paid_at is not None


def test_large_batch_is_marked_in_the_background(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payouts, "MARKED_NOW_MAX", 1)
    batch = released(office, 3)

    page = text_of(lead(office, office.client("owner"), batch, step="paid"))

    assert "They are being marked as paid." in page
    (job,) = ProcrastinateJob.objects.filter(task_name="mark_payouts_paid")
    for _ in range(2):
        mark_payouts_paid(**job.args)
    assert Transaction.objects.filter(reason="paid-out").count() == 3


def test_pages_take_the_same_queries_for_few_and_many(office: Office) -> None:
    owner = office.client("owner")
    counts = []
    batch = released(office, 2)
    for n in (1, 30):
        for _ in range(n):
            earn(office.call, 1_000, says_how=True)
        for address in (at(office, "desk-payouts"), at(office, "desk-payout", batch.pk)):
            with CaptureQueriesContext(connection) as asked:
                assert owner.get(address).status_code == 200
            counts.append(len(asked))

    assert counts[:2] == counts[2:]


def test_lines_come_in_pages_and_are_found_by_reference(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payouts, "LINES_PER_PAGE", 2)
    owner = office.client("owner")
    batch = released(office, 3)
    references = list(batch.payouts.order_by("pk").values_list("reference", flat=True))
    where = at(office, "desk-payout", batch.pk)

    first = owner.get(where).content.decode()
    (after,) = re.findall(r'href="\?after=(\d+)"', first)
    second = owner.get(where, {"after": after}).content.decode()
    found = owner.get(where, {"words": references[1].lower()}).content.decode()

    shown = [
        [one for one in references if f"<strong>{one}</strong>" in page]
        for page in (first, second, found)
    ]
    assert shown == [references[:2], references[2:], references[1:2]]


def test_withheld_is_sent_to_its_office_and_a_fee_is_written_down(office: Office) -> None:
    add_rule(owner=owner_of(office.organisation), country="KR", currency="KRW", name="tax",
             basis_points=330, above_minor=0, unit_minor=10, by="x")  # fmt: skip
    owner = office.client("owner")
    lead(office, owner, released(office), step="paid")
    books = at(office, "desk-payout-books")
    remit = {"step": "remit", "name": "tax", "currency": "KRW", "once": "r"}
    fee = {"step": "fee", "call": office.call.pk, "amount": "500", "currency": "KRW", "once": "f"}
    assert "tax ₩30" in text_of(owner.get(at(office, "desk-payouts")))

    replies = [owner.post(books, said).status_code for said in (remit, remit, fee, fee)]

    assert replies == [302] * 4
    assert "tax ₩30" not in text_of(owner.get(at(office, "desk-payouts")))
    assert Transaction.objects.filter(reason__in=["withheld-remitted", "fee"]).count() == 2
    assert owner.post(books, {**fee, "call": make_call().pk, "once": "x"}).status_code == 404
    assert owner.post(books, {**fee, "amount": "0.5", "once": "y"}).status_code == 422
