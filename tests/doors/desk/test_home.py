"""Beginning a call: one click or three on one button, one draft."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from dure.calls.models import Call
from dure.calls.tasks.queries import count_work
from tests.doors.desk.office import Office, make_office

pytestmark = pytest.mark.django_db


def mark_of(client: Client, address: str) -> str:
    """What the page's forms send along."""
    return re.findall(r'name="once" value="([^"]+)"', client.get(address).content.decode())[0]


def drafts_of(office: Office) -> int:
    return Call.objects.filter(organisation=office.organisation, state="draft").count()


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
    assert drafts_of(office) == 3


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
