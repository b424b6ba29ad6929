"""Verdicts: decided by the call's rule, from answers that can be named and fitted again."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from dure import postgres
from dure.calls.models import Call
from dure.calls.tasks import answers, turns, verdicts
from dure.calls.tasks.models import TaskProgress, Verdict, VerdictRun
from tests.factories import HOW_MANY, WHICH_NAME, make_call

pytestmark = pytest.mark.usefixtures("live_db")


def crowd_answers(call: Call, *columns: list[Any]) -> list[str]:
    """Each column is one new person's answers to t1, t2, …; gives the ids of their answers."""
    ids = []
    for column in columns:
        key = answers.new_key()
        answers.run(answers.join_call(slug=call.slug, key=None, fresh_key=key))
        leased = turns.lease_tasks(call_id=call.pk, key=key, n=50)["tasks"]
        given = [
            {"id": str(uuid4()), "task": task["id"], "value": value}
            for task, value in zip(leased, column, strict=False)
        ]
        batch = answers.read_answers(question=call.question, given=given)
        reply = turns.record_answers(call_id=call.pk, key=key, batch=batch)
        assert reply["accepted"] == [answer["id"] for answer in given]
        ids += reply["accepted"]
    return ids


def states(call: Call) -> list[str]:
    rows = TaskProgress.objects.filter(call_id=call.pk).order_by("task_id")
    return list(rows.values_list("state", flat=True))


def test_task_is_decided_at_its_target_and_disputed_at_its_maximum() -> None:
    call = make_call(n_tasks=3, answers_min=2, answers_max=4, answers_target=0.7)
    crowd_answers(call, ["yes", "yes"], ["yes", "no"], ["yes", "yes"], ["yes", "no"])

    run = verdicts.decide_tasks(call_id=call.pk)

    assert states(call) == ["decided", "disputed", "open"]
    assert run is not None
    assert (run.tasks_decided, run.tasks_disputed, run.tasks_open) == (1, 1, 1)
    assert run.answers_seen == 8
    first = Verdict.objects.order_by("task_id")[0]
    assert (first.label, first.answers) == ("yes", 4)
    assert 0.7 <= first.probability < 1


def test_agreement_below_the_minimum_decides_nothing() -> None:
    call = make_call(n_tasks=1, answers_min=3, answers_max=5, answers_target=0.5)
    crowd_answers(call, ["yes"], ["yes"])

    verdicts.decide_tasks(call_id=call.pk)

    assert states(call) == ["open"]


def test_without_a_target_exactly_the_maximum_decides() -> None:
    call = make_call(n_tasks=2, answers_min=1, answers_max=2, answers_target=None)
    crowd_answers(call, ["yes", "yes"], ["no"])

    verdicts.decide_tasks(call_id=call.pk)

    assert states(call) == ["decided", "open"]


def test_numbers_get_an_estimate_and_are_decided_at_the_maximum() -> None:
    call = make_call(n_tasks=1, question=HOW_MANY, answers_min=2, answers_max=3)
    crowd_answers(call, [10], [11], [12])

    run = verdicts.decide_tasks(call_id=call.pk)

    verdict = Verdict.objects.get()
    assert states(call) == ["decided"]
    assert verdict.low <= verdict.estimate <= verdict.high
    assert 10 <= verdict.estimate <= 12
    assert (verdict.label, verdict.answers, run and run.classes) == (None, 3, [])


def test_numbers_are_decided_at_the_maximum_however_sure_they_are() -> None:
    call = make_call(n_tasks=2, question=HOW_MANY, answers_min=1, answers_max=2, answers_target=0.5)
    crowd_answers(call, [4, 4], [4])

    verdicts.decide_tasks(call_id=call.pk)

    assert states(call) == ["decided", "open"]
    assert verdicts.stirred_calls() == []


def test_texts_are_decided_as_soon_as_they_are_sure_enough() -> None:
    call = make_call(
        n_tasks=2, question=WHICH_NAME, answers_min=2, answers_max=4, answers_target=0.6
    )
    crowd_answers(call, ["Duri", "Duri"], ["duri", "Dora"], ["Duri", "Mira"])

    verdicts.decide_tasks(call_id=call.pk)

    assert states(call) == ["decided", "open"]
    assert Verdict.objects.order_by("task_id")[0].label == "Duri"


def test_skips_and_undone_answers_are_not_seen() -> None:
    call = make_call(n_tasks=1, answers_min=1, answers_max=5)
    crowd_answers(call, [None], ["yes"])
    key = answers.new_key()
    answers.run(answers.join_call(slug=call.slug, key=None, fresh_key=key))
    task = turns.lease_tasks(call_id=call.pk, key=key, n=1)["tasks"][0]["id"]
    given = [{"id": str(uuid4()), "task": task, "value": "no"}]
    batch = answers.read_answers(question=call.question, given=given)
    turns.record_answers(call_id=call.pk, key=key, batch=batch)
    answers.run(answers.undo_answer(call_id=call.pk, key=key, answer=given[0]["id"]))

    run = verdicts.decide_tasks(call_id=call.pk)

    assert run is not None
    assert run.answers_seen == 1
    assert Verdict.objects.get().label == "yes"


def test_verdict_goes_when_its_only_answer_is_taken_back() -> None:
    call = make_call(n_tasks=1, answers_min=1, answers_max=1, answers_target=None)
    crowd_answers(call, ["yes"])
    verdicts.decide_tasks(call_id=call.pk)
    assert states(call) == ["decided"]

    with postgres.connect("owner") as owner:
        owner.execute("update tasks_answer set undone_seq = nextval('tasks_answer_seq')")
        owner.execute("update tasks_taskprogress set counted = 0")
    verdicts.decide_tasks(call_id=call.pk)

    assert states(call) == ["open"]
    assert not Verdict.objects.exists()


def test_every_run_can_be_made_again_from_the_answers_it_saw() -> None:
    call = make_call(n_tasks=4, answers_min=1, answers_max=9)
    runs = []
    for column in (["yes", "no", "yes", "no"], ["yes", "yes", "no", "no"], ["no", "yes", None]):
        crowd_answers(call, column)
        runs.append(verdicts.decide_tasks(call_id=call.pk))

    digests = [verdicts.make_again(run).digest() for run in runs if run]

    stored = VerdictRun.objects.order_by("id").values_list("digest", flat=True)
    assert digests == [bytes(digest) for digest in stored]
    assert len(set(digests)) == 3


@pytest.mark.parametrize("predict", [False, True])
def test_fit_reads_all_answers_in_however_many_parts(
    monkeypatch: pytest.MonkeyPatch, predict: bool
) -> None:
    question = {"type": "choice", "text": "?", "options": ["yes", "no", "maybe"]}
    call = make_call(
        n_tasks=3, answers_min=1, answers_max=9, question=question | {"predict": predict}
    )
    crowd_answers(call, ["yes", "no", "yes"], ["maybe", "yes", "yes"], ["no", "no", "maybe"])
    mark = verdicts.mark_seen(call.pk)
    whole = verdicts.read_counted(call, up_to=mark.up_to, as_of=mark.as_of)
    monkeypatch.setattr(verdicts, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(verdicts, "VALUES_KEPT_MAX", 1)

    parts = verdicts.read_counted(call, up_to=mark.up_to, as_of=mark.as_of)

    assert parts == whole
    assert len(parts.tasks) == len(parts.predictions or parts.values) == 9
    assert sorted(parts.values) == ["maybe"] * 2 + ["no"] * 3 + ["yes"] * 4


def test_call_is_stirred_by_answers_and_still_after_a_look() -> None:
    call = make_call(n_tasks=1)
    assert verdicts.stirred_calls() == []

    crowd_answers(call, ["yes"])
    before = verdicts.stirred_calls()
    verdicts.decide_tasks(call_id=call.pk)

    assert (before, verdicts.stirred_calls()) == ([call.pk], [])


def test_second_fit_of_a_call_leaves_it_to_the_first() -> None:
    call = make_call(n_tasks=1)
    crowd_answers(call, ["yes"])
    with postgres.connect("app") as other:
        other.execute("select pg_advisory_lock(%s)", [verdicts.FIT_LOCK + call.pk])

        run = verdicts.decide_tasks(call_id=call.pk)

    assert run is None
    assert not VerdictRun.objects.exists()


def test_planted_truth_decides_its_task() -> None:
    call = make_call(n_tasks=2, answers_min=1, answers_max=5, answers_target=0.99)
    call.tasks.filter(key="t1").update(gold="no")
    crowd_answers(call, ["yes", "yes"])

    verdicts.decide_tasks(call_id=call.pk)

    told, answered = Verdict.objects.order_by("task_id")
    assert (told.label, told.probability) == ("no", 1.0)
    # Who was wrong where the truth is known is hardly believed elsewhere.
    assert answered.probability < 0.6
    assert states(call) == ["decided", "open"]
