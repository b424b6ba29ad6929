"""Random rounds through the hot path and through a plain model agree."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from dure import postgres
from dure.calls.models import Call
from dure.calls.tasks.answers import hash_key
from dure.calls.tasks.merging import merge_persons
from dure.calls.tasks.models import Lease, Task, TaskProgress
from dure.doors.collect.app import Collecting
from dure.people.models import Person, PersonKey, PersonMerge
from tests.asgi import Reply
from tests.doors.collect.agreement import (
    Round,
    TooManyOrders,
    mark_busy,
    parts_of,
    roots,
    tables_of,
    told,
)
from tests.doors.collect.orm_model import Twin, twin_hash
from tests.doors.collect.rounds import (
    CALLS,
    KEYS,
    QUESTIONS,
    ROUND_MAX,
    TASKS,
    Sent,
    Wish,
    Writer,
    calls,
    few_keys,
    keys,
    send_round,
    wishes,
)
from tests.factories import make_call, make_organisation
from tests.histories import run_histories, stop_clock

RUNS = int(os.environ.get("DURE_STATE_RUNS", "10"))
LEASE_S, JOINED = 100, 5
# The share of rounds that may stay untold, for too many orders would have to be tried.
UNTOLD_MAX = 0.02
START = datetime(2026, 1, 1, tzinfo=UTC)
# Both sides of ten seconds and of a lease, to the second.
WAITS = [1, 9, 10, 60, 99, 100]

events = st.one_of(
    st.none(),
    st.tuples(st.just("wait"), st.sampled_from(WAITS)),
    st.tuples(st.just("wait"), st.sampled_from(WAITS)),
    st.tuples(st.just("state"), calls, st.sampled_from(["open", "open", "paused", "closed"])),
    st.tuples(st.just("merge"), keys, keys),
    st.tuples(st.just("revoke"), keys),
    st.tuples(st.just("decide"), calls, st.integers(0, TASKS - 1)),
)
crowds = st.lists(wishes(keys, calls), min_size=1, max_size=ROUND_MAX)
# Few persons in one call get into each other's way.
crushes = st.lists(wishes(few_keys, st.just(0)), min_size=2, max_size=ROUND_MAX // 2)


class Rounds(RuleBasedStateMachine):
    door: Collecting
    loop: asyncio.Runner
    owner: psycopg.Connection[Any]
    n_told = n_untold = 0
    is_untold = False

    @initialize(
        types=st.permutations(sorted(QUESTIONS)),
        maximum=st.integers(1, 3),
        same=st.sampled_from([None, (0, 1), (1, 0)]),
    )
    def open_calls(self, types: list[str], maximum: int, same: tuple[int, int] | None) -> None:
        self.now = START
        stop_clock(self.owner, self.now.isoformat())
        organisation = make_organisation()
        made = [
            [make_tasks(kind, maximum, organisation) for _ in range(2)] for kind in types[:CALLS]
        ]
        self.calls = [original for original, _ in made]
        self.twins = [Twin(twin, original=call, now=self.now) for call, twin in made]
        self.keys = [f"dure_p_{self.calls[0].pk} {n}" for n in range(KEYS)]
        self.persons = make_persons(self.keys, hash_key)
        self.twin_persons = make_persons(self.keys, twin_hash)
        self.writer = Writer(
            slugs=[call.slug for call in self.calls],
            types=types[:CALLS],
            task_ids=[twin.original_ids for twin in self.twins],
            tokens=self.keys,
        )
        self.acknowledged: dict[tuple[int, UUID], set[object]] = defaultdict(set)
        joined: list[tuple[Sent, Reply]] = []
        for key in range(JOINED):
            joins = [self.writer.write(Wish("join", key=key, call=n)) for n in range(CALLS)]
            joined += self.loop.run(send_round(self.door, joins))
        self.check(joined, [frozenset()] * CALLS)
        self.send([Wish("lease", key=n % JOINED, call=n // JOINED, n=3) for n in range(2 * JOINED)])
        if same and not self.is_untold:
            self.happen(("merge", *same))

    @rule(event=events, requests=crowds)
    def crowd(self, event: tuple[Any, ...] | None, requests: list[Wish]) -> None:
        self.go_on(event, requests)

    @rule(event=events, requests=crushes)
    def crush(self, event: tuple[Any, ...] | None, requests: list[Wish]) -> None:
        self.go_on(event, requests)

    def go_on(self, event: tuple[Any, ...] | None, requests: list[Wish]) -> None:
        if not self.is_untold:
            self.happen(event)
            self.send(requests)

    def happen(self, event: tuple[Any, ...] | None) -> None:
        """Something that comes about between two rounds, on both sides."""
        match event:
            case ("wait", seconds):
                self.now += timedelta(seconds=seconds)
                stop_clock(self.owner, self.now.isoformat())
                for twin in self.twins:
                    twin.now = self.now
            case ("state", call, state):
                both = [self.calls[call].pk, self.twins[call].call_id]
                Call.objects.filter(pk__in=both).update(state=state)
            case ("revoke", key):
                hashes = [hash_key(self.keys[key]), twin_hash(self.keys[key])]
                PersonKey.objects.filter(hash__in=hashes).update(revoked_at=self.now)
            case ("decide", call, task):
                ids = [self.twins[call].ids[task], self.twins[call].original_ids[task]]
                TaskProgress.objects.filter(task_id__in=ids).update(state="decided")
            case ("merge", one, other):
                self.merge(one, other)

    @transaction.atomic
    def merge(self, one: int, other: int) -> None:
        if merge_persons(person_id=self.persons[one].pk, into_id=self.persons[other].pk):
            person, into = (self.root(self.twin_persons[key]) for key in (one, other))
            PersonMerge.objects.create(person=person, into=into, at=self.now)
            for twin in self.twins:
                twin.supersede_twins(into)
            self.check_tables()

    def root(self, person: Person) -> Person:
        while merge := PersonMerge.objects.filter(person=person).first():
            person = merge.into
        return person

    def send(self, requests: list[Wish]) -> None:
        sent = [self.writer.write(wish) for wish in requests]
        ran_out = self.ran_out()

        replies = self.loop.run(send_round(self.door, sent))

        self.check(replies, ran_out)

    def check(self, replies: list[tuple[Sent, Reply]], ran_out: list[frozenset[int]]) -> None:
        told_of = "\n".join(f"{one.body!r} {one.token}\n  {got.body!r}" for one, got in replies)
        seen: list[str] = []
        root = roots()
        persons = [root.get(person.pk, person.pk) for person in self.persons]
        parts = parts_of(self.twins, replies, persons)
        mark_busy(parts, ran_out)
        tables = self.tables()

        def is_same(call: int) -> bool:
            seen[:] = differences(call, tables[call], self.twin_tables(call))
            return not seen

        order = Round(self.twins, self.keys, parts, ran_out, is_same)
        try:
            has_order = order.has_order()
        except TooManyOrders:
            # Not for hypothesis to know: another time the requests may be served otherwise.
            self.is_untold = True
            Rounds.n_untold += 1
        else:
            Rounds.n_told += 1
            assert has_order, "\n".join(
                ["no order gives these replies and tables:", told_of, *order.missed.values(), *seen]
            )
        self.remember(replies)
        self.check_counts()
        self.check_acknowledged()

    def remember(self, replies: list[tuple[Sent, Reply]]) -> None:
        for sent, reply in replies:
            if reply.status != 200 or sent.kind not in ("answers", "lease"):
                continue
            body = reply.json()
            ids = self.twins[sent.call].original_ids
            self.writer.hand(sent, [ids.index(task["id"]) for task in body["tasks"]])
            for fate in ("accepted", "late") if sent.kind == "answers" else ():
                for spelled, given in sent.given:
                    if spelled in body[fate] and given.fault is None:
                        which = (self.calls[sent.call].pk, given.id)
                        self.acknowledged[which].add((fate, repr(told(given))))

    def tables(self) -> list[dict[str, Any]]:
        return [tables_of(twin_call.pk, ids.original_ids, self.now)
                for twin_call, ids in zip(self.calls, self.twins, strict=True)]  # fmt: skip

    def twin_tables(self, call: int) -> dict[str, Any]:
        return tables_of(self.twins[call].call_id, self.twins[call].ids, self.now)

    def check_tables(self) -> None:
        assert self.tables() == [self.twin_tables(call) for call in range(CALLS)]

    def ran_out(self) -> list[frozenset[int]]:
        ids = [task for twin in self.twins for task in twin.original_ids]
        over = Lease.objects.filter(task_id__in=ids, status="held", until__lte=self.now)
        tasks = set(over.values_list("task_id", flat=True))
        return [
            frozenset(n for n, task in enumerate(twin.original_ids) if task in tasks)
            for twin in self.twins
        ]

    def check_counts(self) -> None:
        """Straight from the tables, whatever the model says."""
        calls = {"calls": [call.pk for call in self.calls]}
        for query in (WRONG_COUNTS, COUNTED_TWICE, WRONG_TALLIES):
            assert self.owner.execute(query, calls).fetchall() == []

    def check_acknowledged(self) -> None:
        """Each acknowledged id is stored once, with a value that was acknowledged under it."""
        rows = self.owner.execute(STORED, {"calls": [call.pk for call in self.calls]}).fetchall()
        stored = {
            (call, identity): ("late" if is_late else "accepted", repr((value, text, is_skip)))
            for call, identity, is_late, value, text, is_skip in rows
        }
        assert len(stored) == len(rows)
        assert set(stored) == set(self.acknowledged)
        assert all(fact in self.acknowledged[which] for which, fact in stored.items())


WRONG_COUNTS = """
select p.task_id, p.counted, p.leased from tasks_taskprogress p
where p.call_id = any(%(calls)s) and (
    p.counted + p.leased > p.capacity
    or p.counted <> (select count(*) from tasks_answer a
        where a.call_id = p.call_id and a.task_id = p.task_id and not a.is_skip
        and not a.is_late and a.undone_seq is null and a.superseded_seq is null)
    or p.leased <> (select count(*) from tasks_lease l
        where l.call_id = p.call_id and l.task_id = p.task_id and l.status = 'held'))
"""
COUNTED_TWICE = """
select people_root(c.person_id), a.task_id, a.phase from tasks_answer a
join people_contributor c on c.call_id = a.call_id and c.id = a.contributor_id
where a.call_id = any(%(calls)s) and a.undone_seq is null and a.superseded_seq is null
group by 1, 2, 3, a.call_id having count(*) > 1
"""
WRONG_TALLIES = """
select call_id, sum(counted), sum(skipped), sum(late), sum(undone), sum(superseded), sum(events)
from (
    select call_id, counted, skipped, late, undone, superseded, events from tasks_tally
    union all
    select call_id, -(stands and not is_skip and not is_late)::int,
        -(stands and is_skip and not is_late)::int, -(stands and is_late)::int,
        -(undone_seq is not null)::int, -(superseded_seq is not null)::int,
        -1 - (undone_seq is not null)::int - (superseded_seq is not null)::int
    from (select *, undone_seq is null and superseded_seq is null as stands from tasks_answer) a
) both_sides where call_id = any(%(calls)s) group by call_id
having (sum(counted), sum(skipped), sum(late), sum(undone), sum(superseded), sum(events))
    <> (0, 0, 0, 0, 0, 0)
"""
STORED = """
select a.call_id, a.id, a.is_late, a.value, w.text, a.is_skip from tasks_answer a
left join tasks_answertext w on w.call_id = a.call_id and w.answer_id = a.id
where a.call_id = any(%(calls)s)
"""


def differences(call: int, rows: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [
        f"call {call}, {name}: stored {rows[name]}, the model {other[name]}"
        for name in rows
        if rows[name] != other[name]
    ]


def make_tasks(kind: str, maximum: int, organisation: Any) -> Call:
    call = make_call(
        n_tasks=0,
        question=QUESTIONS[kind],
        organisation=organisation,
        answers_min=1,
        answers_max=maximum,
        lease_s=LEASE_S,
    )
    content = {"items": ["a", "b", "c"]} if kind == "rank" else {"text": "A picture"}
    Task.objects.bulk_create(Task(call=call, key=f"t{n}", content=content) for n in range(TASKS))
    TaskProgress.objects.bulk_create(
        TaskProgress(call_id=call.pk, task_id=task, capacity=maximum)
        for task in call.tasks.values_list("id", flat=True)
    )
    return call


def make_persons(keys: list[str], hash_of: Any) -> list[Person]:
    """A person for each key, but the last key is a second one of the first person."""
    persons = [Person.objects.create() for _ in keys[:-1]]
    persons.append(persons[0])
    for key, person in zip(keys, persons, strict=True):
        PersonKey.objects.create(person=person, hash=hash_of(key))
    return persons


def run(runs: int, *, steps: int) -> None:
    door = Collecting()
    with postgres.connect("owner") as owner, asyncio.Runner() as loop:
        Rounds.door, Rounds.owner, Rounds.loop = door, owner, loop
        Rounds.n_told = Rounds.n_untold = 0
        try:
            run_histories(Rounds, runs=runs, steps=steps)
        finally:
            loop.run(door.close())
    assert Rounds.n_untold <= UNTOLD_MAX * Rounds.n_told


@pytest.mark.usefixtures("live_db")
def test_hot_path_and_plain_model_agree_on_random_rounds() -> None:
    run(RUNS, steps=10)


@pytest.mark.drill
@pytest.mark.usefixtures("live_db")
def test_hot_path_and_plain_model_agree_on_many_random_rounds() -> None:
    run(400, steps=20)
