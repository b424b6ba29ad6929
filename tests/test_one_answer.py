"""One answer, from the request to the ledger: the stops that docs/one-answer.md walks."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from dure.calls.tasks.models import Accrual, Answer, Tally, TaskProgress, Verdict, VerdictRun
from dure.calls.tasks.pay import earnings, pay_answers
from dure.calls.tasks.verdicts import decide_tasks, make_again, stirred_calls
from dure.clock import now
from dure.doors.collect.app import Collecting
from dure.ledger.audit import audit
from dure.ledger.models import Entry
from dure.ledger.money import Money
from dure.people.models import Contributor
from tests.asgi import request
from tests.factories import make_call

WON = {"kind": "per_answer", "amount_minor": 50, "currency": "KRW"}


@pytest.mark.usefixtures("live_db")
async def test_one_answer_goes_from_the_request_to_the_ledger() -> None:
    call = await sync_to_async(make_call)(
        n_tasks=1, answers_min=1, answers_max=1, answers_target=None, promise=WON
    )
    door = Collecting()

    # 1 to 3: the door takes the request, take_turns stores the answer, the reply is a promise.
    token = (await request(door, "/collect/join", {"call": call.slug})).json()["token"]
    leased = await request(door, "/collect/lease", {"call": call.slug, "n": 1}, token=token)
    (task,) = leased.json()["tasks"]
    answer = {"id": str(uuid4()), "task": task["id"], "value": "yes", "ms": 1200}
    body = {"call": call.slug, "answers": [answer]}
    reply = await request(door, "/collect/answers", body, token=token)
    assert reply.json()["accepted"] == [answer["id"]]
    await door.close()

    await sync_to_async(follow)(call.pk, answer["id"])
    await sync_to_async(connections.close_all)()


def follow(call_id: int, answer_id: str) -> None:
    stored = Answer.objects.get()
    assert (str(stored.id), stored.value, stored.is_late) == (answer_id, "yes", False)
    assert TaskProgress.objects.get().counted == 1
    assert Tally.objects.get().counted == 1
    assert stirred_calls() == [call_id]

    # 4 and 5: the verdict job fits the answers with the engine and decides the task.
    run = decide_tasks(call_id=call_id)
    assert run == VerdictRun.objects.get()
    assert (run.answers_seen, run.seen_up_to > stored.seq) == (1, True)
    assert make_again(run).digest() == bytes(run.digest)
    verdict = Verdict.objects.get()
    assert (verdict.label, verdict.answers, TaskProgress.objects.get().state) == (
        "yes",
        1,
        "decided",
    )
    assert 0.5 < verdict.probability < 1

    # 6 and 7: once it can't be undone the answer earns its promise, and the ledger says so.
    assert pay_answers(call_id=call_id) == 0
    assert pay_answers(call_id=call_id, at=now() + timedelta(seconds=11)) == 1
    contributor = Contributor.objects.get()
    assert Accrual.objects.get().amount_minor == 50
    assert earnings(call_id=call_id, contributor_id=contributor.id) == [Money(50, "KRW")]
    assert sorted(Entry.objects.values_list("amount_minor", flat=True)) == [-50, 50]
    assert audit().is_sound
