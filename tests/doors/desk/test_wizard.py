"""The wizard's steps: whose tasks there are, what is opened, what is thrown away."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dure.calls.models import Call, Template
from dure.calls.queries import calls_of
from dure.calls.tasks.models import Refit, Task, TaskProgress
from dure.clock import now
from tests.doors.desk.browsing import read_form
from tests.doors.desk.office import Office, make_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office()


def begin(client: Client, kind: str = "sentences") -> Call:
    """A draft as a template leaves it."""
    client.post(reverse("desk-new", args=["harbour"]), {"kind": kind})
    return Call.objects.filter(state="draft").latest("pk")


def step(client: Client, call: Call, route: str, /, **fields: Any) -> Any:
    return client.post(reverse(route, args=["harbour", call.pk]), fields)


def keys(call: Call) -> list[str]:
    return sorted(Task.objects.filter(call=call).values_list("key", flat=True))


def test_pasted_lines_are_taken_on_the_way_to_the_terms(office: Office) -> None:
    client = office.client("editor")
    call = begin(client)

    reply = step(client, call, "desk-add-tasks", lines="Good bread\nStale", onwards="1")

    assert reply.headers["Location"] == reverse("desk-terms", args=["harbour", call.pk])
    contents = Task.objects.filter(call=call).order_by("id").values_list("content", flat=True)
    assert list(contents) == [{"text": "Good bread"}, {"text": "Stale"}]


def test_lines_that_are_no_tasks_hold_up_the_way_and_leave_the_examples(office: Office) -> None:
    client = office.client("editor")
    call = begin(client, "pairs")

    reply = step(client, call, "desk-add-tasks", lines="alone", onwards="1")

    assert reply.status_code == 422
    assert keys(call) == ["example-1", "example-2", "example-3"]


def test_own_tasks_that_are_called_like_examples_stay(office: Office) -> None:
    client = office.client("editor")
    call = begin(client)

    send_table(client, call, b"key,text\nexample-1,Mine\nexample-9,Mine too\n")
    assert keys(call) == ["example-1", "example-9"]
    send_table(client, call, b"key,text\nexample-2,Mine again\n")

    assert keys(call) == ["example-1", "example-2", "example-9"]


def send_table(client: Client, call: Call, content: bytes) -> None:
    file = io.BytesIO(content)
    file.name = "tasks.csv"
    where = step(client, call, "desk-upload", files=file).headers["Location"]
    assert client.post(where, {"column-0": "key", "column-1": "text"}).status_code == 200


def test_call_of_examples_alone_is_opened_only_when_that_is_meant(office: Office) -> None:
    client = office.client("editor")
    call = begin(client)
    terms = client.get(reverse("desk-terms", args=["harbour", call.pk])).content.decode()
    fields = {**read_form(terms, holding="care"), "care": "quick"}

    asked = step(client, call, "desk-terms", **fields, open="1")
    call.refresh_from_db()
    assert (asked.status_code, call.state, call.answers_max) == (200, "draft", 3)
    assert "All its 3 tasks are examples" in asked.content.decode()
    opened = step(client, call, "desk-terms", open="with-examples")

    call.refresh_from_db()
    assert opened.headers["Location"] == reverse("desk-share", args=["harbour", call.pk])
    assert (call.state, call.answers_max) == ("open", 3)


def test_call_with_own_tasks_is_opened_at_once(office: Office) -> None:
    client = office.client("editor")
    call = begin(client)
    step(client, call, "desk-add-tasks", lines="Good bread")
    terms = client.get(reverse("desk-terms", args=["harbour", call.pk])).content.decode()

    opened = step(client, call, "desk-terms", **read_form(terms, holding="care"), open="1")

    assert opened.headers["Location"] == reverse("desk-share", args=["harbour", call.pk])


def test_certainty_is_sold_only_where_something_is_concluded(office: Office) -> None:
    client = office.client("editor")
    pages = {
        kind: client.get(reverse("desk-terms", args=["harbour", begin(client, kind).pk]))
        .content.decode()
        for kind in ("sentences", "pairs", "transcribe", "boxes")
    }  # fmt: skip

    assert [kind for kind, page in pages.items() if 'name="care"' in page] == ["sentences"]
    assert [kind for kind, page in pages.items() if "% sure" in page] == ["sentences"]
    assert "3 tasks, 9 to 15 answers." in pages["sentences"]
    assert "3 tasks, 15 answers." in pages["pairs"]
    assert read_form(pages["pairs"], holding="exact")["exact"] == ["5"]


@pytest.mark.parametrize(
    ("kind", "shown", "not_shown"),
    [("choice", "decided", "complete"), ("pair", "complete", "decided")],
)
def test_task_that_is_merely_full_is_called_complete(kind: str, shown: str, not_shown: str) -> None:
    question = {"type": kind, "text": "?"} | ({"options": ["a", "b"]} if kind == "choice" else {})
    office = make_office(question=question)
    client = office.client("reader")
    tasks = TaskProgress.objects.filter(call_id=office.call.pk)
    tasks.update(state="decided")
    summary = {"states": {"decided": 3}}
    Refit.objects.create(call=office.call, events=0, at=now(), seconds=0, summary=summary)

    addresses = [
        reverse("desk-calls", args=["harbour"]),
        *(reverse(name, args=["harbour", office.call.pk]) for name in ("desk-board", "desk-tasks")),
        reverse("desk-task", args=["harbour", office.call.pk, tasks.earliest("task_id").task_id]),
    ]
    words = [re.findall(r">([^<>]+)<", client.get(one).content.decode()) for one in addresses]

    for page in words:
        assert any(shown in one.lower() for one in page)
        assert not any(not_shown in one.lower() for one in page)


def test_drafts_that_were_left_as_they_came_do_not_pile_up(office: Office) -> None:
    client = office.client("editor")
    begin(client, "empty")
    begin(client, "sentences")
    changed = begin(client, "images")
    fields = client.get(reverse("desk-question", args=["harbour", changed.pk])).content.decode()
    typed = {**read_form(fields, holding="type"), "title_en": ["My signs"]}
    step(client, changed, "desk-question", **typed)
    half = begin(client, "images")
    step(client, half, "desk-question", **{**typed, "text_en": [""]})
    with_task = begin(client, "images")
    step(client, with_task, "desk-add-tasks", lines="/static/dure/demo/table-1.webp")

    last = begin(client, "images")

    drafts = calls_of(office.organisation).filter(state="draft")
    assert list(drafts) == [last, with_task, half, changed]


def test_template_that_was_saved_of_a_draft_does_not_take_the_draft_away(office: Office) -> None:
    client = office.client("editor")
    draft = begin(client, "empty")
    fields = client.get(reverse("desk-question", args=["harbour", draft.pk])).content.decode()
    step(client, draft, "desk-question",
         **{**read_form(fields, holding="type"), "title_en": ["Mine"]})  # fmt: skip
    step(client, draft, "desk-template", name="Mine")
    template = Template.objects.get().pk

    for _ in range(3):
        client.post(reverse("desk-new", args=["harbour"]), {"template": template})

    drafts = calls_of(office.organisation).filter(state="draft")
    assert [call.pk for call in drafts] == [drafts[0].pk, draft.pk]


def test_draft_is_copied_saved_as_a_template_and_thrown_away_in_the_wizard(office: Office) -> None:
    client = office.client("editor")
    draft = begin(client)

    page = client.get(reverse("desk-question", args=["harbour", draft.pk])).content.decode()
    names = ("desk-duplicate", "desk-template", "desk-discard")
    assert [name for name in names if reverse(name, args=["harbour", draft.pk]) in page] == [*names]
    thrown = step(client, draft, "desk-discard")

    assert thrown.headers["Location"] == reverse("desk-calls", args=["harbour"])
    assert list(calls_of(office.organisation)) == [office.call]
    assert step(client, draft, "desk-add-tasks", lines="Late").status_code == 404
    assert step(client, office.call, "desk-discard").status_code == 409
