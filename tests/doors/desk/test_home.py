"""The list of calls: found by words and state, page after page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from dure.doors.desk import home
from tests.doors.desk.office import Office, make_office
from tests.factories import make_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office(n_tasks=0, title="Gulls & terns", state="draft")


def look(office: Office, **asked: Any) -> str:
    address = reverse("desk-calls", args=[office.organisation.slug])
    return office.client(asked.pop("who", "reader")).get(address, asked).content.decode()


@pytest.mark.parametrize(
    ("asked", "has_found"),
    [
        ({}, True),
        ({"words": "tern & gulls", "state": "draft"}, True),
        ({"state": "nothing"}, True),
        ({"words": "cat"}, False),
        ({"state": "closed"}, False),
    ],
)
def test_calls_are_found_by_words_and_state(
    office: Office, asked: dict[str, str], has_found: bool
) -> None:
    page = look(office, **asked)

    assert ("Gulls &amp; terns" in page, "No call fits" in page) == (has_found, not has_found)
    assert '<select name="state">' in page


def test_list_without_any_call_offers_the_first_and_no_search() -> None:
    office = make_office(n_tasks=0)
    office.call.delete()

    page = look(office)

    assert ("Your first call" in page, 'name="state"' in page) == (True, False)


def test_older_calls_are_those_that_fit_too(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "CALLS_PER_PAGE", 1)
    for title in ("Cats", "Gulls & terns"):
        make_call(n_tasks=0, organisation=office.organisation, title=title, state="draft")

    first = look(office, words="gulls &", state="draft")

    (link,) = re.findall(r'href="\?(before=\d+&amp;[^"]+)"', first)
    assert link.endswith("&amp;words=gulls+%26&amp;state=draft")
