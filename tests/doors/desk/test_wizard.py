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
from dure.calls.tasks.models import Task
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


def test_certainty_is_sold_only_where_a_verdict_has_one(office: Office) -> None:
    client = office.client("editor")
    pages = {
        kind: client.get(reverse("desk-terms", args=["harbour", begin(client, kind).pk]))
        .content.decode()
        for kind in ("sentences", "pairs", "transcribe", "texts", "boxes")
    }  # fmt: skip

    sold = ["sentences", "pairs", "transcribe", "texts"]
    assert [kind for kind, page in pages.items() if 'name="care"' in page] == sold
    assert [kind for kind, page in pages.items() if "% sure" in page] == sold
    assert "3 tasks, 9 to 15 answers." in pages["sentences"]
    assert re.search(r"\d tasks, \d+ answers\.", pages["boxes"])
    assert read_form(pages["boxes"], holding="exact")["exact"] == ["5"]
    # Stories never agree: more of them make none surer.
    assert re.findall(r"\d tasks, [^<]*", pages["texts"]) == ["2 tasks, 10 answers."]


@pytest.mark.parametrize(("kind", "is_shown"), [("pair", True), ("rank", False), ("box", False)])
def test_only_what_may_be_unsure_may_be_disputed(kind: str, is_shown: bool) -> None:
    office = make_office(question={"type": kind, "text": "?"})
    client = office.client("reader")

    board, tasks = (
        client.get(reverse(name, args=["harbour", office.call.pk])).content.decode()
        for name in ("desk-board", "desk-tasks")
    )

    assert ("<dt>Disputed</dt>" in board) == is_shown
    assert ('<option value="disputed"' in tasks) == is_shown
    assert ('name="below"' in tasks) == is_shown


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
