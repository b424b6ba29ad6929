"""A settlement of a million answers by 50,000 people, killed once in the middle.

A pool of 12,345,678,901 won, half to every answer alike, half by value; every task is gold, which
is the most there is to check. A process of its own posts the shares and is killed with kill -9
after three of ten batches; another one goes on. Then every won is looked for in the ledger, and
the settlement is made again from the stored answers. Run it by `dure bench settle`; with fewer by
`DURE_BENCH_TASKS=80000 dure bench settle`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

TASKS = int(os.environ.get("DURE_BENCH_TASKS", "200000"))
EACH = 5
PEOPLE = TASKS // 4
POOL_MINOR = 12_345_678_901
KILL_AFTER_BATCHES = 3
WAIT_SECONDS = 0.05
SECONDS_MAX = 600
MEGABYTE = 1e6
POST = """
import sys, django
django.setup()
from dure.calls.shares.posting import post_settlement
post_settlement(int(sys.argv[1]))
"""


def run() -> dict[str, float]:
    """What was lost or doubled, in minor units; seconds of each step, megabytes of working out."""
    sys.path.insert(0, str(Path(__file__).parent))
    from _crowds import large_call
    from _memory import extra_bytes

    with large_call(tasks=TASKS, each=EACH, people=PEOPLE) as (_organisation, call_id):
        from dure.calls.settling import make_again, propose_settlement
        from dure.calls.shares.settlements import approve_settlement

        _promise(call_id)
        started = time.perf_counter()
        call = _close(call_id)
        taken, made = extra_bytes(
            lambda: propose_settlement(call=call, by="account:1", is_last=True),
            sample_seconds=WAIT_SECONDS,
        )
        proposed = time.perf_counter()
        approve_settlement(settlement=made, by="account:2")
        killed_after = _post_and_kill(made.pk)
        resumed = time.perf_counter()
        subprocess.run(_posting(made.pk), check=True)
        posted = time.perf_counter()
        again = make_again(made)
        return {
            **_count(call_id, made.pk),
            "is_same_again": again.digest() == bytes(made.digest),
            "people": made.people,
            "batches_before_kill": killed_after,
            "propose_seconds": proposed - started,
            "propose_mb": taken / MEGABYTE,
            "post_after_kill_seconds": posted - resumed,
            "make_again_seconds": time.perf_counter() - posted,
        }


def _promise(call_id: int) -> None:
    """What opening the call would have written, and a truth for every task."""
    from dure import postgres
    from dure.calls.models import Call
    from dure.calls.shares.promising import fix_promise

    call = Call.objects.get(pk=call_id)
    call.promise = {"kind": "pool", "amount_minor": POOL_MINOR, "currency": "KRW"}
    fix_promise(call=call, by="account:1", can_check=True)
    with postgres.connect("owner") as owner:
        owner.execute(
            "update tasks_task set gold = to_jsonb((array['a', 'b', 'c', 'd'])[1 + id %% 4])"
            " where call_id = %s",
            [call_id],
        )
        owner.execute("vacuum analyze tasks_task")


def _close(call_id: int) -> Any:
    from dure.calls.life import close_call
    from dure.calls.models import Call

    return close_call(call=Call.objects.get(pk=call_id), by="account:1")


def _posting(settlement_id: int) -> list[str]:
    return [sys.executable, "-c", POST, str(settlement_id)]


def _post_and_kill(settlement_id: int) -> int:
    from dure.ledger.models import Transaction

    worker = subprocess.Popen(_posting(settlement_id))
    until = time.monotonic() + SECONDS_MAX
    while Transaction.objects.filter(reason="settled").count() < KILL_AFTER_BATCHES:
        assert worker.poll() is None, "the worker ended before it was killed"
        assert time.monotonic() < until, "the worker posts nothing"
        time.sleep(WAIT_SECONDS)
    worker.kill()
    worker.wait()
    return Transaction.objects.filter(reason="settled").count()


def _count(call_id: int, settlement_id: int) -> dict[str, float]:
    """`residual_minor` was promised and nobody has it; `doubled` counts who was paid twice."""
    from django.db.models import Count, Sum

    from dure.calls.settling import verify_settlements
    from dure.ledger.audit import audit
    from dure.ledger.models import Entry

    paid = Entry.objects.filter(account__owner__startswith=f"contributor:{call_id}:")
    got = paid.aggregate(total=Sum("amount_minor"))["total"]
    twice = paid.values("account_id").annotate(n=Count("place")).filter(n__gt=1)
    [verified] = verify_settlements()
    assert verified.settlement.pk == settlement_id
    return {
        "residual_minor": POOL_MINOR - got,
        "doubled": twice.count(),
        "is_as_settled": not verified.fault,
        "is_sound": audit().is_sound,
    }
