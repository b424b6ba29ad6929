"""An organiser rules a task of any type by ticking, choosing and typing."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from dure.calls.models import Call
from dure.calls.tasks.models import Ruling, Verdict
from dure.doors.desk.ruling import read_ruling, show_ruling
from tests.doors.desk.browsing import read_form
from tests.doors.desk.handmade import first_task, make_judged
from tests.doors.desk.office import make_office
from tests.factories import make_organisation

pytestmark = pytest.mark.django_db
ITEMS = {"items": ["Song 1", {"en": "Song 2", "ko": "노래 2"}]}


def form_of(call: Call, sent: list[str] | None = None) -> Any:
    verdict = Verdict.objects.filter(call_id=call.pk).first()
    return show_ruling(call=call, task=first_task(call), verdict=verdict, sent=sent)


@pytest.mark.parametrize(
    ("kind", "sent", "ruled"),
    [
        ("choice", ["gull"], "gull"),
        ("multi", ["auk", "gull"], ["gull", "auk"]),
        ("multi", [], []),
        ("number", ["12.5"], 12.5),
        ("text", [" Harbour "], "Harbour"),
        ("pair", ["same"], "same"),
        ("rank", ["auk", "", "gull"], ["auk", "gull"]),
        ("box", ["[]"], []),
        ("box", ['[{"x": 0, "y": 0, "w": 0.5, "h": 0.5, "label": "auk"}]'],
         [{"x": 0, "y": 0, "w": 0.5, "h": 0.5, "label": "auk"}]),
    ],
)  # fmt: skip
def test_what_was_sent_is_ruled(kind: str, sent: list[str], ruled: Any) -> None:
    office = make_office(n_tasks=0)
    call = make_judged(kind, office.organisation)
    address = reverse("desk-task", args=["harbour", call.pk, first_task(call).id])

    reply = office.client("editor").post(address, {"value": sent, "reason": "I saw it."})

    assert reply.status_code == 302
    assert Ruling.objects.get(call_id=call.pk).value == ruled


@pytest.mark.parametrize("kind", ["multi", "rank", "box"])
def test_lists_begin_with_what_the_crowd_says_and_are_ruled_untouched(kind: str) -> None:
    office = make_office(n_tasks=0)
    call = make_judged(kind, office.organisation)
    address = reverse("desk-task", args=["harbour", call.pk, first_task(call).id])
    client = office.client("editor")

    form = read_form(client.get(address).content.decode(), holding="reason")
    client.post(address, {**form, "reason": "Just so."})

    said = {
        "multi": ["gull", "auk"],
        "rank": ["tern", "gull", "auk"],
        "box": [{"x": 0.1, "y": 0.15, "w": 0.3, "h": 0.4, "label": "gull"},
                {"x": 0.55, "y": 0.4, "w": 0.25, "h": 0.3, "label": "tern"}],
    }  # fmt: skip
    assert Ruling.objects.get(call_id=call.pk).value == said[kind]


@pytest.mark.parametrize(
    ("kind", "sent", "advice"),
    [
        ("rank", ["", "", ""], "A ruling says what is true; choose or write an answer."),
        ("rank", ["auk", "auk", ""], "is there twice; give each once."),
        ("box", ["gull"], "Expected the boxes as a JSON list"),
        ("number", ["far"], "Expected a number"),
    ],
)
def test_refused_ruling_says_why_and_keeps_what_was_sent(
    kind: str, sent: list[str], advice: str
) -> None:
    office = make_office(n_tasks=0)
    call = make_judged(kind, office.organisation)
    address = reverse("desk-task", args=["harbour", call.pk, first_task(call).id])

    reply = office.client("editor").post(address, {"value": sent, "reason": "I saw it."})

    page = reply.content.decode()
    assert reply.status_code == 422
    assert advice in page
    assert page.count('role="alert"') == 1
    kept = read_form(page, holding="reason")
    assert kept["reason"] == ["I saw it."]
    assert [one for one in kept.get("value", []) if one] == [one for one in sent if one]
    assert not Ruling.objects.filter(call_id=call.pk).exists()


def test_items_of_a_task_are_put_in_order_by_their_own_names() -> None:
    call = make_judged("rank", make_organisation(), value=None, question={"options": None})
    first_task(call)
    task = first_task(call)
    task.content = ITEMS

    form = show_ruling(call=call, task=task, verdict=None, sent=None)

    (first, second) = form.places
    assert [(one.value, str(one.label)) for one in first.options] == [
        ("Song 1", "Song 1"), ("Song 2", "Song 2")
    ]  # fmt: skip
    assert not any(one.is_chosen for place in (first, second) for one in place.options)


def test_form_without_a_verdict_is_empty() -> None:
    for kind in ("multi", "rank", "box"):
        call = make_judged(kind, make_organisation(), value=None)

        form = form_of(call)

        assert form.typed == ""
        options = [*form.options, *(one for place in form.places for one in place.options)]
        assert not any(one.is_chosen for one in options)


def test_nothing_sent_is_nothing_ruled() -> None:
    call = make_judged("choice", make_organisation())

    assert read_ruling(call, []) == ""
