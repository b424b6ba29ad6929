"""What the tables say of a call, counted from the rows that nobody counts while collecting."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any

from _phones import Phone
from _served import Served

ENDED_AT_ONCE = 100

COUNTS = """
select a.n is distinct from p.counted or l.n is distinct from p.leased, a.n > c.answers_max
from tasks_taskprogress p
join calls_call c on c.id = p.call_id
cross join lateral (
    select count(*) from tasks_answer
    where call_id = p.call_id and task_id = p.task_id
        and not is_skip and not is_late and undone_seq is null and superseded_seq is null
) a (n)
cross join lateral (
    select count(*) from tasks_lease
    where call_id = p.call_id and task_id = p.task_id and status = 'held'
) l (n)
"""
TALLY = """
select abs(t.counted - a.counted) + abs(t.skipped - a.skipped) + abs(t.late - a.late)
    + abs(t.events - a.counted - a.skipped - a.late - t.tasks)
    + abs(t.tasks - (select count(*) from tasks_task))
from (
    select sum(events) as events, sum(counted) as counted, sum(skipped) as skipped,
        sum(late) as late, sum(tasks) as tasks
    from tasks_tally
) t, (
    select count(*) filter (where not is_skip and not is_late) as counted,
        count(*) filter (where is_skip and not is_late) as skipped,
        count(*) filter (where is_late) as late
    from tasks_answer
) a
"""
DOUBLED = """
select coalesce(sum(n - 1), 0)::bigint from (
    select count(*) as n from tasks_answer
    where not is_skip and not is_late and undone_seq is null and superseded_seq is null
    group by call_id, task_id, contributor_id
    union all
    select count(*) from tasks_answer group by id
) given
"""
HELD = """
select count(*) filter (where until > clock_timestamp()), count(*)
from tasks_lease where status = 'held'
"""


def count_faults(served: Served) -> dict[str, float]:
    """Nothing may be on its way; each of these is nothing in a server without faults."""
    counts = served.rows(COUNTS)
    return {
        "doubled": float(served.rows(DOUBLED)[0][0]),
        "over_max": sum(is_over for _, is_over in counts),
        "counters_wrong": sum(is_wrong for is_wrong, _ in counts),
        "tally_off_by": float(served.rows(TALLY)[0][0]),
    }


def end_leases(served: Served, *, seconds_max: float) -> float:
    """Wait till the last lease is over, let a phone ask; gives the seats that are still taken."""
    deadline = time.monotonic() + seconds_max
    while True:
        live, held = served.rows(HELD)[0]
        if not live:
            asyncio.run(_ask_for_all(served, n=held // ENDED_AT_ONCE + 2))
        taken = float(served.rows("select sum(leased) from tasks_taskprogress")[0][0])
        # On a busy machine the phone's own lease may run out before it is handed back.
        if not taken or time.monotonic() > deadline:
            return taken
        time.sleep(0.2)


async def _ask_for_all(served: Served, *, n: int) -> None:
    """Each request for a task ends some of those that ran out."""
    phone = Phone(served.port, served.slug, seed=0, failures=Counter())
    await phone.join()
    for _ in range(n):
        await phone.lease(1)
        if phone.tasks:
            await phone.post(b"return", {"tasks": [task["id"] for task in phone.tasks]})
    phone.hang_up()


def stored_answers(served: Served) -> dict[str, tuple[Any, ...]]:
    """By id: the task, the person's pseudonym, and whether it came late."""
    rows = served.rows(
        "select a.id::text, a.task_id, c.pseudonym, a.is_late from tasks_answer a"
        " join people_contributor c on c.call_id = a.call_id and c.id = a.contributor_id"
    )
    return {answer: (task, person, is_late) for answer, task, person, is_late in rows}
