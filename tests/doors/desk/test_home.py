"""The desk's calls: found by words and state, and begun by one click or three on one button."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dure.calls.models import Call
from dure.calls.queries import calls_of
from dure.calls.tasks.queries import count_work
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


def mark_of(client: Client, address: str) -> str:
    """What the page's forms send along."""
    return re.findall(r'name="once" value="([^"]+)"', client.get(address).content.decode())[0]


def drafts_of(office: Office) -> int:
    return calls_of(office.organisation).filter(state="draft").count()


def test_three_clicks_on_a_beginning_make_one_draft_and_a_new_page_another() -> None:
    office = make_office()
    client = office.client("editor")
    address = reverse("desk-new", args=[office.organisation.slug])
    sent = {"kind": "sentences", "once": mark_of(client, address)}

    made = {client.post(address, sent).headers["Location"] for _ in range(3)}

    assert (len(made), drafts_of(office)) == (1, 1)
    call = Call.objects.get(organisation=office.organisation, state="draft")
    n_tasks = count_work([call.pk])[call.pk]["tasks"]
    assert n_tasks > 0
    client.post(reverse("desk-clear-tasks", args=[office.organisation.slug, call.pk]))
    client.post(address, {"kind": "sentences", "once": mark_of(client, address)})
    client.post(address, {"kind": "sentences"})
    # The second is untouched, and gives way to the third.
    assert drafts_of(office) == 2


@pytest.mark.parametrize("tasks", [{}, {"tasks": "1"}])
def test_three_clicks_on_a_copy_or_a_template_make_one_draft(tasks: dict[str, str]) -> None:
    office = make_office(promise={"kind": "nothing"})
    client = office.client("editor")
    slug = office.organisation.slug
    board = reverse("desk-board", args=[slug, office.call.pk])
    copy = {"once": mark_of(client, board), **tasks}
    address = reverse("desk-duplicate", args=[slug, office.call.pk])

    copies = {client.post(address, copy).headers["Location"] for _ in range(3)}
    client.post(reverse("desk-template", args=[slug, office.call.pk]), {"name": "Birds"})
    new = reverse("desk-new", args=[slug])
    (template,) = re.findall(r'name="template" value="(\d+)"', client.get(new).content.decode())
    sent = {"template": template, "once": mark_of(client, new)}
    begun = {client.post(new, sent).headers["Location"] for _ in range(3)}

    assert (len(copies), len(begun), drafts_of(office)) == (1, 1, 2)
    made = Call.objects.filter(organisation=office.organisation, state="draft").earliest("pk")
    assert count_work([made.pk])[made.pk]["tasks"] == (3 if tasks else 0)
