"""Where the time of `collect` goes at 32 clients: processors, SQL functions, waiting.

First a round as in `collect`: microseconds of processor a request, of the phones' own process, of
each kind of the server's processes, and of PostgreSQL's sessions and the rest of PostgreSQL; how
busy the machine's processors were; and what the collecting role's sessions were seen doing, a
share of all looks ("Client" waits for the web process, "running" has a processor or waits for
one). Then, since it costs something, a round in which PostgreSQL times its functions:
`self_us_NAME` is what a request spent in one, without the functions that it calls.

Run it by `dure bench collect-profile`; `DURE_BENCH_CLIENTS`, `DURE_BENCH_TASKS`,
`DURE_BENCH_SECONDS` and `DURE_BENCH_WORKERS` say otherwise than 32, 100,000, 8 and 1. With
`DURE_BENCH_DIRECT=1` pgbench takes the phones' place; its sessions have ended when the processes
are asked, and are in `postgres_rest`.
"""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

TASKS = int(os.environ.get("DURE_BENCH_TASKS", "100000"))
SECONDS = float(os.environ.get("DURE_BENCH_SECONDS", "8"))
WORKERS = int(os.environ.get("DURE_BENCH_WORKERS", "1"))
CLIENTS = int(os.environ.get("DURE_BENCH_CLIENTS", "32"))
IS_DIRECT = os.environ.get("DURE_BENCH_DIRECT") == "1"
PEOPLE_EACH = 100
WARM_SECONDS = 2.0
LOOK_SECONDS = 0.02
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Sessions tell their functions' times when they are idle for so long.
IDLE_SECONDS = 12.0

LOOK = """
select coalesce(case when state <> 'active' then 'Client'
    when wait_event is null then 'running' else wait_event_type || '_' || wait_event end, 'running')
from pg_stat_activity where usename = 'dure_collect'
"""
FUNCTIONS = """
select funcname, calls, self_time from pg_stat_user_functions
where schemaname = 'collect' or funcname like 'people%' order by self_time desc
"""


def run() -> dict[str, float]:
    """See above; `cycles_per_s` and `cycles_per_s_timed` are of the two rounds."""
    sys.path.insert(0, str(Path(__file__).parent))
    from _served import served

    with served(workers=WORKERS) as platform:
        platform.add_people(CLIENTS * PEOPLE_EACH)
        call = platform.add_call("load", tasks=TASKS)
        platform.settle()
        with platform.worker_held():
            figures = _measure_processes(platform, call)
            with platform.connect("postgres") as superuser:
                superuser.execute("alter system set track_functions = 'all'")
                superuser.execute("select pg_reload_conf()")
                superuser.execute("select pg_stat_reset()")
            figures |= _measure_functions(platform, call)
    return figures


def _measure_processes(platform: Any, call: int) -> dict[str, float]:
    looks: Counter[str] = Counter()
    spent: dict[str, float] = {}
    machine = _machine_ticks()

    def watch(is_over: threading.Event) -> None:
        before = _processor_seconds(platform)
        with platform.connect("postgres", "postgres") as superuser:
            while not is_over.wait(LOOK_SECONDS):
                looks.update(row[0] for row in superuser.execute(LOOK))
        after = _processor_seconds(platform)
        spent.update({name: after[name] - before.get(name, 0.0) for name in after})

    cycles, per_second, phones = _beside(watch, lambda: _load(platform, call))
    busy, idle = (after - before for before, after in zip(machine, _machine_ticks(), strict=True))
    figures = {"cycles_per_s": per_second, "machine_busy": busy / (busy + idle)}
    figures["us_per_request_phones"] = phones
    figures |= {
        f"us_per_request_{name}": seconds / cycles / 2 * 1e6 for name, seconds in spent.items()
    }
    return figures | {
        f"sessions_{name}": n / looks.total() for name, n in looks.most_common() if n > 1
    }


def _measure_functions(platform: Any, call: int) -> dict[str, float]:
    cycles, per_second, _ = _load(platform, call)
    time.sleep(IDLE_SECONDS)
    with platform.connect() as owner:
        rows = owner.execute(FUNCTIONS).fetchall()
    figures = {"cycles_per_s_timed": per_second}
    for name, calls, self_ms in rows:
        figures[f"self_us_{name}"] = self_ms * 1000 / cycles / 2
        figures[f"calls_per_request_{name}"] = calls / cycles / 2
    return figures


def _load(platform: Any, call: int) -> tuple[int, float, float]:
    """All cycles, those a second when warm, and what a request costs the phones."""
    from _cycles import Plan
    from _direct import pgbench
    from _served import play

    if IS_DIRECT:
        before = _seconds_of_ended_children()
        direct = pgbench(platform, call, clients=CLIENTS, people_each=PEOPLE_EACH,
                         seconds=SECONDS, warm=WARM_SECONDS)  # fmt: skip
        seconds = _seconds_of_ended_children() - before
        return direct.cycles, direct.per_second, seconds / direct.cycles / 2 * 1e6
    plan = Plan(platform.port, "load", CLIENTS, PEOPLE_EACH, SECONDS, WARM_SECONDS)
    outcome = play(plan)
    per_request = outcome.processor_seconds / outcome.cycles / 2 * 1e6
    return outcome.accepted, outcome.cycles / outcome.seconds, per_request


def _beside(watch: Callable[[threading.Event], None], act: Callable[[], Any]) -> Any:
    is_over = threading.Event()
    watcher = threading.Thread(target=watch, args=(is_over,))
    watcher.start()
    try:
        return act()
    finally:
        is_over.set()
        watcher.join()


def _processor_seconds(platform: Any) -> dict[str, float]:
    """Of each kind of the server's processes; what has ended counts with who started it."""
    from _processes import children_of, command_of

    postmaster = int((platform.folder / "postgres/postmaster.pid").read_text().split()[0])
    spent: Counter[str] = Counter(postgres_rest=_ticks(postmaster, has_ended_children=True))
    for process in children_of(postmaster):
        is_session = b" dure_collect " in command_of(process)
        spent["postgres_sessions" if is_session else "postgres_rest"] += _ticks(process)
    for process in platform.processes("dure.doors.cli.web"):
        spent["web"] += _ticks(process)
    spent["supervisor"] += _ticks(platform.process.pid)
    return {name: ticks / TICKS_PER_SECOND for name, ticks in spent.items()}


def _seconds_of_ended_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _ticks(process: int, *, has_ended_children: bool = False) -> int:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0
    return sum(int(field) for field in fields[11 : 15 if has_ended_children else 13])


def _machine_ticks() -> tuple[int, int]:
    user, nice, system, idle, iowait, *others = (
        int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    )
    return user + nice + system + sum(others), idle + iowait
