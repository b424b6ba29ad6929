"""The collecting functions against a model of forty lines, in random histories."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

import psycopg
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dure import postgres
from dure.calls.tasks.answers import NotOpen
from tests import turns
from tests.factories import make_call
from tests.histories import run_histories, stop_clock

RUNS = int(os.environ.get("DURE_STATE_RUNS", "60"))
PERSONS, TASKS, MAXIMUM, LEASE_S, UNDO_S = 4, 3, 2, 100, 10
NAMESPACE = UUID("a3e1b2a4-6a5d-4f0e-9a59-5f5c4c1d2e3f")

persons = st.integers(0, PERSONS - 1)
tasks = st.integers(0, TASKS - 1)
values = st.sampled_from(["yes", "no", None])


@dataclass
class Given:
    person: int
    task: int
    value: str | None
    is_late: bool
    at: int
    is_undone: bool = False


@dataclass
class Model:
    """What should be true, in plain words: who holds what until when, and what was answered."""

    state: str = "open"
    clock: int = 0
    held: dict[tuple[int, int], int] = field(default_factory=dict)
    ever_held: set[tuple[int, int]] = field(default_factory=set)
    given: dict[str, Given] = field(default_factory=dict)

    def counted(self, task: int) -> int:
        return sum(
            g.task == task and g.value is not None and not g.is_late and not g.is_undone
            for g in self.given.values()
        )

    def has_answered(self, person: int, task: int) -> bool:
        return any(
            (g.person, g.task) == (person, task) and not g.is_undone for g in self.given.values()
        )

    def holds(self, person: int, task: int) -> bool:
        return self.held.get((person, task), -1) > self.clock

    def free(self, task: int) -> int:
        # A seat whose lease ran out is free again as soon as somebody asks for tasks.
        holders = sum(t == task and self.holds(p, t) for p, t in self.held)
        return MAXIMUM - self.counted(task) - holders

    def may_take(self, person: int, task: int) -> bool:
        return (
            not self.has_answered(person, task)
            and not self.holds(person, task)
            and self.free(task) > 0
        )

    def fate(self, identity: str, person: int, task: int, value: str | None) -> str:
        if identity in self.given:
            g = self.given[identity]
            same = (g.person, g.task, g.value) == (person, task, value)
            return ("late" if g.is_late else "accepted") if same else "id-reused"
        if self.has_answered(person, task):
            return "already-answered"
        if (person, task) not in self.ever_held:
            return "no-lease"
        return "accepted" if self.holds(person, task) and self.state == "open" else "late"


class Collecting(RuleBasedStateMachine):
    connection: psycopg.Connection[Any]
    owner: psycopg.Connection[Any]

    @initialize()
    def open_call(self) -> None:
        self.model = Model()
        call = make_call(n_tasks=TASKS, answers_min=1, answers_max=MAXIMUM, lease_s=LEASE_S)
        self.call = call.pk
        self.task_ids = sorted(call.tasks.values_list("id", flat=True))
        self.numbers = {identity: number for number, identity in enumerate(self.task_ids)}
        self.keys = [f"key {call.pk} {n}".encode() for n in range(PERSONS)]
        self.set_clock()
        for key in self.keys:
            self.ask("join_call", call.slug, None, key)

    @rule(person=persons, n=st.integers(1, 4))
    def lease(self, person: int, n: int) -> None:
        if self.model.state != "open":
            with pytest.raises(NotOpen):
                turns.lease(self.connection, call_id=self.call, key=self.keys[person], n=n)
            return
        reply = turns.lease(self.connection, call_id=self.call, key=self.keys[person], n=n)

        got = [self.numbers[task["id"]] for task in reply["tasks"]]
        before = [t for t in range(TASKS) if self.model.holds(person, t)]
        may = [t for t in range(TASKS) if self.model.may_take(person, t)]
        assert set(before[:n]) <= set(got)
        assert set(got) <= set(before) | set(may)
        assert len(got) == len(set(got)) == min(n, len(before) + len(may))
        for task in got:
            if task not in before:
                self.model.held[person, task] = self.model.clock + LEASE_S
                self.model.ever_held.add((person, task))
        waiting = [
            t
            for t in range(TASKS)
            if t not in got
            and not self.model.has_answered(person, t)
            and self.model.counted(t) < MAXIMUM
        ]
        assert reply["more"] == (len(got) == n or bool(waiting))

    @rule(person=persons, task=tasks, value=values, number=st.integers(0, 6))
    def answer(self, person: int, task: int, value: str | None, number: int) -> None:
        identity = str(uuid5(NAMESPACE, f"{self.call} {number}"))
        expected = self.model.fate(identity, person, task, value)
        is_new = identity not in self.model.given

        reply = self.submit(person, [(identity, task, value)])

        found = [
            *(["accepted"] * (reply["accepted"] == [identity])),
            *(["late"] * (reply["late"] == [identity])),
            *(refused["reason"] for refused in reply["refused"]),
        ]
        assert found == [expected]
        if is_new and expected in ("accepted", "late"):
            self.model.given[identity] = Given(
                person, task, value, expected == "late", self.model.clock
            )
            self.model.held.pop((person, task), None)

    @rule(person=persons, number=st.integers(0, 6))
    def undo(self, person: int, number: int) -> None:
        identity = str(uuid5(NAMESPACE, f"{self.call} {number}"))
        given = self.model.given.get(identity)

        reply = self.ask("undo_answer", self.call, self.keys[person], identity)

        if given is None or given.person != person:
            assert reply == "DU404"
        elif given.is_undone:
            assert reply == {"undone": identity}
        elif given.at + UNDO_S <= self.model.clock:
            assert reply == "DU409"
        else:
            assert reply == {"undone": identity}
            given.is_undone = True
            if self.model.state == "open" and not given.is_late and self.model.free(given.task) > 0:
                self.model.held[person, given.task] = self.model.clock + LEASE_S

    @rule(person=persons, task=tasks)
    def give_back(self, person: int, task: int) -> None:
        reply = self.ask("return_tasks", self.call, self.keys[person], [self.task_ids[task]])

        if self.model.holds(person, task):
            assert reply == {"returned": [self.task_ids[task]]}
        self.model.held.pop((person, task), None)

    @rule(person=persons, task=tasks)
    def renew(self, person: int, task: int) -> None:
        reply = self.ask("renew_leases", self.call, self.keys[person], [self.task_ids[task]])

        if self.model.state != "open":
            assert reply == "DU409"
            return
        renewed = [self.numbers[lease["id"]] for lease in reply["renewed"]]
        assert renewed == ([task] if self.model.holds(person, task) else [])
        if renewed:
            self.model.held[person, task] = self.model.clock + LEASE_S

    @rule(seconds=st.sampled_from([1, 9, 60, 101]))
    def wait(self, seconds: int) -> None:
        self.model.clock += seconds
        self.set_clock()

    @rule(state=st.sampled_from(["open", "open", "paused", "closed"]))
    def change_state(self, state: str) -> None:
        if self.model.state != "closed":
            self.model.state = state
            self.owner.execute("update calls_call set state = %s where id = %s", (state, self.call))

    @invariant()
    def counts_are_what_the_answers_say(self) -> None:
        rows = self.owner.execute(
            "select task_id, counted from tasks_taskprogress where call_id = %s order by 1",
            (self.call,),
        ).fetchall()
        assert rows == [(i, self.model.counted(n)) for n, i in enumerate(self.task_ids)]
        assert all(counted <= MAXIMUM for _, counted in rows)

    @invariant()
    def every_accepted_answer_is_stored_once(self) -> None:
        rows = self.owner.execute(
            "select id::text, value #>> '{}', is_skip, is_late, undone_seq is not null"
            " from tasks_answer where call_id = %s order by 1",
            (self.call,),
        ).fetchall()
        assert rows == sorted(
            (i, g.value, g.value is None, g.is_late, g.is_undone)
            for i, g in self.model.given.items()
        )

    @invariant()
    def tally_agrees_with_the_answers(self) -> None:
        row = self.owner.execute(
            "select coalesce(sum(counted), 0)::int, coalesce(sum(skipped), 0)::int,"
            " coalesce(sum(late), 0)::int, coalesce(sum(undone), 0)::int"
            " from tasks_tally where call_id = %s",
            (self.call,),
        ).fetchone()
        standing = [g for g in self.model.given.values() if not g.is_undone]
        in_time = [g for g in standing if not g.is_late]
        assert row == (
            sum(g.value is not None for g in in_time),
            sum(g.value is None for g in in_time),
            sum(g.is_late for g in standing),
            sum(g.is_undone for g in self.model.given.values()),
        )

    def submit(self, person: int, given: list[tuple[str, int, str | None]]) -> dict[str, Any]:
        answers = [
            {
                "id": identity,
                "task": self.task_ids[task],
                "phase": "first",
                "value": value,
                "is_skip": value is None,
            }
            for identity, task, value in given
        ]
        return turns.submit(
            self.connection, call_id=self.call, key=self.keys[person], answers=answers
        )

    def ask(self, name: str, *arguments: object) -> Any:
        marks = ", ".join(["%s"] * len(arguments))
        try:
            return self.connection.execute(f"select collect.{name}({marks})", arguments).fetchone()[
                0
            ]
        except psycopg.DatabaseError as error:
            if error.sqlstate not in ("DU404", "DU409"):
                raise
            return error.sqlstate

    def set_clock(self) -> None:
        stop_clock(self.owner, self.time(self.model.clock))

    @staticmethod
    def time(seconds: int) -> str:
        return f"2026-01-01T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}Z"


def run(runs: int) -> None:
    with postgres.connect("collect") as connection, postgres.connect("owner") as owner:
        Collecting.connection, Collecting.owner = connection, owner
        run_histories(Collecting, runs=runs, steps=30)


@pytest.mark.usefixtures("live_db")
def test_collecting_functions_agree_with_the_model_in_random_histories() -> None:
    run(RUNS)


@pytest.mark.drill
@pytest.mark.usefixtures("live_db")
def test_collecting_functions_agree_with_the_model_in_a_thousand_histories() -> None:
    run(1000)
