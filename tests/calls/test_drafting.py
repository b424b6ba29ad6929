"""A call is begun from another or from a template, and what was typed is kept as it is."""

from __future__ import annotations

import pytest

from dure.calls import drafting
from dure.calls.creating import create_call
from dure.calls.life import open_call
from dure.calls.models import Call
from dure.calls.tasks.importing import add_tasks
from dure.calls.tasks.models import Task, TaskProgress
from dure.calls.tasks.queries import count_work
from dure.errors import Invalid, Unknown, WrongState
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
