"""Contributors' questions at the desk."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dure.calls.shares.models import Reply
from tests.doors.desk import purse
from tests.doors.desk.office import Office, make_office
from tests.factories import make_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    office = make_office(promise=purse.SHARE)
    purse.take_part(office.call, b"a")
    return office


def path(office: Office, name: str, *more: object) -> str:
    return reverse(name, args=[office.organisation.slug, office.call.pk, *more])


def test_question_is_answered_once_by_two_clicks_and_no_more_counted(office: Office) -> None:
    asked = purse.ask(office.call, text="Why <b>so</b> little?")
    client = office.client("treasurer")
    before = client.get(path(office, "desk-inquiries")).content.decode()

    for _ in range(2):
        reply = client.post(path(office, "desk-answer", asked.pk), {"text": "Half of it waits."})

    assert reply.status_code == 302
    assert Reply.objects.count() == 1
    after = client.get(path(office, "desk-inquiries")).content.decode()
    assert "Why &lt;b&gt;so&lt;/b&gt; little?" in before
    assert ("1 question" in before, "1 question" in after) == (True, False)
    assert "Half of it waits." in after
    [contributor] = purse.take_part(office.call)
    assert contributor.pseudonym in after


def test_answer_names_the_settlement_that_mends_it_if_there_is_one(office: Office) -> None:
    asked = purse.ask(office.call)
    purse.gain(office.call)
    purse.propose(office.call)
    client = office.client("owner")

    wrong = client.post(path(office, "desk-answer", asked.pk), {"text": "See", "settlement": "7"})
    right = client.post(path(office, "desk-answer", asked.pk), {"text": "See", "settlement": "1"})

    assert (wrong.status_code, right.status_code) == (422, 302)
    assert b"There is no settlement 7 of this call." in wrong.content
    assert b"settlements/1" in client.get(path(office, "desk-inquiries")).content


def test_empty_answer_is_asked_for(office: Office) -> None:
    asked = purse.ask(office.call)

    reply = office.client("owner").post(path(office, "desk-answer", asked.pk), {"text": " "})

    assert reply.status_code == 422
    assert not Reply.objects.exists()


def test_question_of_another_call_is_unknown(office: Office) -> None:
    foreign = make_call()
    purse.take_part(foreign, b"b")
    asked = purse.ask(foreign)

    reply = office.client("owner").post(path(office, "desk-answer", asked.pk), {"text": "See"})

    assert reply.status_code == 404


def test_calls_with_questions_are_marked_in_the_list(office: Office) -> None:
    purse.ask(office.call)

    page = office.client("reader").get(reverse("desk-calls", args=[office.organisation.slug]))

    assert b"1 question<" in page.content


def test_questions_take_the_same_queries_for_one_and_three(office: Office) -> None:
    client = office.client("owner")
    counts = []
    for size in (1, 3):
        for n in range(size):
            asked = purse.ask(office.call, key=f"{size} {n}")
            client.post(path(office, "desk-answer", asked.pk), {"text": "See"})
        with CaptureQueriesContext(connection) as queries:
            client.get(path(office, "desk-inquiries"))
        counts.append(len(queries))

    assert counts[0] == counts[1]
