"""Weights of answers, told without a fit: with the prior they sum to the verdict's log odds."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from psycopg import errors

from dure import postgres, truth
from dure.calls.models import Call
from dure.calls.tasks import verdicts
from dure.calls.tasks.fitting import choices
from dure.calls.tasks.learned import Learned
from dure.calls.tasks.merging import merge_persons
from dure.calls.tasks.models import Answer, Task, Verdict, VerdictRun, WorkerHabits
from dure.calls.tasks.weighing.parts import Weighed
from dure.calls.tasks.weights import weigh_answers
from dure.people.models import Contributor
from tests.calls.tasks.test_verdicts import crowd_answers
from tests.factories import make_call

pytestmark = pytest.mark.usefixtures("live_db")
THREE = {"type": "choice", "text": "Which?", "options": ["a", "b", "c"]}
# Two ways to the same sum, in another order.
ROUNDING = 1e-9


def simulate(call: Call, *, n_tasks: int, skills: list[float], seed: int = 3) -> None:
    """A crowd whose members are right as often as `skills` says; task i's truth goes round."""
    chance = random.Random(seed)
    options = [option["value"] for option in call.question["options"]]
    crowd_answers(call, *(
        [options[task % len(options)] if chance.random() < skill else chance.choice(options)
         for task in range(n_tasks)]
        for skill in skills
    ))  # fmt: skip


def simulated(**fields: Any) -> Call:
    call = make_call(n_tasks=12, question=THREE, answers_max=20, answers_target=None, **fields)
    simulate(call, n_tasks=12, skills=[0.9, 0.9, 0.8, 0.6, 0.4, 0.1])
    return call


def weigh_all(call: Call) -> list[Weighed]:
    tasks = Task.objects.filter(call=call).order_by("id").values_list("id", flat=True)
    weighed = [weigh_answers(call=call, task_id=task) for task in tasks]
    return [one for one in weighed if isinstance(one, Weighed)]


def assert_sums(call: Call, weighed: list[Weighed]) -> None:
    """Each verdict's stored probabilities are what the prior and the weights say."""
    run = VerdictRun.objects.filter(call=call).latest("id")
    stored = Verdict.objects.filter(call_id=call.pk).order_by("task_id")
    assert len(weighed) == len(stored)
    for one, verdict in zip(weighed, stored, strict=True):
        likely = dict(zip(run.classes, verdict.posterior, strict=True))
        log_odds = math.log(likely[one.label] / likely[one.runner_up])
        assert one.label == verdict.label
        assert one.prior + sum(answer.weight for answer in one.answers) == pytest.approx(
            log_odds, abs=ROUNDING
        )
        assert one.log_odds == pytest.approx(log_odds, abs=ROUNDING)


def test_weights_sum_to_the_stored_probability_and_are_those_of_the_fit() -> None:
    call = simulated()
    run = verdicts.decide_tasks(call_id=call.pk)
    assert run is not None

    weighed = weigh_all(call)

    assert_sums(call, weighed)
    counted = verdicts.read_counted(call, up_to=run.seen_up_to, as_of=run.as_of)
    coded = truth.code_choices(counted.tasks, counted.workers, counted.values, classes="abc")
    posterior = truth.infer(coded.answers)
    key_of = dict(Task.objects.values_list("id", "key"))
    keys = [key_of[task] for task in sorted(key_of)]
    for key, one in zip(keys, weighed, strict=True):
        explained = truth.explain(posterior, coded.answers, task=coded.tasks.index(key))
        assert [answer.weight for answer in one.answers] == explained.weight_of_answer.tolist()
        assert one.prior == explained.prior


def test_weights_are_by_answer() -> None:
    call = simulated()
    verdicts.decide_tasks(call_id=call.pk)

    given = {one.id: one.value for one in Answer.objects.all()}
    found = {one.answer_id: one.value for weighed in weigh_all(call) for one in weighed.answers}

    assert found == given


def test_answers_after_the_fit_weigh_nothing_until_the_next() -> None:
    call = simulated()
    verdicts.decide_tasks(call_id=call.pk)
    before = weigh_all(call)

    simulate(call, n_tasks=12, skills=[0.9, 0.2], seed=8)
    meanwhile = weigh_all(call)
    verdicts.decide_tasks(call_id=call.pk)
    after = weigh_all(call)

    assert meanwhile == before
    assert {len(one.answers) for one in after} == {8}
    assert_sums(call, after)


def test_answers_of_persons_who_became_one_weigh_as_the_fit_counted_them() -> None:
    call = simulated()
    verdicts.decide_tasks(call_id=call.pk)
    before = weigh_all(call)
    people = list(Contributor.objects.filter(call_id=call.pk).order_by("id"))

    merge_persons(person_id=people[0].person_id, into_id=people[5].person_id)
    meanwhile = weigh_all(call)
    verdicts.decide_tasks(call_id=call.pk)
    after = weigh_all(call)

    assert meanwhile == before
    assert {len(one.answers) for one in after} == {5}
    assert_sums(call, after)
    kept = dict(WorkerHabits.objects.values_list("contributor_id", "concentration"))
    assert len(kept) == 6
    assert kept[people[0].id] == kept[people[5].id]


def test_of_a_known_truth_the_answers_alone_are_told() -> None:
    call = simulated()
    Task.objects.filter(call=call, key="t1").update(gold="c")
    verdicts.decide_tasks(call_id=call.pk)

    first, *others = weigh_all(call)

    assert (first.label, first.is_known) == ("c", True)
    assert first.log_odds < 0
    assert first.prior + sum(one.weight for one in first.answers) == pytest.approx(
        first.log_odds, abs=ROUNDING
    )
    assert not any(one.is_known for one in others)


def test_nothing_is_explained_before_a_verdict() -> None:
    call = simulated()

    assert weigh_all(call) == []


def test_nothing_is_explained_where_a_fit_kept_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    call = simulated()
    monkeypatch.setattr(choices, "learn", lambda *_, **__: Learned())
    verdicts.decide_tasks(call_id=call.pk)

    assert weigh_all(call) == []


def test_worker_whose_answers_were_taken_back_is_forgotten() -> None:
    call = simulated()
    first = verdicts.decide_tasks(call_id=call.pk)
    gone = Contributor.objects.filter(call_id=call.pk).earliest("id").id

    Answer.objects.filter(contributor_id=gone).update(
        undone_seq=first.seen_up_to, undone_at=first.as_of
    )
    second = verdicts.decide_tasks(call_id=call.pk)

    kept = WorkerHabits.objects.values_list("contributor_id", "run_id")
    others = Contributor.objects.filter(call_id=call.pk).exclude(id=gone)
    assert sorted(kept) == [(one.id, second.pk) for one in others.order_by("id")]
    assert second.learned != first.learned


def test_fit_that_dies_midway_leaves_all_of_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    call = simulated()
    verdicts.decide_tasks(call_id=call.pk)
    before = weigh_all(call), sorted(WorkerHabits.objects.values_list("contributor_id", "run_id"))
    simulate(call, n_tasks=12, skills=[0.9, 0.2], seed=8)

    def die(call_id: int) -> None:
        assert set(WorkerHabits.objects.values_list("run_id")) != {(before[1][0][1],)}
        raise KeyboardInterrupt

    monkeypatch.setattr(verdicts, "_settle_states", die)
    with pytest.raises(KeyboardInterrupt):
        verdicts.decide_tasks(call_id=call.pk)

    kept = sorted(WorkerHabits.objects.values_list("contributor_id", "run_id"))
    assert (weigh_all(call), kept) == before
    assert_sums(call, before[0])


def test_collecting_role_reads_nothing_of_what_a_fit_learned() -> None:
    call = simulated()
    verdicts.decide_tasks(call_id=call.pk)
    task = Task.objects.filter(call=call).earliest("id").id
    assert weigh_answers(call=call, task_id=task) is not None

    with postgres.connect("collect") as connection:
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("select concentration from tasks_workerhabits")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("select given from tasks_weighed_answers(%s, %s)", [call.pk, task])
