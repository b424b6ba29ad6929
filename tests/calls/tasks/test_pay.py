from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections

from dure import clock, postgres
from dure.calls.models import Call
from dure.calls.shares.moving import call_owner, contributor_owner
from dure.calls.tasks import pay
from dure.calls.tasks.models import Accrual, Answer
from dure.calls.tasks.pay import earnings, pay_answers
from dure.errors import Unknown
from dure.ledger.audit import audit
from dure.ledger.journal import post
from dure.ledger.models import Entry, Purpose, Transaction
from dure.ledger.money import Money
from dure.ledger.queries import balances
from dure.people.models import Contributor, PersonMerge
from tests.factories import make_call, make_organisation
from tests.turns import lease, submit

pytestmark = pytest.mark.usefixtures("live_db")
KRW = {"kind": "per_answer", "amount_minor": 120, "currency": "KRW"}
USD = {"kind": "per_answer", "amount_minor": 5, "currency": "USD"}
UNDO_SECONDS = 10


def take_part(call: Call, key: bytes, values: list[str | None]) -> list[UUID]:
    """A person joins, leases and answers as a door would; the answers' ids."""
    with postgres.connect("collect") as door:
        door.execute("select collect.join_call(%s, %s, %s)", [call.slug, key, key])
        leased = lease(door, call_id=call.pk, key=key, n=len(values))
        answers = [
            {
                "id": str(uuid4()),
                "task": task["id"],
                "value": value,
                "is_skip": value is None,
                "phase": "first",
            }
            for task, value in zip(leased["tasks"], values, strict=True)
        ]
        result = submit(door, call_id=call.pk, key=key, answers=answers)
    assert len(result["accepted"] + result["late"]) == len(values)
    return [UUID(answer["id"]) for answer in answers]


def undo(call: Call, key: bytes, answer: UUID) -> None:
    with postgres.connect("collect") as door:
        door.execute("select collect.undo_answer(%s, %s, %s)", [call.pk, key, answer])


def move_time(*, seconds: float) -> None:
    """From now on the database's clock is ahead of this machine's."""
    with postgres.connect("owner") as owner:
        owner.execute(
            "create or replace function collect.now() returns timestamptz language sql volatile"
            f" as $$ select clock_timestamp() + interval '{seconds} seconds' $$"
        )


def merge(call: Call, first: int, second: int) -> None:
    """Two contributors turn out to be one person."""
    person, into = (
        Contributor.objects.get(call_id=call.pk, id=n).person_id for n in (second, first)
    )
    PersonMerge.objects.create(person_id=person, into_id=into, at=clock.now())
    with connection.cursor() as cursor:
        cursor.execute("select tasks_supersede_twins(%s, %s)", [call.pk, [first, second]])


def contributors(call: Call) -> list[int]:
    return list(
        Contributor.objects.filter(call_id=call.pk).order_by("id").values_list("id", flat=True)
    )


def paid(call: Call) -> list[list[Money]]:
    return [earnings(call_id=call.pk, contributor_id=n) for n in contributors(call)]


def check_ledger(call: Call) -> None:
    """The ledger holds each counted answer's amount, for its contributor, and nothing else."""
    counted = Answer.objects.filter(
        call_id=call.pk, is_skip=False, is_late=False, undone_seq=None, superseded_seq=None
    ).values_list("contributor_id", flat=True)
    rate = Money(call.promise["amount_minor"], call.promise["currency"])
    owed = Counter(counted)

    for contributor, total in zip(contributors(call), paid(call), strict=True):
        assert (sum(m.amount_minor for m in total)) == owed[contributor] * rate.amount_minor
        assert {m.currency for m in total} <= {rate.currency}
    owner = call_owner(call.pk)
    assert balances(owner=owner, purpose=Purpose.OWED_BY) == [rate * -owed.total()]
    assert not Accrual.objects.filter(posted_as=None).exists()
    assert audit().is_sound


@pytest.mark.parametrize("promise", [KRW, USD])
def test_each_counted_answer_earns_what_was_promised(promise: dict[str, Any]) -> None:
    call = make_call(n_tasks=6, promise=promise)
    take_part(call, b"a", ["yes", "no", "yes"])
    take_part(call, b"b", ["yes", "no"])
    move_time(seconds=UNDO_SECONDS)

    posted = pay_answers(call_id=call.pk)

    rate = Money(promise["amount_minor"], promise["currency"])
    assert posted == 5
    assert paid(call) == [[rate * 3], [rate * 2]]
    check_ledger(call)


def test_skipped_late_and_undone_answers_earn_nothing() -> None:
    call = make_call(n_tasks=6, promise=KRW)
    take_part(call, b"a", ["yes", None])
    [undone] = take_part(call, b"b", ["yes"])
    undo(call, b"b", undone)
    take_part(call, b"c", ["no"])
    with postgres.connect("collect") as door:
        key = b"d"
        door.execute("select collect.join_call(%s, %s, %s)", [call.slug, key, key])
        leased = lease(door, call_id=call.pk, key=key, n=1)
        Call.objects.filter(pk=call.pk).update(state="closed")
        late = {"id": str(uuid4()), "task": leased["tasks"][0]["id"], "value": "yes"} | {
            "is_skip": False,
            "phase": "first",
        }
        result = submit(door, call_id=call.pk, key=key, answers=[late])
    move_time(seconds=UNDO_SECONDS)

    posted = pay_answers(call_id=call.pk)

    assert result["late"] == [late["id"]]
    assert posted == 2
    assert paid(call) == [[Money(120, "KRW")], [], [Money(120, "KRW")], []]
    check_ledger(call)


def test_an_answer_earns_only_when_it_can_not_be_undone_any_more() -> None:
    call = make_call(promise=KRW)
    [answer] = take_part(call, b"a", ["yes"])
    given_at = Answer.objects.get(call_id=call.pk, id=answer).at
    last_moment = given_at + timedelta(seconds=UNDO_SECONDS, microseconds=-1)

    before = pay_answers(call_id=call.pk)
    early = pay_answers(call_id=call.pk, at=last_moment)
    after = pay_answers(call_id=call.pk, at=last_moment + timedelta(microseconds=1))

    assert (before, early, after) == (0, 0, 1)
    check_ledger(call)


def test_paying_again_changes_nothing_and_new_answers_add_to_it() -> None:
    call = make_call(n_tasks=6, promise=KRW)
    take_part(call, b"a", ["yes", "no"])
    move_time(seconds=UNDO_SECONDS)
    first = [pay_answers(call_id=call.pk) for _ in range(3)]
    move_time(seconds=0)
    take_part(call, b"a", ["no"])
    move_time(seconds=UNDO_SECONDS)

    second = [pay_answers(call_id=call.pk) for _ in range(2)]

    assert (first, second) == ([2, 0, 0], [1, 0])
    assert paid(call) == [[Money(360, "KRW")]]
    assert list(Transaction.objects.order_by("id").values_list("reason", "facts")) == [
        ("answers-counted", {"call": call.pk, "answers": 2}),
        ("answers-counted", {"call": call.pk, "answers": 1}),
    ]
    check_ledger(call)


def test_a_batch_has_one_leg_for_each_contributor_and_one_against_them() -> None:
    call = make_call(n_tasks=6, promise=KRW)
    for key in (b"a", b"b", b"c"):
        take_part(call, key, ["yes", "no", "yes"])
    move_time(seconds=UNDO_SECONDS)

    pay_answers(call_id=call.pk)

    owners = [contributor_owner(call_id=call.pk, contributor_id=n) for n in contributors(call)]
    legs = Entry.objects.order_by("place").values_list(
        "account__owner", "account__purpose", "amount_minor"
    )
    assert list(legs) == [
        *((owner, "owed_to", 360) for owner in owners),
        (call_owner(call.pk), "owed_by", -1080),
    ]


def test_two_calls_of_an_organisation_owe_together_and_pay_apart() -> None:
    organisation = make_organisation()
    calls = [make_call(promise=KRW, organisation=organisation) for _ in range(2)]
    for call in calls:
        take_part(call, b"a", ["yes"])
    move_time(seconds=UNDO_SECONDS)

    assert pay_at_once([call.pk for call in calls]) == [1, 1]

    for call in calls:
        assert balances(owner=call_owner(call.pk), purpose=Purpose.OWED_BY) == [Money(-120, "KRW")]
    assert [paid(call) for call in calls] == [[[Money(120, "KRW")]]] * 2


def test_two_jobs_at_once_pay_each_answer_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pay, "ACCRUALS_PER_BATCH", 3)
    call = make_call(n_tasks=8, promise=KRW)
    for round_ in range(4):
        move_time(seconds=0)
        take_part(call, b"a%d" % round_, ["yes"] * 8)
        move_time(seconds=UNDO_SECONDS)

        outcomes = pay_at_once([call.pk] * 3)

        assert sum(outcomes) == 8
        assert pay_answers(call_id=call.pk) == 0
        check_ledger(call)


def pay_at_once(call_ids: list[int]) -> list[int]:
    barrier = Barrier(len(call_ids))

    def run(call_id: int) -> int:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            return pay_answers(call_id=call_id)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(call_ids)) as pool:
        return list(pool.map(run, call_ids))


def test_a_job_that_finds_another_at_work_waits_for_it() -> None:
    call = make_call(promise=KRW)
    take_part(call, b"a", ["yes"])
    move_time(seconds=UNDO_SECONDS)

    with ThreadPoolExecutor(1) as pool, postgres.connect("app") as other:
        with other.transaction():
            other.execute("select tasks_hold_pay(%s)", [call.pk])
            waiting = pool.submit(pay_at_once, [call.pk])
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.5)
        outcomes = waiting.result(timeout=60)

    assert outcomes == [1]
    check_ledger(call)


class Crash(Exception):
    pass


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_a_crash_in_any_batch_is_made_up_for_by_the_next_run(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pay, "ACCRUALS_PER_BATCH", 3)
    call = make_call(n_tasks=4, promise=USD)
    for key in (b"a", b"b"):
        take_part(call, key, ["yes"] * 4)
    move_time(seconds=UNDO_SECONDS)
    posted = []

    def post_then_die(**posting: Any) -> Transaction:
        posted.append(post(**posting))
        if len(posted) == batch:
            # The ledger's rows are written, the marks on the accruals are not.
            raise Crash
        return posted[-1]

    monkeypatch.setattr(pay, "post", post_then_die)
    with pytest.raises(Crash):
        pay_answers(call_id=call.pk)
    survived = Transaction.objects.count()
    monkeypatch.setattr(pay, "post", post)
    rest = pay_answers(call_id=call.pk)

    assert survived == batch - 1
    assert rest == 8 - 3 * survived
    assert [t.key for t in Transaction.objects.order_by("id")][survived] == posted[-1].key
    check_ledger(call)


def test_an_answer_superseded_after_it_was_paid_is_taken_back() -> None:
    call = make_call(n_tasks=2, promise=KRW)
    take_part(call, b"a", ["yes", "no"])
    take_part(call, b"b", ["no", "no"])
    move_time(seconds=UNDO_SECONDS)
    pay_answers(call_id=call.pk)
    [counted] = Transaction.objects.all()
    first, second = contributors(call)
    merge(call, first, second)

    again = [pay_answers(call_id=call.pk) for _ in range(2)]

    withdrawn = Transaction.objects.latest("id")
    assert again == [2, 0]
    assert paid(call) == [[Money(240, "KRW")], [Money(0, "KRW")]]
    assert withdrawn.reason == "answers-withdrawn"
    assert withdrawn.facts == {"call": call.pk, "answers": 2, "corrects": [counted.key]}
    check_ledger(call)


def test_an_answer_superseded_before_it_was_paid_earns_nothing() -> None:
    call = make_call(n_tasks=1, promise=KRW)
    take_part(call, b"a", ["yes"])
    take_part(call, b"b", ["no"])
    merge(call, *contributors(call))
    move_time(seconds=UNDO_SECONDS)

    assert pay_answers(call_id=call.pk) == 1

    assert paid(call) == [[Money(120, "KRW")], []]
    check_ledger(call)


def test_an_answer_undone_although_it_was_paid_is_taken_back() -> None:
    call = make_call(promise=KRW)
    [answer] = take_part(call, b"a", ["yes"])
    # A clock that runs ahead pays too early.
    pay_answers(call_id=call.pk, at=clock.now() + timedelta(minutes=1))
    undo(call, b"a", answer)

    posted = pay_answers(call_id=call.pk)

    assert posted == 1
    assert paid(call) == [[Money(0, "KRW")]]
    check_ledger(call)


@pytest.mark.parametrize("promise", [{}, {"kind": "nothing"}])
def test_a_call_that_promises_nothing_pays_nothing(promise: dict[str, Any]) -> None:
    call = make_call(promise=promise)
    take_part(call, b"a", ["yes"])
    move_time(seconds=UNDO_SECONDS)

    assert pay_answers(call_id=call.pk) == 0

    assert (Accrual.objects.count(), Transaction.objects.count(), paid(call)) == (0, 0, [[]])


def test_a_call_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Unknown) as refusal:
        pay_answers(call_id=404)

    assert refusal.value.sentence == "There is no call 404."


def test_a_promise_that_got_better_while_pay_waited_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    call = make_call(promise=KRW, n_tasks=2)
    take_part(call, b"a", ["yes", "no"])
    move_time(seconds=UNDO_SECONDS)

    def better(call_id: int) -> None:
        Call.objects.filter(pk=call_id).update(promise={**KRW, "amount_minor": 150})

    monkeypatch.setattr(pay, "_hold_pay", better)
    pay_answers(call_id=call.pk)

    [one] = contributors(call)
    assert earnings(call_id=call.pk, contributor_id=one) == [Money(300, "KRW")]
