"""The wizard's forms: typed words become a call's fields, wrong ones are told beside them."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils.translation import override

from dure.calls.creating import change_draft, create_call
from dure.calls.drafting import fields_of
from dure.calls.models import Call
from dure.calls.tasks.importing import add_tasks
from dure.calls.tasks.models import Task
from dure.doors.desk import forms
from dure.doors.desk.beginnings import all_beginnings
from dure.people.models import AuditEntry
from tests.doors.desk.browsing import read_form, send_untouched
from tests.doors.desk.office import make_office
from tests.factories import make_call, make_organisation

TYPED = {
    "languages": ["ko", "en"], "type": ["choice"],
    "title_ko": ["새"], "title_en": ["Birds"], "text_ko": ["새인가요?"], "text_en": ["Bird?"],
    "options_ko": ["네\n아니요"], "options_en": ["Yes\nNo"],
}  # fmt: skip


@pytest.mark.django_db
def test_two_languages_make_texts_of_both() -> None:
    with override("en"):
        form = forms.read_question(TYPED, call=make_call(n_tasks=0, state="draft"))

    assert form.advices == {}
    assert form.fields == {
        "title": {"ko": "새", "en": "Birds"},
        "brief": "",
        "language": "en",
        "question": {
            "type": "choice",
            "text": {"ko": "새인가요?", "en": "Bird?"},
            "options": [
                {"value": "Yes", "label": {"ko": "네", "en": "Yes"}},
                {"value": "No", "label": {"ko": "아니요", "en": "No"}},
            ],
            "predict": False,
        },
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "advised"),
    [
        ({"title_en": [" "]}, ["title_en"]),
        ({"text_ko": [""]}, ["text_ko"]),
        ({"options_en": ["Yes"]}, ["options_en"]),
        ({"options_en": ["Yes\nYes"]}, ["options_en"]),
        ({"options_en": [""], "options_ko": [""]}, ["options_ko"]),
        ({"type": ["number"], "min": ["five"]}, ["min"]),
        ({"type": ["number"], "min": ["5"], "max": ["2"]}, ["max"]),
        ({"type": ["number"], "min": ["1e400"]}, ["min"]),
        ({"type": ["number"], "min": ["nan"]}, ["min"]),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(
    changes: dict[str, Any], advised: list[str]
) -> None:
    call = make_call(n_tasks=0, state="draft")

    assert list(forms.read_question({**TYPED, **changes}, call=call).advices) == advised


@pytest.mark.django_db
@pytest.mark.parametrize("begin", all_beginnings(), ids=lambda begin: begin.key)
def test_every_beginning_comes_through_its_own_form_unchanged(begin: Any) -> None:
    call = create_call(organisation=make_organisation(), by="x", kind="tasks", **begin.fields())

    form = forms.read_question(forms.show_question(call), call=call)

    kept = fields_of(call)
    assert form.advices == {}
    assert form.fields == {
        name: kept[name] for name in ("title", "brief", "question", "language")
    }  # fmt: skip


BIRD = {"value": "b", "label": {"ko": "새", "en": "A  bird"}}
CAT = {"value": "c", "label": {"ko": "고양이", "en": "A cat"}}
BOTH = {"ko": "무엇인가요?", "en": "What is it?"}
# (question, content of a task, its gold)
ASKED: dict[str, tuple[dict[str, Any], dict[str, Any], Any]] = {
    "choice": ({"type": "choice", "text": BOTH, "options": [BIRD, CAT], "predict": True},
               {"text": "x"}, "b"),
    "choice by values": ({"type": "choice", "text": "x\ny", "options": ["b", "c"]},
                         {"text": "x"}, "c"),
    "choice of two called alike": (
        {"type": "choice", "text": "?", "options": [{"value": "b", "label": "x"},
                                                    {"value": "c", "label": "x"}]},
        {"text": "x"}, "c"),
    "multi": ({"type": "multi", "text": BOTH, "options": [BIRD, CAT], "min": 1, "max": 1},
              {"text": "x"}, ["c"]),
    "number": ({"type": "number", "text": BOTH, "min": 0.1, "max": 12345678, "step": 0.1,
                "unit": {"ko": "개", "en": "pieces"}}, {"text": "x"}, 1000000.5),
    "number without end": ({"type": "number", "text": "?", "max": 1e15, "unit": " m"},
                           {"text": "x"}, 5),
    "text": ({"type": "text", "text": BOTH, "min": 20, "max": 50}, {"text": "x"}, "y" * 20),
    "pair": ({"type": "pair", "text": BOTH}, {"left": "x", "right": "y"}, "left"),
    "rank": ({"type": "rank", "text": BOTH, "options": [BIRD, CAT]}, {"text": "x"}, ["c", "b"]),
    "rank of items": ({"type": "rank", "text": BOTH}, {"items": ["x", "y"]}, ["y", "x"]),
    "box": ({"type": "box", "text": BOTH, "options": [BIRD]}, {"image": "/x.png"},
            [{"x": 0.1, "y": 0.1, "w": 0.5, "h": 0.5, "label": "b"}]),
    "box without names": ({"type": "box", "text": BOTH}, {"image": "/x.png"},
                          [{"x": 0.1, "y": 0.1, "w": 0.5, "h": 0.5}]),
}  # fmt: skip
GIVEN: list[dict[str, Any]] = [
    {"title": {"ko": "새", "en": "Birds"}, "brief": " One.\n\nTwo.\n", "language": "en",
     "answers": {"min": 3, "max": 7, "target": 0.9, "lease_s": 77},
     "promise": {"kind": "per_answer", "amount_minor": 200, "currency": "GBP"},
     "topics": ["science", "city"], "visibility": "after_own"},
    {"title": "鳥", "brief": {"ko": "", "pt-BR": "Aves"}, "language": "ja",
     "answers": {"min": 7, "max": 7, "target": None},
     "promise": {"kind": "per_answer", "amount_minor": 12345678, "currency": "KWD"}},
    {"title": "Birds", "answers": {"min": 4, "max": 4, "target": 0.8}},
    {"title": {"ko": "새"}, "language": "en", "answers": {"min": 3, "max": 5, "target": 0.95}},
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "given"),
    [(asked, GIVEN[place % len(GIVEN)]) for place, asked in enumerate(ASKED.values())],
    ids=ASKED,
)
def test_draft_that_is_walked_through_untouched_is_the_same_afterwards(
    asked: tuple[dict[str, Any], dict[str, Any], Any], given: dict[str, Any]
) -> None:
    question, content, gold = asked
    office = make_office(n_tasks=0)
    call = create_call(
        organisation=office.organisation, by="x", kind="tasks", question=question, **given
    )
    row = {"key": "example-1", "content": content, "gold": gold}
    add_tasks(call=call, rows=[(1, row)], strict=True, by="x")
    before = record_of(call)
    client = office.client("editor")

    replies = [
        send_untouched(client, reverse(name, args=[office.organisation.slug, call.pk]),
                       holding=holding, **pressed)
        for name, holding, pressed in (("desk-question", "type", {}),
                                       ("desk-add-tasks", "lines", {}),
                                       ("desk-terms", "visibility", {"later": "1"}))
    ]  # fmt: skip

    assert (replies, record_of(call)) == ([302, 302, 302], before)
    assert not AuditEntry.objects.filter(action="change call").exists()


def record_of(call: Call) -> dict[str, Any]:
    """All that an organiser gave, to the last sign."""
    there = Call.objects.get(pk=call.pk)
    tasks = Task.objects.filter(call=call).order_by("id")
    return {**fields_of(there), "tasks": list(tasks.values_list("key", "content", "gold"))}


@pytest.mark.django_db
def test_answer_that_says_the_same_keeps_its_value_wherever_it_stands() -> None:
    question = {"type": "multi", "text": BOTH, "options": [BIRD, CAT], "min": 2, "max": 2}
    call = make_call(n_tasks=0, state="draft", question=question)
    typed = forms.show_question(call)
    changes = {"options_ko": ["b\n고양이\n새"], "options_en": ["b\nA cat\nA bird"]}

    form = forms.read_question({**typed, **changes}, call=call)

    assert form.advices == {}
    assert form.fields["question"] == {
        "type": "multi", "text": BOTH, "predict": False, "min": 2, "max": 3,
        "options": [{"value": "b 2", "label": {"ko": "b", "en": "b"}},
                    {"value": "c", "label": {"ko": "고양이", "en": "A cat"}},
                    {"value": "b", "label": {"ko": "새", "en": "A bird"}}],
    }  # fmt: skip


@pytest.mark.django_db
def test_language_that_is_dropped_leaves_the_values_of_the_answers() -> None:
    question = {"type": "choice", "text": BOTH, "options": [BIRD, CAT]}
    call = make_call(n_tasks=0, state="draft", question=question, title="Birds")

    form = forms.read_question({**forms.show_question(call), "languages": ["en"]}, call=call)

    assert form.fields["question"]["options"] == [
        {"value": "b", "label": "A bird"}, {"value": "c", "label": "A cat"}
    ]  # fmt: skip
    assert (form.fields["title"], form.fields["question"]["text"]) == ("Birds", BOTH["en"])


@pytest.mark.django_db
def test_what_was_typed_and_taken_gives_way_to_later_changes_by_others() -> None:
    office = make_office(n_tasks=0, state="draft")
    where = reverse("desk-question", args=[office.organisation.slug, office.call.pk])
    client = office.client("editor")
    fields = read_form(client.get(where).content.decode(), holding="type")
    client.post(where, {**fields, "title_en": ["Typed here"]})

    change_draft(call=office.call, by="x", title="Changed over the API")

    page = client.get(where).content.decode()
    assert read_form(page, holding="type")["title_en"] == ["Changed over the API"]
