"""What came of a call, counted from its rows; one's own answers beside the crowd's."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from dure.calls.models import Call
from dure.calls.tasks import answers, turns
from dure.calls.tasks.merging import find_person, merge_persons
from dure.calls.tasks.models import Tally
from dure.calls.tasks.results import Outcome, compare_with_crowd, outcome_of
from dure.calls.tasks.verdicts import decide_tasks
from tests.factories import HOW_MANY, make_call

pytestmark = pytest.mark.django_db


def counted_call(**fields: Any) -> Call:
    """A call whose tally knows of its tasks, as after an import."""
    call = make_call(**fields)
    Tally.objects.create(call_id=call.pk, slot=0, tasks=call.tasks.count())
    return call


def give(call: Call, values: list[Any]) -> tuple[str, str]:
    """A new person's answers to t1, t2, …; their key and their name in the call."""
    key = answers.new_key()
    joined = answers.run(answers.join_call(slug=call.slug, key=None, fresh_key=key))
    leased = turns.lease_tasks(call_id=call.pk, key=key, n=50)["tasks"]
    given = [
        {"id": str(uuid4()), "task": task["id"], "value": value}
        for task, value in zip(leased, values, strict=False)
    ]
    if not given:
        return key, joined["contributor"]
    batch = answers.read_answers(question=call.question, given=given)
    turns.record_answers(call_id=call.pk, key=key, batch=batch)
    return key, joined["contributor"]


def merge(key: str, into: str) -> None:
    person, root = find_person(key), find_person(into)
    assert person is not None
    assert root is not None
    merge_persons(person_id=person.pk, into_id=root.pk)


def test_call_without_answers_has_an_outcome_of_nothing() -> None:
    call = counted_call(n_tasks=2)

    assert outcome_of(call_id=call.pk) == Outcome(people=0, answers=0, tasks=2, decided=0)


def test_people_are_counted_once_and_only_if_they_answered() -> None:
    call = counted_call(n_tasks=2, answers_min=1, answers_max=4)
    phone, _ = give(call, ["yes", "no"])
    laptop, _ = give(call, ["yes"])
    give(call, [None, "no"])
    give(call, [])
    merge(laptop, phone)

    outcome = outcome_of(call_id=call.pk)

    assert outcome == Outcome(people=2, answers=3, tasks=2, decided=0)


def test_own_answers_stand_beside_the_verdicts_from_all_browsers() -> None:
    call = make_call(n_tasks=3, answers_min=4, answers_max=5)
    phone, _ = give(call, ["no", "yes"])
    laptop, name = give(call, [None, None, "yes"])
    for _ in range(3):
        give(call, ["yes", "yes", "yes"])
    decide_tasks(call_id=call.pk)
    merge(laptop, phone)

    found = compare_with_crowd(call_id=call.pk, pseudonym=name)

    assert (found.agreed, found.compared) == (2, 3)
    assert [(t.crowd.content["text"], t.mine, t.crowd.label) for t in found.tasks] == [
        ("Task 3", "yes", "yes"),
        ("Task 2", "yes", "yes"),
        ("Task 1", "no", "yes"),
    ]
    assert [t.agrees for t in found.tasks] == [True, True, False]
    sure = [t.crowd.probability for t in found.tasks]
    assert all(one is not None and 0.5 < one < 1 for one in sure)
    assert len(compare_with_crowd(call_id=call.pk, pseudonym=name, most=1).tasks) == 1
    assert compare_with_crowd(call_id=call.pk, pseudonym=name, most=1).compared == 3


def test_number_stands_beside_the_estimate() -> None:
    call = make_call(n_tasks=1, question=HOW_MANY, answers_min=3, answers_max=3)
    _, name = give(call, [4])
    give(call, [6])
    give(call, [5])
    decide_tasks(call_id=call.pk)

    (task,) = compare_with_crowd(call_id=call.pk, pseudonym=name).tasks

    assert task.mine == 4
    assert task.crowd.estimate is not None
    assert 4 <= task.crowd.estimate <= 6
    assert task.crowd.label is None


def test_nobody_of_that_name_has_nothing_to_compare() -> None:
    call = make_call()
    other = make_call()
    _, elsewhere = give(other, ["yes"])

    assert compare_with_crowd(call_id=call.pk, pseudonym=elsewhere).tasks == []
    assert compare_with_crowd(call_id=call.pk, pseudonym="nobody").compared == 0
