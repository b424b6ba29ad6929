"""What a turn reads, however large its call has become since the session made its plans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from dure import postgres
from dure.calls.models import Call
from dure.calls.tasks import answers
from dure.calls.tasks.merging import merge_persons
from dure.calls.tasks.turns import Turn, make_turn, read_in_full, take_turns
from dure.people.models import PersonKey
from tests.factories import make_call

TASKS, CROWD, PEOPLE, WARM = 900, 4000, 8, 12
# Of a cycle of PEOPLE: some rows each, of some tables, and their checks.
ROWS_READ_MAX = PEOPLE * 40

GROW = """
insert into people_person (id) select 10000000 + n from generate_series(1, %(n)s) n;
insert into people_personkey (person_id, hash)
select 10000000 + n, sha256(('crowd' || n)::bytea) from generate_series(1, %(n)s) n;
insert into people_contributor (call_id, person_id, pseudonym)
select %(call)s, 10000000 + n, 'crowd' || n from generate_series(1, %(n)s) n;
insert into tasks_lease (call_id, contributor_id, task_id, until, status)
select %(call)s, c.id, t.task_id, now() + interval '1 hour', k.status
from (select id, row_number() over (order by id) as n from people_contributor
    where pseudonym like 'crowd%%') c
cross join (values ('answered', 0), ('held', 1)) k (status, far)
join (select task_id, row_number() over (order by task_id) - 1 as n from tasks_taskprogress) t
    on t.n = (c.n + k.far) %% %(tasks)s;
insert into tasks_answer (call_id, id, task_id, contributor_id, value, is_skip, is_late, at)
select call_id, gen_random_uuid(), task_id, contributor_id, '"yes"', false, false, now()
from tasks_lease where status = 'answered' and contributor_id in (
    select id from people_contributor where pseudonym like 'crowd%%');
"""
# Most tasks are done, all others are held.
FINISH = """
update tasks_taskprogress p set counted = ({done})::int, leased = (not {done})::int
from (select task_id, row_number() over (order by task_id) as n from tasks_taskprogress
    where call_id = %(call)s) t
where p.call_id = %(call)s and p.task_id = t.task_id;
update tasks_lease l set status = 'ended' from tasks_taskprogress p
where p.call_id = l.call_id and p.task_id = l.task_id and l.status = 'held' and p.leased = 0;
"""
# Every task, by these in turn.
ANSWER_ALL = """
insert into tasks_lease (call_id, contributor_id, task_id, until, status)
select p.call_id, c.id, p.task_id, now() - interval '1 hour', 'answered' from tasks_taskprogress p
join (select id, row_number() over (order by id) - 1 as place from people_contributor) c
    on c.place = p.task_id %% %(n)s
where p.call_id = %(call)s;
update people_contributor set cursor = %(cursor)s
"""
READ = """
select coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::int from pg_stat_xact_user_tables
where relname ~ '^(tasks|people|calls)_'
"""


@pytest.mark.usefixtures("live_db")
def test_a_turn_reads_as_much_in_a_call_that_grew_as_in_one_that_was_empty() -> None:
    call = make_call(n_tasks=0, answers_min=1, answers_max=1000)
    with postgres.connect("owner") as owner:
        _add_tasks(owner, call, capacity=1000)
        # The worst to plan by: tables that are known to be empty.
        owner.execute("vacuum analyze")
    keys = [_join(call) for _ in range(PEOPLE)]

    with postgres.connect("collect") as door:
        for _ in range(WARM):
            _cycle(door, call, keys)
        few = _rows_read(door, lambda: _cycle(door, call, keys))
        with postgres.connect("owner") as owner:
            facts = {"call": call.pk, "n": CROWD, "tasks": TASKS}
            psycopg.ClientCursor(owner).execute(GROW, facts)
        many = _rows_read(door, lambda: _cycle(door, call, keys))

    assert 0 < few < ROWS_READ_MAX
    assert many < ROWS_READ_MAX


@pytest.mark.parametrize("done", ["t.n <= 800", "t.n > 100"])
@pytest.mark.usefixtures("live_db")
def test_waiting_for_the_last_tasks_reads_as_much_however_many_are_done_and_held(
    done: str,
) -> None:
    call = make_call(n_tasks=0, answers_min=1, answers_max=1)
    with postgres.connect("owner") as owner:
        owner.execute("vacuum analyze")
    keys = [_join(call) for _ in range(PEOPLE)]

    with postgres.connect("collect") as door:
        for _ in range(WARM):
            _wait(door, call, keys, more=False)
        with postgres.connect("owner") as owner:
            _add_tasks(owner, call, capacity=1)
            facts = {"call": call.pk, "n": CROWD, "tasks": TASKS}
            psycopg.ClientCursor(owner).execute(GROW + FINISH.format(done=done), facts)
        waiting = _rows_read(door, lambda: _wait(door, call, keys, more=True))

    assert 0 < waiting < ROWS_READ_MAX


@pytest.mark.parametrize("browsers", [1, 2])
@pytest.mark.parametrize("stopped_at", [0, 2**40])
@pytest.mark.usefixtures("live_db")
def test_search_of_a_person_who_had_every_task_costs_less_than_a_look_at_each(
    browsers: int, stopped_at: int
) -> None:
    n_tasks = 8000
    call = make_call(n_tasks=0, answers_min=1, answers_max=5)
    keys = [_join(call) for _ in range(browsers)]
    persons = [PersonKey.objects.get(hash=answers.hash_key(key)).person_id for key in keys]
    with postgres.connect("owner") as owner:
        owner.execute("vacuum analyze")
    for person in persons[1:]:
        merge_persons(person_id=person, into_id=persons[0])

    with postgres.connect("collect") as door:
        for _ in range(WARM):
            _wait(door, call, keys[:1], more=False)
        with postgres.connect("owner") as owner:
            _add_tasks(owner, call, capacity=5, n_tasks=n_tasks)
            facts = {"call": call.pk, "n": browsers, "cursor": stopped_at}
            psycopg.ClientCursor(owner).execute(ANSWER_ALL, facts)
        pages = _pages_read(door, call, keys[0])

    assert n_tasks // 100 < pages < n_tasks * 3 // 2


def _add_tasks(
    owner: psycopg.Connection[Any], call: Call, *, capacity: int, n_tasks: int = TASKS
) -> None:
    keys = [f"t{n}" for n in range(n_tasks)]
    owner.execute(
        "select count(*) from tasks_add(%s, %s, %s, %s, %s)",
        [call.pk, capacity, keys, ["{}"] * n_tasks, ["null"] * n_tasks],
    )


def _pages_read(door: psycopg.Connection[Any], call: Call, key: str) -> int:
    """By one who asks in vain; in the plans that the session has by now."""
    _wait(door, call, [key], more=False)
    query = take_turns(call_id=call.pk, turns=[make_turn(key=key, lease=8)])
    explained = door.execute(
        f"explain (analyze, buffers, format json) {query.sql}", query.parameters
    )
    ((((plan,),),)) = explained.fetchall()
    return int(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])


def _rows_read(door: psycopg.Connection[Any], do: Callable[[], None]) -> int:
    """Of what is done; the session's own sums may hold what came before."""
    with door.transaction():
        before = door.execute(READ).fetchone()
        do()
        after = door.execute(READ).fetchone()
    assert before is not None
    assert after is not None
    return int(after[0] - before[0])


def _cycle(door: psycopg.Connection[Any], call: Call, keys: list[str]) -> None:
    leased = _take(door, call, [make_turn(key=key, lease=1) for key in keys])
    turns = []
    for key, reply in zip(keys, leased, strict=True):
        given = [{"id": str(uuid4()), "task": reply["tasks"][0]["id"], "value": "yes"}]
        batch = answers.read_answers(question=call.question, given=given)
        turns.append(make_turn(key=key, batch=batch))
    replies = _take(door, call, turns)
    assert all(reply["accepted"] for reply in replies)


def _wait(door: psycopg.Connection[Any], call: Call, keys: list[str], *, more: bool) -> None:
    replies = _take(door, call, [make_turn(key=key, lease=1) for key in keys])
    assert replies == [{"tasks": [], "more": more}] * len(keys)


def _take(door: psycopg.Connection[Any], call: Call, turns: list[Turn]) -> list[dict[str, Any]]:
    query = take_turns(call_id=call.pk, turns=turns)
    rows = door.execute(query.sql, query.parameters).fetchall()
    return [read_in_full(turn, row) for turn, row in zip(turns, rows, strict=True)]


def _join(call: Call) -> str:
    key = answers.new_key()
    answers.run(answers.join_call(slug=call.slug, key=None, fresh_key=key))
    return key
