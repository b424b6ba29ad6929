"""Leases that ran out, ended in the background: all of them, once, and found by an index."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import connection, transaction

from dure import postgres
from dure.calls.models import Call
from dure.calls.tasks import leases
from dure.calls.tasks.leases import end_old_leases
from dure.calls.tasks.models import Lease, TaskProgress
from dure.people.models import Contributor, Person
from tests.factories import make_call, make_organisation

pytestmark = pytest.mark.usefixtures("live_db")

END_ALL = "select collect.end_old_leases_of_all(%s)"
# A few for each call with leases, and for each that ran out.
ROWS_LOOKED_AT_MAX = 1_000


def lend(calls: list[Call], *, people: int, until: str) -> int:
    """Every task of these calls is held by as many people, each until so long from now."""
    for call in calls:
        persons = Person.objects.bulk_create([Person() for _ in range(people)])
        Contributor.objects.bulk_create(
            [Contributor(call_id=call.pk, person=one, pseudonym=f"w{one.pk}") for one in persons]
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into tasks_lease (call_id, contributor_id, task_id, until)"
            " select p.call_id, c.id, p.task_id, now() + %s::interval"
            " from tasks_taskprogress p join people_contributor c on c.call_id = p.call_id"
            " where p.call_id = any(%s) and not exists ("
            "  select from tasks_lease l where l.call_id = c.call_id and l.contributor_id = c.id)"
            " order by p.call_id, p.task_id, c.id",
            [until, [call.pk for call in calls]],
        )
        lent = cursor.rowcount
        cursor.execute(
            "update tasks_taskprogress p set leased = leased + %s where p.call_id = any(%s)",
            [people, [call.pk for call in calls]],
        )
    return lent


def held() -> int:
    return Lease.objects.filter(status="held").count()


def seats_taken() -> list[int]:
    return list(TaskProgress.objects.order_by("pk").values_list("leased", flat=True))


def test_leases_that_ran_out_end_in_every_call_and_those_that_did_not_stay() -> None:
    is_over = [make_call(n_tasks=2, answers_max=5, state=state) for state in ("open", "paused")]
    both = make_call(n_tasks=2, answers_max=5)
    lend([*is_over, both], people=2, until="-1 second")
    lend([both], people=1, until="1 hour")

    ended = [end_old_leases(), end_old_leases()]

    assert ended == [12, 0]
    assert seats_taken() == [0, 0, 0, 0, 1, 1]
    assert held() == 2


def test_many_go_in_batches_and_what_is_left_waits_for_the_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(leases, "ROWS_AT_ONCE", 4)
    monkeypatch.setattr(leases, "BATCHES_MAX", 2)
    lend([make_call(n_tasks=3), make_call(n_tasks=3)], people=2, until="-1 second")

    ended = [end_old_leases(), end_old_leases(), end_old_leases()]

    assert ended == [8, 4, 0]
    assert held() == sum(seats_taken()) == 0


def test_second_worker_passes_over_what_the_first_is_ending() -> None:
    lend([make_call(n_tasks=5)], people=1, until="-1 second")

    with postgres.connect("app") as other, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(END_ALL, [3])
        other.execute("set statement_timeout = '5s'")
        second = other.execute(END_ALL, [5]).fetchone()
        third = other.execute(END_ALL, [5]).fetchone()

    assert (second, third) == ((2,), (0,))
    assert held() == sum(seats_taken()) == 0


def test_workers_at_once_end_every_lease_once() -> None:
    lend([make_call(n_tasks=40, answers_max=5) for _ in range(5)], people=4, until="-1 second")

    def work(_: int) -> int:
        ended = 0
        with postgres.connect("app") as worker:
            # Those that another holds are passed over: one empty turn is not the end.
            for _turn in range(60):
                ended += worker.execute(END_ALL, [20]).fetchone()[0]  # type: ignore[index]
        return ended

    with ThreadPoolExecutor(4) as pool:
        ended = sum(pool.map(work, range(4)))

    assert ended == 800
    assert held() == sum(seats_taken()) == 0


def test_lease_is_left_to_whoever_has_its_task_in_hand() -> None:
    call = make_call(n_tasks=2)
    lend([call], people=1, until="-1 second")
    first = TaskProgress.objects.order_by("pk").values_list("task_id", flat=True)[0]

    with postgres.connect("owner") as answering, answering.transaction():
        answering.execute(
            "select from tasks_taskprogress where task_id = %s for no key update", [first]
        )
        meanwhile = end_old_leases()
        answering.execute("update tasks_lease set status = 'answered' where task_id = %s", [first])
        answering.execute(
            "update tasks_taskprogress set leased = 0, counted = 1 where task_id = %s", [first]
        )

    assert (meanwhile, end_old_leases()) == (1, 0)
    assert sorted(Lease.objects.values_list("status", flat=True)) == ["answered", "ended"]


@pytest.mark.parametrize(
    ("plan", "are_counted"),
    [("auto", True), ("auto", False), ("force_generic_plan", True)],
    ids=["statistics", "no statistics", "one plan for all"],
)
def test_a_few_among_a_hundred_thousand_are_found_without_a_walk(
    plan: str, *, are_counted: bool
) -> None:
    organisation = make_organisation()
    # A seat more than are taken, so that the sum of counts stays within it.
    calls = [make_call(organisation=organisation, n_tasks=0, answers_max=60) for _ in range(200)]
    with connection.cursor() as cursor:
        for call in calls:
            cursor.execute(
                "select count(*) from tasks_add(%s, 60, %s, %s, %s)",
                [call.pk, list("abcdefghij"), ["{}"] * 10, ["null"] * 10],
            )
    lent = lend(calls, people=50, until="1 hour")
    with postgres.connect("owner") as owner:
        if are_counted:
            owner.execute("analyze")
        owner.execute(
            "update tasks_lease set until = now() - interval '1 second'"
            " where contributor_id % 1000 = 7"
        )

    with postgres.connect("owner") as owner, owner.transaction():
        owner.execute(f"set local plan_cache_mode = {plan}")
        n_due = owner.execute("select count(*) from tasks_lease where until < now()").fetchone()
        before = walked(owner)
        ended = owner.execute(END_ALL, [500]).fetchone()
        after = walked(owner)

    assert lent == 100_000
    assert ended == n_due == (100,)
    assert after["seq_scan"] == before["seq_scan"]
    assert after["idx_tup_fetch"] - before["idx_tup_fetch"] < ROWS_LOOKED_AT_MAX


def walked(owner: psycopg.Connection[tuple[int, int]]) -> dict[str, int]:
    """How this transaction has gone through the leases, also inside of functions."""
    row = owner.execute(
        "select seq_scan, idx_tup_fetch from pg_stat_xact_user_tables where relname = 'tasks_lease'"
    ).fetchone()
    assert row is not None
    return {"seq_scan": row[0], "idx_tup_fetch": row[1]}
