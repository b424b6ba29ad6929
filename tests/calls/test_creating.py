from __future__ import annotations

import re
from typing import Any

import pytest

from dure.calls.creating import NotADraft, change_draft, check_rule, create_call
from dure.calls.models import Call, CallChange
from dure.calls.tasks.models import Task, TaskProgress
from dure.errors import Invalid, WrongState
from dure.outbox.models import Event
from dure.people.models import AuditEntry
from tests.factories import HOW_MANY, YES_NO, make_call, make_organisation


def make(**fields: Any) -> Call:
    organisation = fields.pop("organisation", None) or make_organisation()
    given = {"kind": "tasks", "title": "Birds", "question": YES_NO, **fields}
    return create_call(organisation=organisation, by="token:1", **given)


def test_everything_but_kind_title_and_question_has_a_default(db: None) -> None:
    call = Call.objects.get(pk=make().pk)

    assert re.fullmatch(r"[2-9a-hjkmnp-z]{10}", call.slug)
    assert (call.state, call.visibility, call.language, call.brief) == ("draft", "sealed", "en", "")
    assert call.promise == {"kind": "nothing"}
    assert (call.answers_min, call.answers_max, call.answers_target, call.lease_s) == (
        3, 5, 0.95, 300,
    )  # fmt: skip
    assert CallChange.objects.get().step == "create"
    assert AuditEntry.objects.get().action == "create call"
    assert Event.objects.get().topic == "call.create"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": "vote"}, "Calls of kind 'vote' are not available yet; use 'tasks'."),
        ({"kind": "quiz"}, "A call's kind is 'tasks'; got 'quiz'."),
        ({"title": " "}, "title should not be empty."),
        ({"title": "x" * 201}, "title should have at most 200 letters; got 201."),
        ({"language": "English"}, "language is a code such as 'en' or 'ko'; got 'English'."),
        (
            {"visibility": "open"},
            "The visibility 'open' is not available yet; use 'sealed' or 'after_own'.",
        ),
        (
            {"answers": {"min": 4, "max": 3}},
            "answers.min should not be above answers.max; got 4 and 3.",
        ),
        ({"answers": {"max": 0}}, "answers.max is a whole number from 1 to 1000; got 0."),
        (
            {"answers": {"n": 1}},
            "answers has a field 'n'; known fields are min, max, target, lease_s.",
        ),
        (
            {"answers": {"target": 1.5}},
            (
                "answers.target is a probability above 0 and at most 1, or null to ask for max "
                "answers; got 1.5."
            ),
        ),
        ({"answers": {"lease_s": 0}}, "answers.lease_s is a whole number from 1 to 604800; got 0."),
        ({"colour": "red"}, "A call has no field 'colour'."),
    ],
)
def test_a_wrong_field_is_refused_with_a_sentence(
    db: None, fields: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Invalid) as refused:
        make(**fields)

    assert refused.value.sentence == sentence
    assert not Call.objects.exists()


def test_a_request_sent_again_with_its_key_makes_one_call(db: None) -> None:
    organisation = make_organisation()

    first = make(organisation=organisation, request_key="k")
    again = make(organisation=organisation, request_key="k")
    other_body = make(organisation=organisation, request_key="k", title="Other")
    other_organisation = make(request_key="k")

    assert again == first
    assert len({first.pk, other_body.pk, other_organisation.pk}) == 3
    assert CallChange.objects.count() == 3


def test_a_draft_changes_where_it_is_named_and_nowhere_else(db: None) -> None:
    call = make(answers={"min": 1, "max": 2})

    changed = change_draft(call=call, by="token:1", title={"ko": "새"}, answers={"max": 4})

    assert (changed.title, changed.answers_min, changed.answers_max) == ({"ko": "새"}, 1, 4)
    assert AuditEntry.objects.order_by("id").last().facts == {  # type: ignore[union-attr]
        "changed": ["answers_max", "title"]
    }


def test_a_change_that_says_the_same_is_no_change(db: None) -> None:
    call = make()

    change_draft(call=call, by="token:1", title="Birds", question=YES_NO)

    assert AuditEntry.objects.filter(action="change call").count() == 0


def test_a_new_maximum_reaches_the_tasks_that_are_there(db: None) -> None:
    call = make_call(state="draft", n_tasks=2)

    change_draft(call=call, by="token:1", answers={"max": 9})

    assert list(TaskProgress.objects.values_list("capacity", flat=True)) == [9, 9]


def test_a_question_that_the_golds_do_not_answer_is_refused(db: None) -> None:
    call = make_call(state="draft", n_tasks=1)
    Task.objects.update(gold="yes")

    with pytest.raises(WrongState) as refused:
        change_draft(call=call, by="token:1", question=HOW_MANY)

    assert refused.value.sentence == (
        "Task 't1' does not fit the new question: gold does not answer the question. "
        "Expected a number; got 'yes'."
    )
    assert Call.objects.get().question["type"] == "choice"


@pytest.mark.parametrize("state", ["open", "paused", "closed"])
def test_only_a_draft_can_be_changed(db: None, state: str) -> None:
    call = make_call(state=state)

    with pytest.raises(NotADraft):
        change_draft(call=call, by="token:1", title="Other")

    assert Call.objects.get().title == "A call"


@pytest.mark.parametrize(
    ("rule", "bounds"),
    [({}, (3, 5)), ({"max": 1}, (1, 1)), ({"max": 2}, (2, 2)), ({"min": 9}, (9, 9))],
)
def test_bound_that_was_not_named_gives_way_to_the_one_that_was(
    rule: dict[str, int], bounds: tuple[int, int]
) -> None:
    columns = check_rule(rule)

    assert (columns["answers_min"], columns["answers_max"]) == bounds


def test_a_question_that_the_tasks_can_not_be_asked_is_refused(db: None) -> None:
    call = make_call(state="draft", n_tasks=1)

    with pytest.raises(WrongState) as refused:
        change_draft(call=call, by="t", question={"type": "pair", "text": "Which?"})

    assert refused.value.sentence == (
        "Task 't1' does not fit the new question: Each task of a pair needs content.left and "
        "content.right."
    )
    call.refresh_from_db()
    assert call.question["type"] == "choice"


def test_others_answers_may_show_after_ones_own(db: None) -> None:
    assert make(visibility="after_own").visibility == "after_own"
