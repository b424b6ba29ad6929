"""Ten minutes at half of what the server can: does anything grow that should not?

A real `dure serve` with two web processes and its job worker. First 32 phones find the highest
rate of answers in 20 seconds; then answers come at half of it, at random moments that do not wait
for the server, from 128 phones where one person follows another. One person in fifty loses the
phone with all it holds, one in fifty hands the rest back, one answer in twenty follows a renewal.
Memory is the proportional set size of all processes of the server, PostgreSQL among them, after
the first tenth of the time and after the last. Run it by `dure bench collect-soak`; shorter by
`DURE_BENCH_SECONDS=60 dure bench collect-soak`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _served import Served

SECONDS = float(os.environ.get("DURE_BENCH_SECONDS", "600"))
FLAT_OUT_SECONDS = float(os.environ.get("DURE_BENCH_FLAT_OUT_SECONDS", "20"))
PARTS = 10
WORKERS = 2
MAXIMUM = 5
LEASE_S = 60
TASKS = 10_000
# Of the highest rate that was found.
LOAD = 0.5
MEGABYTE = 1e6
HOT_TABLES = ("tasks_taskprogress", "tasks_lease", "people_contributor", "tasks_tally")

TABLES = """
select relname, n_dead_tup, pg_total_relation_size(relid), autovacuum_count
from pg_stat_user_tables where relname = any (%s)
"""
HELD = """
select count(*) from tasks_lease where status = 'held' and until > to_timestamp(%s)
"""


def run() -> dict[str, float]:
    """Megabytes, milliseconds, rows; each part of the time is also a line of its own."""
    return prove(seconds=SECONDS, flat_out_seconds=FLAT_OUT_SECONDS, lease_s=LEASE_S)


def prove(
    *, seconds: float, flat_out_seconds: float, lease_s: int, tasks: int = TASKS,
    folder: Path | None = None,
) -> dict[str, float]:  # fmt: skip
    sys.path.insert(0, str(Path(__file__).parent))
    from _served import served as serve
    from _stored import count_faults, end_leases

    with serve(workers=WORKERS, folder=folder) as served:
        served.add_call("load", tasks=tasks, answers=(MAXIMUM, MAXIMUM, None), lease_s=lease_s)
        with _shift(served) as shift:
            rate = shift.ask(f"flat-out {flat_out_seconds}")["rate"]
            steady = max(1.0, LOAD * rate)
            # Enough for all, though what is lost or handed back is asked twice.
            served.add_tasks(int(1.2 * steady * seconds / MAXIMUM))
            shift.tell(f"steady {seconds} {steady} {PARTS}")
            parts = [{**shift.hear(), **_look(served)} for _ in range(PARTS)]
            held = shift.ask("hold")
            leaked = served.rows(HELD, held["at"])[0][0] - held["held"]
        for part in parts:
            sys.stderr.write(f"{ {name: round(value, 1) for name, value in part.items()} }\n")
        never_freed = end_leases(served, seconds_max=lease_s + 10)
        return {
            "rate_max": rate,
            "rate": steady,
            **_compare(parts),
            "leases_leaked": float(leaked),
            "leases_never_freed": never_freed,
            "leases_of_lost_phones": held["lost"],
            **{f"answers_{fate}": float(n) for fate, n in held["fates"].items()},
            **{f"failures_{status}": float(n) for status, n in held["failures"].items()},
            "phones_cpu_s": held["cpu_s"],
            **count_faults(served),
        }


class Shift:
    """The phones' process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def tell(self, what: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        import orjson

        assert self.process.stdout is not None
        said: dict[str, Any] = orjson.loads(self.process.stdout.readline())
        return said

    def ask(self, what: str) -> dict[str, Any]:
        self.tell(what)
        return self.hear()


@contextmanager
def _shift(served: Served) -> Iterator[Shift]:
    program = str(Path(__file__).with_name("_shift_of_phones.py"))
    process = subprocess.Popen(
        [sys.executable, program, str(served.port), served.slug],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Shift(process)
        except BaseException:
            process.kill()
            raise
        # The end of its orders ends it.
        assert process.stdin is not None
        process.stdin.close()


def _look(served: Served) -> dict[str, float]:
    from _processes import (
        children_of,
        database_process,
        memory_bytes,
        processes_of,
        web_workers,
    )

    supervisor, postmaster = served.process.pid, database_process(served.folder)
    web = [*processes_of(supervisor, "web"), *web_workers(supervisor)]
    tables = {name: figures for name, *figures in served.rows(TABLES, list(HOT_TABLES))}
    return {
        "web_mb": memory_bytes(web) / MEGABYTE,
        "worker_mb": memory_bytes(processes_of(supervisor, "worker")) / MEGABYTE,
        "supervisor_mb": memory_bytes([supervisor]) / MEGABYTE,
        "database_mb": memory_bytes([postmaster, *children_of(postmaster)]) / MEGABYTE,
        **{f"{name}_dead": float(dead) for name, (dead, _, _) in tables.items()},
        **{f"{name}_mb": float(size) / MEGABYTE for name, (_, size, _) in tables.items()},
        "vacuums": float(sum(vacuums for _, _, vacuums in tables.values())),
    }


def _compare(parts: list[dict[str, float]]) -> dict[str, float]:
    first, last = parts[0], parts[-1]
    processes = ("web_mb", "worker_mb", "supervisor_mb", "database_mb")
    dead = [sum(part[f"{name}_dead"] for name in HOT_TABLES) for part in parts]
    return {
        "memory_mb": sum(first[name] for name in processes),
        "memory_growth_mb": sum(last[name] - first[name] for name in processes),
        **{name.replace("_mb", "_growth_mb"): last[name] - first[name] for name in processes},
        "p99_first_ms": first["p99_ms"],
        "p99_last_ms": last["p99_ms"],
        "p99_last_vs_first": last["p99_ms"] / max(first["p99_ms"], 1e-9),
        "p99_ms_max": max(part["p99_ms"] for part in parts),
        "dead_rows_max": max(dead),
        "dead_rows_end_vs_max": dead[-1] / max(1.0, *dead),
        "vacuums": last["vacuums"],
        **{f"{name}_growth_mb": last[f"{name}_mb"] - first[f"{name}_mb"] for name in HOT_TABLES},
    }
