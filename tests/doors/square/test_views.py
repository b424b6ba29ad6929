"""The front page lists open calls, a page at a time, with a fixed number of queries."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from tests.factories import make_call, make_organisation

pytestmark = pytest.mark.django_db
QUERIES = 1


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
