"""What I earned: told to whoever earned it and to nobody else; their questions about it."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dure import clock
from dure.calls.life import close_call
from dure.calls.models import Call
from dure.calls.shares.gains import record_gain
from dure.calls.shares.inquiries import INQUIRIES_MAX, ask_why, reply_to
from dure.calls.shares.models import Inquiry
from dure.calls.tasks.answers import hash_key, new_key
from dure.calls.tasks.pay import pay_answers
from dure.ledger.money import Money
from dure.people.models import Contributor, PersonKey
from tests.calls.tasks.test_pay import UNDO_SECONDS, move_time
from tests.calls.tasks.test_results import give, merge
from tests.calls.test_settling import POOL, SHARE, YEAR, answered_call, settle
from tests.doors.phone.test_keeping import browser_of, text_of
from tests.factories import make_call

PER_ANSWER = {"kind": "per_answer", "amount_minor": 50, "currency": "KRW"}
BOTH = {"kind": "several", "parts": [PER_ANSWER, POOL]}
QUERIES = 15
BYTES_MAX = 60_000


def earner(call: Call, values: list[str] | None = None) -> Client:
    key, _ = give(call, values or ["yes"])
    return browser_of(key)


def earned_call(**fields: Any) -> tuple[Call, Client]:
    """Closed and settled; its first contributor comes with a browser."""
    call = answered_call(promise=BOTH, people="rrg", n_tasks=60)
    for name, value in fields.items():
        setattr(call, name, value)
    call.save()
    move_time(seconds=UNDO_SECONDS)
    pay_answers(call_id=call.pk)
    close_call(call=call, by="account:1")
    settle(call, is_last=True)
    return call, key_of_first(call)


def key_of_first(call: Call) -> Client:
    """A second key of the first contributor's person, as one of its browsers holds it."""
    first = Contributor.objects.filter(call_id=call.pk).order_by("id").first()
    assert first is not None
    key = new_key()
    PersonKey.objects.create(person_id=first.person_id, hash=hash_key(key))
    return browser_of(key)


def rows_of(response: HttpResponse) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_each_sum_is_spelled_out_and_unclaimed_money_is_told_as_such(live_db: str) -> None:
    call, client = earned_call()

    response = client.get(f"/c/{call.slug}/earned")
    page = text_of(response)

    assert "60 of your answers count. ₩50 each: ₩3,000." in page
    assert re.search(r"From what is shared among all: ₩\d+,\d{3} because every answer", page)
    assert re.search(
        r"₩\d+,\d{3} because your answers proved useful where we .* \(60 checked\)", page
    )
    assert "Settlement 1 of" in page
    assert "So far only this browser knows that this is yours." in page
    assert f'href="/c/{call.slug}/keep"' in response.content.decode()
    assert len(response.content) < BYTES_MAX
    assert response.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert text_of(client.get("/earned")).count("₩3,000") == page.count("₩3,000")


def test_how_many_were_checked_is_told_only_when_the_call_is_over(live_db: str) -> None:
    call = answered_call(promise=SHARE, people="rrg", n_tasks=60)
    record_gain(call=call, money=Money(1_000_000, "KRW"), period=YEAR, note="", by="account:1",
                request_key="a")  # fmt: skip
    settle(call)
    client = key_of_first(call)

    before = text_of(client.get(f"/c/{call.slug}/earned"))
    close_call(call=call, by="account:1")
    after = text_of(client.get(f"/c/{call.slug}/earned"))

    assert "proved useful where we could check them." in before
    assert "checked)" not in before
    assert "(60 checked)" in after


def test_table_has_the_same_sums_and_runs_nothing(live_db: str) -> None:
    _call, client = earned_call(title="=HYPERLINK(A1)")

    reply = client.get("/earned.csv")

    header, row = rows_of(reply)
    told = dict(zip(header, row, strict=True))
    assert told["call"] == "'=HYPERLINK(A1)"
    assert (told["answers"], told["for_answers"], told["paid"]) == ("60", "3000", "0")
    shared = int(told["shared_equally"]) + int(told["shared_by_value"])
    assert int(told["owed"]) == 3000 + shared
    assert reply["Content-Disposition"] == 'attachment; filename="earned.csv"'
    other = make_call(promise={**PER_ANSWER, "currency": "USD"})
    assert Client().get("/earned.csv").status_code == 302
    assert rows_of(earner(other).get("/earned.csv")) == [header]


@pytest.mark.django_db
def test_nobody_sees_anothers_money_or_words() -> None:
    call = make_call(promise=PER_ANSWER)
    mine, other = earner(call), earner(call)
    mine.post(f"/c/{call.slug}/earned/ask", {"text": "A SECRET question", "key": "a"})
    inquiry = Inquiry.objects.get()

    assert "A SECRET question" in text_of(mine.get(f"/c/{call.slug}/earned"))
    assert "A SECRET question" not in text_of(other.get(f"/c/{call.slug}/earned"))
    other.post(f"/c/{call.slug}/earned/erase", {"inquiry": inquiry.pk})
    inquiry.refresh_from_db()
    assert inquiry.text == "A SECRET question"
    for stranger in (Client(), browser_of("dure_p_guess"), earner(make_call())):
        for method, path in (
            ("get", "earned"), ("post", "earned/ask"), ("post", "earned/erase"),
        ):  # fmt: skip
            reply = getattr(stranger, method)(f"/c/{call.slug}/{path}", {"inquiry": inquiry.pk})
            assert (reply.status_code, reply["Location"]) == (302, f"/c/{call.slug}/")
    assert "Nothing here yet" in text_of(Client().get("/earned"))
    assert Client().get("/c/nowhere/earned").status_code == 302


@pytest.mark.django_db
def test_a_question_is_asked_once_answered_and_its_words_erased() -> None:
    call = make_call(promise=PER_ANSWER)
    client = earner(call)
    page = client.get(f"/c/{call.slug}/earned").content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None

    for _ in range(2):
        sent = client.post(f"/c/{call.slug}/earned/ask", {"text": "Why <b>?", "key": key[1]})
    inquiry = Inquiry.objects.get()
    reply_to(call=call, inquiry_id=inquiry.pk, text="We looked again.", by="account:1")
    answered = client.get(f"/c/{call.slug}/earned")
    client.post(f"/c/{call.slug}/earned/erase", {"inquiry": inquiry.pk})

    assert (sent.status_code, sent["Location"]) == (303, f"/c/{call.slug}/earned")
    assert "Why &lt;b&gt;?" in answered.content.decode()
    assert "We looked again." in text_of(answered)
    after = text_of(client.get(f"/c/{call.slug}/earned"))
    assert "You erased these words." in after
    assert "Why" not in after.replace("Why this much?", "")
    inquiry.refresh_from_db()
    assert inquiry.text is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "form",
    [
        {}, {"text": "", "key": "a"}, {"text": "  ", "key": "a"}, {"text": "n" * 1001, "key": "a"},
        {"text": "left\u202eright", "key": "a"}, {"text": "nul\0", "key": "a"},
        {"text": "Why?", "key": ""}, {"text": "Why?", "key": "k" * 201},
        {"text": "Why?", "key": "k\0"},
    ],
)  # fmt: skip
def test_wrong_question_gets_advice_and_stays_in_its_field(form: dict[str, str]) -> None:
    call = make_call(promise=PER_ANSWER)

    reply = earner(call).post(f"/c/{call.slug}/earned/ask", form)

    assert reply.status_code == 422
    assert "Please write a question of 1 to 1,000 letters." in text_of(reply)
    assert not Inquiry.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("inquiry", ["", "x", "-1", "9" * 40, "٣", "1 or 1=1"])
def test_mangled_erasing_changes_nothing(inquiry: str) -> None:
    call = make_call(promise=PER_ANSWER)
    client = earner(call)
    client.post(f"/c/{call.slug}/earned/ask", {"text": "Why?", "key": "a"})

    assert client.post(f"/c/{call.slug}/earned/erase", {"inquiry": inquiry}).status_code == 303
    assert Inquiry.objects.get().text == "Why?"


@pytest.mark.django_db
def test_questions_without_end_are_refused_with_a_sentence() -> None:
    call = make_call(promise=PER_ANSWER)
    client = earner(call)
    replies = [
        client.post(f"/c/{call.slug}/earned/ask", {"text": "Why?", "key": str(n)})
        for n in range(INQUIRIES_MAX + 1)
    ]

    assert [reply.status_code for reply in replies] == [303] * INQUIRIES_MAX + [429]
    assert "Twenty questions about one call are the most." in text_of(replies[-1])


@pytest.mark.django_db
def test_other_sites_can_not_ask_in_ones_name() -> None:
    call = make_call(promise=PER_ANSWER)
    key, _ = give(call, ["yes"])
    client = browser_of(key, enforce_csrf_checks=True)

    for path in ("ask", "erase"):
        assert client.post(f"/c/{call.slug}/earned/{path}", {"text": "x"}).status_code == 403
    assert not Inquiry.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("n_calls", [1, 3])
def test_statement_takes_as_many_queries_however_many_calls(n_calls: int) -> None:
    keys = []
    for _ in range(n_calls):
        call = make_call(promise=PER_ANSWER)
        key, _pseudonym = give(call, ["yes"])
        pay_answers(call_id=call.pk, at=clock.now() + timedelta(minutes=1))
        mine = Contributor.objects.get(call_id=call.pk)
        asked_why = ask_why(call=call, contributor_id=mine.id, text="Why?", request_key="a")
        reply_to(call=call, inquiry_id=asked_why.pk, text="So.", by="account:1")
        keys.append(key)
    for key in keys[1:]:
        merge(key, into=keys[0])

    with CaptureQueriesContext(connection) as asked:
        page = browser_of(keys[-1]).get(f"/c/{call.slug}/earned").content.decode()

    assert page.count('class="way earned"') == n_calls
    assert page.count("1 of your answers counts.") == n_calls
    assert len(asked) == QUERIES, [one["sql"][:150] for one in asked]


@pytest.mark.django_db
def test_a_call_without_pay_speaks_of_thanks_and_of_no_sums() -> None:
    call = make_call(promise={"kind": "nothing"})
    client = earner(call)

    page = text_of(client.get(f"/c/{call.slug}/earned"))

    assert "You help as a volunteer" in page
    assert "₩" not in page
    assert "/earned" not in client.get(f"/c/{call.slug}/keep").content.decode()


def test_what_could_not_be_checked_is_not_called_useful(live_db: str) -> None:
    call = answered_call(promise=POOL, people="rr", n_tasks=5)
    close_call(call=call, by="account:1")
    settle(call, is_last=True)

    page = text_of(key_of_first(call).get(f"/c/{call.slug}/earned"))

    assert "too little could be checked, so all answers got the same of it." in page
    assert "proved useful" not in page
    assert "Some waits" not in page
