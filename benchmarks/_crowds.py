"""A call of any size, written straight into the tables: what a board or an export is timed on."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# What functions write for each answer, in bulk: people, leases that were answered, counts.
FILL = """
insert into calls_call (organisation_id, slug, kind, state, visibility, language, title, brief,
    question, answers_min, answers_max, answers_target, lease_s, promise, topics)
values (%(org)s, 'large', 'tasks', 'open', 'sealed', 'en', '"Large"', '""', '{"type": "choice",
    "text": "Which?", "predict": false, "options": [{"value": "a", "label": "A"},
    {"value": "b", "label": "B"}, {"value": "c", "label": "C"}, {"value": "d", "label": "D"}]}',
    5, 7, 0.95, 300, '{"kind": "nothing"}', '[]');
create temp table the as select id as call_id from calls_call where slug = 'large';
insert into tasks_task (call_id, key, content)
select call_id, 'task-' || n, jsonb_build_object('text', 'A thing of number ' || n
    || ' seen by ' || (array['gulls', 'terns', 'crows', 'cats'])[1 + n %% 4])
from the, generate_series(1, %(tasks)s) n;
insert into tasks_taskprogress (call_id, task_id, capacity, counted, state)
select t.call_id, t.id, 7, %(each)s, case when t.id %% 10 = 0 then 'disputed'
    when t.id %% 3 = 0 then 'open' else 'decided' end
from tasks_task t join the using (call_id);
insert into people_person (id) select 1000000000 + n from generate_series(1, %(people)s) n;
insert into people_contributor (call_id, person_id, pseudonym, source)
select call_id, 1000000000 + n, 'w' || n, (array['', 'poster', 'mail'])[1 + n %% 3]
from the, generate_series(1, %(people)s) n;
create temp table who as select row_number() over (order by id) - 1 as place, id
from people_contributor join the using (call_id);
create index on who (place);
insert into tasks_answer (call_id, id, task_id, contributor_id, value, is_skip, is_late, at)
select t.call_id, gen_random_uuid(), t.id, w.id,
    to_jsonb((array['a', 'b', 'c', 'd'])[1 + ((t.id + case when random() < 0.2 then 1 else 0 end)
    %% 4)]), false, false,
    now() - make_interval(
        secs => 86400 * 13 * (1 - t.id::float8 / (select max(id) from tasks_task)))
from tasks_task t join the using (call_id)
cross join generate_series(0, %(each)s - 1) k
join who w on w.place = (t.id * 7 + k) %% %(people)s;
insert into tasks_tally (call_id, slot, events, counted, tasks)
select call_id, 0, 0, %(tasks)s * %(each)s, %(tasks)s from the;
insert into tasks_verdict (call_id, task_id, label, probability, posterior, answers)
select t.call_id, t.id, 'a', 0.4 + 0.6 * random(), array[0.4, 0.3, 0.2, 0.1], %(each)s
from tasks_task t join the using (call_id);
insert into tasks_verdictrun (call_id, as_of, method, version, seed, classes, seen_up_to, events,
    answers_seen, digest, outcome, tasks_open, tasks_decided, tasks_disputed)
select call_id, now(), 'shared-accuracy', '1', 0, '["a", "b", "c", "d"]', 1, 0,
    %(tasks)s * %(each)s, '\\x00', 'converged', 0, 0, 0 from the;
select tasks_note_answers(call_id, 0, (select max(seq) from tasks_answer)) from the;
insert into tasks_refit (call_id, events, at, seconds, noted_up_to, summary)
select call_id, 0, now(), 1, (select max(seq) from tasks_answer),
    jsonb_build_object('states', (select jsonb_object_agg(state, n) from (select state, count(*) n
    from tasks_taskprogress p join the using (call_id) group by 1) s), 'confidence', 0.7,
    'tasks', %(tasks)s, 'answers_left', 2 * %(tasks)s, 'shares', '[{"value": "a", "share": 0.3,
    "low": 0.29, "high": 0.31}]'::jsonb) from the;
"""


@contextmanager
def large_call(*, tasks: int, each: int, people: int) -> Iterator[tuple[Any, int]]:
    """A platform of its own with one organisation; gives it and the call's id."""
    with tempfile.TemporaryDirectory(prefix="dure-bench-") as folder:
        os.environ["DURE_DATA"] = folder
        os.environ["DURE_HOSTS"] = "testserver,localhost,127.0.0.1"
        from dure.doors.cli.opening import open_platform

        with open_platform():
            from dure import postgres
            from dure.people.organisations import create_organisation

            organisation = create_organisation(
                slug="bench", name="Bench", owner_email="bench@example.org"
            )
            facts = {"org": organisation.pk, "tasks": tasks, "each": each, "people": people}
            with postgres.connect("owner") as owner:
                cursor = _client_cursor(owner)
                cursor.execute(FILL, facts)
                owner.execute("vacuum analyze")
                row = owner.execute("select id from calls_call where slug = 'large'").fetchone()
            assert row is not None
            yield organisation, row[0]


def _client_cursor(connection: Any) -> Any:
    """Many statements at once are only sent with their values already in them."""
    import psycopg

    return psycopg.ClientCursor(connection)
