"""Answers from a crowd: cycles of leasing a task and answering it, by HTTP and straight in SQL.

A real `dure serve` on the embedded PostgreSQL, in a folder of its own. 1, 8, 32 and 128 clients
over keep-alive connections, each of them a closed loop of two requests: POST /collect/lease for
one task, POST /collect/answers with one answer to it. A client acts as another of its own people
in each cycle. Beside it pgbench calls the same SQL functions (prepared, one transaction a step,
the same number of clients and the same people, over the Unix socket; it waits for a lock where
the door would try again). Both take turns in short
rounds, so that a machine's moods hit both; each round warms up first. All load comes from this
machine and shares its processors with what is measured: `generator_us` is what a request costs the
phones' process itself, which tells how much.

The web processes run and idle while pgbench runs. The job worker stands still in all rounds of
both: its fits take a processor for seconds now and then, to the same cost for both, and would only
make the figures depend on when. `p99_ms_with_worker` is of one more round at 128 clients in which
it runs. Limits of requests a person and an address are off. All replies are checked as they come,
and rows are counted afterwards: stored is what was acknowledged, nothing twice, no task above its
maximum.

`growth_1m_vs_10k` compares a call with a million open tasks to one with ten thousand, each on a
platform of its own, in rounds that take turns; 32 clients. Run it by `dure bench collect`; shorter
with `DURE_BENCH_TASKS=10000 DURE_BENCH_SECONDS=2`: the calls of the growth then have a tenth of
that and ten times that. There is one web process; `DURE_BENCH_WORKERS=2` starts two, which on two
processors form smaller groups and cost more for each request.
"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

TASKS = int(os.environ.get("DURE_BENCH_TASKS", "100000"))
TASKS_FEW, TASKS_MANY = TASKS // 10, TASKS * 10
SECONDS = float(os.environ.get("DURE_BENCH_SECONDS", "8"))
WORKERS = int(os.environ.get("DURE_BENCH_WORKERS", "1"))
CLIENTS = (1, 8, 32, 128)
MIDDLE, MOST = 32, 128
PEOPLE, PEOPLE_EACH = 3200, 100
ROUNDS, ROUNDS_OF_GROWTH = 2, 3
WARM_SECONDS = 2.0
# Of a call's seats (tasks times answers each), in all rounds together: beyond that it is no open
# call of that size any more.
SHARE_USED_MAX, SEATS = 0.5, 5
CYCLES_MAX = int(TASKS * SEATS * SHARE_USED_MAX / ROUNDS / 2)
MILLISECONDS = 1000


def run() -> dict[str, float]:
    """Cycles are per second, times in milliseconds, `generator_us` microseconds a request."""
    sys.path.insert(0, str(Path(__file__).parent))
    figures = _compare() | _grow()
    main = {name: figures[name] for name in ("ratio_to_pgbench", "p99_ms", "growth_1m_vs_10k")}
    return main | figures


def _compare() -> dict[str, float]:
    from _served import served

    figures: dict[str, float] = {"workers": WORKERS}
    with served(workers=WORKERS) as platform:
        platform.add_people(PEOPLE)
        calls = {n: platform.add_call(f"load-{n}", tasks=TASKS) for n in CLIENTS}
        platform.settle()
        with platform.worker_held():
            for n, call in calls.items():
                figures |= _take_turns(platform, call, n)
        outcome = _play(platform, "load-1", MOST, cycles_max=CYCLES_MAX)
        figures["p99_ms_with_worker"] = _quantile(outcome.lease_us + outcome.answer_us, 0.99)
    figures["ratio_to_pgbench"] = figures[f"ratio_to_pgbench_{MIDDLE}"]
    figures["p99_ms"] = figures[f"p99_ms_{MOST}"]
    figures["generator_us"] = figures[f"generator_us_{MIDDLE}"]
    return figures


def _take_turns(platform: Any, call: int, n: int) -> dict[str, float]:
    """Rounds of one number of clients, HTTP and pgbench one after the other."""
    from _direct import pgbench

    slug = f"load-{n}"
    outcomes, directs, transactions = [], [], 0
    for _ in range(ROUNDS):
        before = _transactions(platform)
        outcomes.append(_play(platform, slug, n, cycles_max=CYCLES_MAX))
        transactions += _transactions(platform) - before
        directs.append(
            pgbench(platform, call, clients=n, people_each=_people_each(n), seconds=SECONDS,
                    warm=WARM_SECONDS)
        )  # fmt: skip
    accepted = sum(one.accepted for one in outcomes)
    _check_rows(platform, slug, accepted + sum(direct.cycles for direct in directs))
    http = sum(one.cycles for one in outcomes) / sum(one.seconds for one in outcomes)
    direct = sum(direct.per_second for direct in directs) / ROUNDS
    cycles = sum(one.cycles for one in outcomes)
    return {
        f"cycles_per_s_http_{n}": http,
        f"cycles_per_s_pgbench_{n}": direct,
        f"ratio_to_pgbench_{n}": http / direct,
        **_latencies(outcomes, n),
        f"requests_per_transaction_{n}": 2 * accepted / transactions,
        f"generator_us_{n}": sum(one.processor_seconds for one in outcomes) / cycles / 2 * 1e6,
    }


def _grow() -> dict[str, float]:
    """Seconds a cycle with many open tasks to those with few, on two servers in turns."""
    from _served import served

    done = {TASKS_FEW: [0, 0.0, 0], TASKS_MANY: [0, 0.0, 0]}
    with ExitStack() as stack:
        platforms = {}
        for tasks in done:
            platforms[tasks] = stack.enter_context(served(workers=WORKERS))
            platforms[tasks].add_people(PEOPLE)
            platforms[tasks].add_call("load", tasks=tasks)
            platforms[tasks].settle()
        for platform in platforms.values():
            stack.enter_context(platform.worker_held())
        # At most as many cycles on both, so that neither is further from untouched.
        cycles_max = int(SHARE_USED_MAX * TASKS_FEW * SEATS / ROUNDS_OF_GROWTH)
        for _ in range(ROUNDS_OF_GROWTH):
            for tasks, platform in platforms.items():
                outcome = _play(platform, "load", MIDDLE, cycles_max=cycles_max)
                done[tasks][0] += outcome.cycles
                done[tasks][1] += outcome.seconds
                done[tasks][2] += outcome.accepted
        for tasks, platform in platforms.items():
            _check_rows(platform, "load", int(done[tasks][2]))
    few, many = (cycles / seconds for cycles, seconds, _ in done.values())
    return {"growth_1m_vs_10k": few / many, "cycles_per_s_10k": few, "cycles_per_s_1m": many}


def _play(platform: Any, slug: str, n: int, *, cycles_max: int) -> Any:
    from _cycles import Plan
    from _served import play

    return play(
        Plan(
            port=platform.port,
            call=slug,
            clients=n,
            people_each=_people_each(n),
            seconds=SECONDS,
            warm_seconds=WARM_SECONDS,
            cycles_max=cycles_max,
        )
    )


def _people_each(n: int) -> int:
    return min(PEOPLE_EACH, PEOPLE // n)


def _transactions(platform: Any) -> int:
    """How many have written so far: each takes a number, as this one does."""
    with platform.connect() as owner:
        return int(owner.execute("select pg_current_xact_id()::text::bigint").fetchone()[0])


def _check_rows(platform: Any, slug: str, acknowledged: int) -> None:
    rows = platform.count_rows(slug)
    wrong = (rows.doubled, rows.over_max, rows.miscounted)
    if rows.answers != acknowledged or any(wrong):
        raise RuntimeError(f"{slug}: {acknowledged} answers were acknowledged; there are {rows}")


def _latencies(outcomes: list[Any], n: int) -> dict[str, float]:
    """Of all requests together, then of each step; each round's are pooled."""
    lease = [us for outcome in outcomes for us in outcome.lease_us]
    answer = [us for outcome in outcomes for us in outcome.answer_us]
    named = {"": lease + answer, "_lease": lease, "_answer": answer}
    return {
        f"p{share}_ms{step}_{n}": _quantile(times, share / 100)
        for step, times in named.items()
        for share in (50, 95, 99)
    }


def _quantile(times_us: list[int], share: float) -> float:
    return sorted(times_us)[min(int(len(times_us) * share), len(times_us) - 1)] / MILLISECONDS
