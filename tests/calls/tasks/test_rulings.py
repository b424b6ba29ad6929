"""A ruling decides its task, is gold for the next fit, and stays on record with its reason."""

from __future__ import annotations

import pytest

from dure.calls.models import Call
from dure.calls.tasks import verdicts
from dure.calls.tasks.models import Ruling, Task, TaskProgress, Verdict
from dure.calls.tasks.rulings import NoSuchTask, rule_task, rulings_of
from dure.clock import now
from dure.errors import Invalid, WrongState
from dure.people.models import AuditEntry
from tests.calls.tasks.test_verdicts import crowd_answers, states
from tests.factories import HOW_MANY, make_call

pytestmark = pytest.mark.usefixtures("live_db")


def first_task(call: Call) -> int:
    return Task.objects.filter(call=call).earliest("id").id


def rule(call: Call, value: object = "no", reason: str = "I was there") -> Ruling:
    return rule_task(call=call, task_id=first_task(call), value=value, reason=reason, by="x")


def test_ruled_task_is_decided_at_once_and_the_next_fit_says_the_same() -> None:
    call = make_call(n_tasks=2, answers_min=3, answers_max=5)
    crowd_answers(call, ["yes", "yes"])

    rule(call)

    assert states(call) == ["decided", "open"]
    verdicts.decide_tasks(call_id=call.pk)
    assert states(call) == ["decided", "open"]
    verdict = Verdict.objects.order_by("task_id")[0]
    assert (verdict.label, verdict.probability) == ("no", 1.0)


def test_fit_from_before_a_ruling_is_made_again_without_it() -> None:
    call = make_call(n_tasks=2)
    crowd_answers(call, ["yes", "yes"], ["yes", "no"])
    before = verdicts.decide_tasks(call_id=call.pk)
    rule(call)
    after = verdicts.decide_tasks(call_id=call.pk)

    assert before is not None
    assert after is not None
    assert before.digest != after.digest
    for run in (before, after):
        run.refresh_from_db()
        assert verdicts.make_again(run).digest() == bytes(run.digest)


def test_last_ruling_holds_and_the_earlier_stays_on_record() -> None:
    call = make_call(n_tasks=1)
    crowd_answers(call, ["yes"])

    rule(call, "no", "at a glance")
    rule(call, "yes", "after a closer look")

    assert rulings_of(call.pk, as_of=now()) == {"t1": "yes"}
    reasons = Ruling.objects.order_by("id").values_list("reason", flat=True)
    assert list(reasons) == ["at a glance", "after a closer look"]
    entry = AuditEntry.objects.filter(action="rule task").last()
    assert entry is not None
    assert entry.facts == {"task": "t1", "value": "yes", "reason": "after a closer look"}


def test_ruling_sent_again_is_the_one_that_stands() -> None:
    call = make_call(n_tasks=1)
    crowd_answers(call, ["yes"])

    first, again = rule(call), rule(call, reason="I  was there ")
    rule(call, "yes")
    back = rule(call)

    assert again == first
    values = Ruling.objects.order_by("id").values_list("value", flat=True)
    assert list(values) == ["no", "yes", "no"]
    assert back.pk != first.pk
    assert AuditEntry.objects.filter(action="rule task").count() == 3


def test_number_is_ruled_as_it_is_typed() -> None:
    call = make_call(n_tasks=1, question=HOW_MANY)
    crowd_answers(call, [7], [9])

    assert rule(call, "12").value == 12


@pytest.mark.parametrize(
    ("value", "reason", "sentence"),
    [
        ("no", "  ", "A ruling needs a reason of 1 to 500 letters."),
        ("", "because", "A ruling says what is true; choose or write an answer."),
        ("maybe", "because", "gold does not answer the question. Expected 'yes' or 'no'"),
    ],
)
def test_ruling_that_says_nothing_is_refused(value: str, reason: str, sentence: str) -> None:
    call = make_call(n_tasks=1)

    with pytest.raises(Invalid) as refused:
        rule(call, value, reason)

    assert str(refused.value).split(";")[0] == sentence.split(";")[0]
    assert Ruling.objects.count() == 0
    assert TaskProgress.objects.get().state == "open"


def test_drafts_and_foreign_tasks_are_not_ruled() -> None:
    draft, call, other = make_call(state="draft"), make_call(), make_call()

    with pytest.raises(WrongState):
        rule(draft)
    with pytest.raises(NoSuchTask):
        rule_task(call=call, task_id=first_task(other), value="no", reason="x", by="x")

    assert Ruling.objects.count() == 0
