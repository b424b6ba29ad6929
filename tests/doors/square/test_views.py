"""The front page lists open calls, a page at a time, with a fixed number of queries."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dure.calls.life import close_call
from dure.calls.shares.paying_in import pay_in
from dure.calls.tasks.pay import pay_answers
from dure.ledger.money import Money
from tests.calls.tasks.test_results import give
from tests.calls.test_settling import POOL, SHARE
from tests.factories import make_call, make_organisation

pytestmark = pytest.mark.django_db
QUERIES = 1
PER_ANSWER = {"kind": "per_answer", "amount_minor": 50, "currency": "KRW"}


def slugs(page: bytes) -> list[str]:
    return re.findall(r'class="call-title" href="/c/([^/]+)/"', page.decode())


@pytest.mark.parametrize("n_calls", [1, 3, 50])
def test_list_takes_one_query_however_long(n_calls: int, django_assert_num_queries: Any) -> None:
    for _ in range(n_calls):
        make_call(n_tasks=0)

    with django_assert_num_queries(QUERIES):
        response = Client().get("/")

    assert len(slugs(response.content)) == n_calls


def test_only_open_calls_are_listed_newest_first() -> None:
    organisation = make_organisation()
    calls = {
        state: make_call(n_tasks=0, state=state, organisation=organisation)
        for state in ("draft", "open", "paused", "closed")
    }
    newest = make_call(n_tasks=0, organisation=organisation)

    assert slugs(Client().get("/").content) == [newest.slug, calls["open"].slug]


def test_pages_follow_each_other_without_a_gap() -> None:
    made = [make_call(n_tasks=0).slug for _ in range(53)]

    first = Client().get("/")
    (link,) = re.findall(r'href="(\?after=\d+)"', first.content.decode())
    second = Client().get(f"/{link}")

    assert slugs(first.content) + slugs(second.content) == made[::-1]
    assert 'href="?after=' not in second.content.decode()


@pytest.mark.parametrize("after", ["x", "-1", "9" * 40, "٣"])
def test_mangled_page_number_shows_the_first_page(after: str) -> None:
    make_call(n_tasks=0)

    assert len(slugs(Client().get("/", {"after": after}).content)) == 1


def test_empty_front_page_leads_organisers_to_the_desk() -> None:
    assert 'href="/desk/"' in Client().get("/").content.decode()


def test_filters_keep_their_state_over_pages() -> None:
    for _ in range(52):
        make_call(n_tasks=0, topics=["nature"])
    make_call(n_tasks=0)

    first = Client().get("/", {"topic": "nature", "q": "call", "minutes": "junk"})
    (link,) = re.findall(r'href="(\?[^"]*after=\d+)"', first.content.decode())
    second = Client().get(f"/{link.replace('&amp;', '&')}")

    assert len(slugs(first.content)) == 50
    assert len(slugs(second.content)) == 2
    assert '<option value="nature" selected>' in second.content.decode()


def test_page_of_a_call_tells_nothing_of_answers_before_the_end() -> None:
    call = make_call(n_tasks=2)

    page = Client().get(f"/c/{call.slug}/about").content.decode()

    assert 'class="results"' not in page
    assert Client().get(f"/c/{make_call(state='draft').slug}/about").status_code == 404


def test_organisations_page_shows_open_and_earlier_calls_and_no_draft() -> None:
    organisation = make_organisation("harbour")
    for state in ("draft", "open", "closed"):
        make_call(n_tasks=0, organisation=organisation, slug=f"{state}-one", state=state)

    page = Client().get("/o/harbour/").content

    assert slugs(page) == ["open-one", "closed-one"]
    assert Client().get("/o/nowhere/").status_code == 404


@pytest.mark.parametrize(("state", "is_told"), [("open", True), ("closed", False)])
def test_progress_is_told_until_the_call_is_over(state: str, is_told: bool) -> None:
    call = make_call(n_tasks=0, state=state)

    page = Client().get(f"/c/{call.slug}/about").content.decode()

    assert ("of 10 parts" in page) == is_told


def test_every_kind_of_pay_is_paid_and_told_in_few_words() -> None:
    told = {
        "per_answer": "₩50 an answer",
        "pool": "a share of ₩100,001",
        "revenue_share": "20% of what it earns",
    }
    for promise in (PER_ANSWER, POOL, SHARE):
        make_call(n_tasks=0, slug=promise["kind"].replace("_", "-"), promise=promise)
    both = {"kind": "several", "parts": [PER_ANSWER, POOL]}
    make_call(n_tasks=0, slug="several", promise=both)
    make_call(n_tasks=0, slug="thanks", promise={"kind": "nothing"})

    paid = Client().get("/", {"promise": "paid"}).content

    assert slugs(paid) == ["several", "revenue-share", "pool", "per-answer"]
    for words in (*told.values(), "₩50 an answer + a share of ₩100,001"):
        assert f'class="fact-chip paid">{words}</span>' in paid.decode()
    assert slugs(Client().get("/", {"promise": "thanks"}).content) == ["thanks"]


@pytest.mark.parametrize("n_calls", [1, 3])
def test_organisations_page_tells_what_is_overdue_with_a_fixed_number_of_queries(
    n_calls: int, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    organisation = make_organisation("late")
    for _ in range(n_calls):
        make_call(n_tasks=0, organisation=organisation, promise=SHARE)
        make_call(n_tasks=0, organisation=organisation, promise=PER_ANSWER)
    later = timezone.now() + timedelta(days=140)
    monkeypatch.setattr("dure.doors.square.views.now", lambda: later)

    with django_assert_num_queries(4):
        page = Client().get("/o/late/").content.decode()

    assert page.count("that is overdue.") == n_calls


def test_a_calls_money_is_told_without_counting_sealed_answers() -> None:
    both = {"kind": "several", "parts": [PER_ANSWER, POOL]}
    sealed, over = make_call(promise=both), make_call(promise=both)
    for call in (sealed, over):
        give(call, ["yes", "no"])
        pay_answers(call_id=call.pk, at=timezone.now() + timedelta(minutes=1))
        pay_in(call=call, money=Money(7_000, "KRW"), note="", by="account:1", request_key="a")
    close_call(call=over, by="account:1")

    before = Client().get(f"/c/{sealed.slug}/about").content.decode()
    after = Client().get(f"/c/{over.slug}/about").content.decode()

    assert "₩7,000 is paid in for it already." in before
    assert "₩100<" not in before
    assert "People earned so far" not in before
    assert "What people earned is told when the answers are" in before
    assert "<dt>People earned so far</dt><dd>₩100</dd>" in after
    plain = make_call(promise={"kind": "nothing"})
    assert 'class="money"' not in Client().get(f"/c/{plain.slug}/about").content.decode()
