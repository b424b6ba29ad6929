"""A call is begun from another or from a template, and what was typed is kept as it is."""

from __future__ import annotations

from functools import partial

import pytest

from dure.calls import drafting
from dure.calls.creating import change_draft, create_call
from dure.calls.life import open_call
from dure.calls.models import Call, CallChange, Draft
from dure.calls.queries import NoSuchCall, calls_of
from dure.calls.tasks.importing import add_tasks
from dure.calls.tasks.models import Task, TaskProgress
from dure.calls.tasks.queries import count_work
from dure.errors import Invalid, Unknown, WrongState
from dure.people.models import AuditEntry
from tests.factories import YES_NO, make_organisation

pytestmark = pytest.mark.django_db
PAID = {"kind": "per_answer", "amount_minor": 50, "currency": "KRW"}


def make_draft(n_tasks: int = 3) -> Call:
    call = create_call(
        organisation=make_organisation(), by="x", kind="tasks", title={"en": "Birds", "ko": "새"},
        question=YES_NO, promise=PAID, topics=["nature"],
        answers={"min": 2, "max": 7, "target": 0.9},
    )  # fmt: skip
    rows = [
        (n, {"key": f"t{n}", "content": {"text": f"Task {n}"}, "gold": "yes"})
        for n in range(1, n_tasks + 1)
    ]
    add_tasks(call=call, rows=rows, strict=True, by="x")
    return call


def test_copy_asks_the_same_and_has_the_same_tasks_if_wanted() -> None:
    call = make_draft()
    open_call(call=call, by="x")

    full = drafting.duplicate_call(call=call, by="y", with_tasks=True)
    bare = drafting.duplicate_call(call=call, by="y", with_tasks=False)

    for copy in (full, bare):
        assert copy.state == "draft"
        assert copy.slug != call.slug
        assert drafting.fields_of(copy) == drafting.fields_of(call)
    rows = Task.objects.filter(call=full).order_by("id").values_list("key", "content", "gold")
    assert list(rows) == [(f"t{n}", {"text": f"Task {n}"}, "yes") for n in (1, 2, 3)]
    capacities = TaskProgress.objects.filter(call_id=full.pk).values_list("capacity", flat=True)
    assert list(capacities) == [7, 7, 7]
    works = count_work([full.pk, bare.pk])
    assert (works[full.pk]["tasks"], works[bare.pk]["tasks"]) == (3, 0)


def test_tasks_are_taken_out_of_a_draft_alone() -> None:
    call = make_draft()

    assert drafting.remove_tasks(call=call, by="x", keys=["t1", "nowhere"]) == 1
    assert count_work([call.pk])[call.pk]["tasks"] == 2
    open_call(call=call, by="x")
    with pytest.raises(WrongState):
        drafting.remove_tasks(call=call, by="x")

    assert list(Task.objects.order_by("id").values_list("key", flat=True)) == ["t2", "t3"]


def test_draft_that_is_thrown_away_is_gone_for_everybody_and_stays_so() -> None:
    call = make_draft()
    drafting.keep_typed(call=call, page="question", typed={"title_en": [""]})

    drafting.discard_draft(call=call, by="x")

    assert not calls_of(call.organisation).exists()
    assert not Task.objects.exists()
    assert not Draft.objects.exists()
    for change in (
        partial(open_call, call=call),
        partial(change_draft, call=call, title="Cats"),
        partial(drafting.discard_draft, call=call),
        partial(add_tasks, call=call, rows=[(1, {"key": "a", "content": {"text": "A"}})],
                strict=True),
    ):  # fmt: skip
        with pytest.raises(NoSuchCall):
            change(by="x")
    steps = CallChange.objects.filter(call=call).order_by("pk").values_list("step", flat=True)
    assert list(steps) == ["create", "discard"]
    assert AuditEntry.objects.latest("pk").action == "discard call"


def test_call_that_has_opened_is_not_thrown_away() -> None:
    call = open_call(call=make_draft(), by="x")

    with pytest.raises(drafting.Opened) as refusal:
        drafting.discard_draft(call=call, by="x")

    assert refusal.value.sentence == (
        "A call that has opened can't be thrown away; close it instead."
    )
    assert Task.objects.count() == 3


def test_request_that_made_a_draft_makes_another_once_it_was_thrown_away() -> None:
    organisation = make_organisation()
    make = partial(create_call, organisation=organisation, by="x", kind="tasks",
                   request_key="k", title="Birds", question=YES_NO)  # fmt: skip
    first = make()
    drafting.discard_draft(call=first, by="x")

    second = make()

    assert (second.pk != first.pk, second.slug) == (True, first.slug)
    assert list(calls_of(organisation)) == [second]


def test_drafts_begun_by_somebody_are_those_without_anything_typed() -> None:
    call = make_draft()
    other = drafting.duplicate_call(call=call, by="y", with_tasks=False)

    begun = drafting.drafts_begun_by("y", organisation=call.organisation)

    assert list(begun) == [other]
    drafting.keep_typed(call=other, page="question", typed={"title_en": [""]})
    assert not begun.all().exists()
    drafting.forget_typed(call=other, page="question")
    assert list(begun.all()) == [other]


def test_template_makes_the_same_call_again() -> None:
    call = make_draft()

    made = drafting.save_template(call=call, name="  Birds \n weekly ", by="x")
    again = create_call(organisation=call.organisation, by="x", kind="tasks", **made.fields)

    assert made.name == "Birds weekly"
    assert drafting.fields_of(again) == drafting.fields_of(call)


def test_template_belongs_to_its_organisation_and_its_name_to_it() -> None:
    call = make_draft()
    made = drafting.save_template(call=call, name="Birds", by="x")
    other = make_organisation()

    with pytest.raises(drafting.TemplateTaken):
        drafting.save_template(call=call, name="Birds", by="x")
    with pytest.raises(Invalid):
        drafting.save_template(call=call, name=" ", by="x")
    with pytest.raises(Unknown):
        drafting.find_template(organisation=other, template_id=made.pk)
    drafting.remove_template(organisation=other, template_id=made.pk, by="x")

    assert drafting.templates_of(call.organisation).get() == made
    drafting.remove_template(organisation=call.organisation, template_id=made.pk, by="x")
    assert not drafting.templates_of(call.organisation).exists()


def test_what_was_typed_is_kept_page_by_page() -> None:
    call = make_draft()

    drafting.keep_typed(call=call, page="question", typed={"title_en": [""]})
    drafting.keep_typed(call=call, page="terms", typed={"care": ["quick"]})
    drafting.keep_typed(call=call, page="question", typed={"title_en": ["B"]})

    assert drafting.read_typed(call=call, page="question") == {"title_en": ["B"]}
    assert drafting.read_typed(call=call, page="terms") == {"care": ["quick"]}
    assert drafting.read_typed(call=call, page="tasks") is None
