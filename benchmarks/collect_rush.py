"""A link is opened by a thousand phones within one second: how long each waits for its first task.

A real `dure serve` with two web processes. Every phone connects, joins, asks for the eight tasks
that a phone keeps ahead, and sends one answer; the phones are in one process of their own, whose
share of the processors is stated, since it takes it from the server. A request that fails is sent
again, and the wait goes on. Run it by `dure bench collect-rush`; with fewer by
`DURE_BENCH_PHONES=200 dure bench collect-rush`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _served import Served

PHONES = int(os.environ.get("DURE_BENCH_PHONES", "1000"))
WITHIN_SECONDS = 1.0
WORKERS = 2
MAXIMUM = 3
LEASE_S = 60
AHEAD = 8
SECONDS_MAX = 180.0


def run() -> dict[str, float]:
    """Seconds from a phone's first packet to its first task (and of each step at its slowest);
    tasks over their maximum, phones without a task, failures by status; seconds of processor.
    """
    return prove(phones=PHONES)


def prove(*, phones: int, folder: Path | None = None) -> dict[str, float]:
    sys.path.insert(0, str(Path(__file__).parent))
    from _served import served as serve
    from _stored import count_faults

    # Seats for all, and as many again.
    tasks = 2 * phones * AHEAD // MAXIMUM
    with serve(workers=WORKERS, folder=folder) as served:
        served.add_call("load", tasks=tasks, answers=(MAXIMUM, MAXIMUM, None), lease_s=LEASE_S)
        before = _processor_seconds(served)
        waits = _rush(served, phones=phones)
        after = _processor_seconds(served)
        return {
            "phones": phones,
            **_figures(waits),
            **count_faults(served),
            **{name: after[name] - before[name] for name in after},
        }


def _rush(served: Served, *, phones: int) -> dict[str, Any]:
    import orjson

    program = str(Path(__file__).with_name("_rush_of_phones.py"))
    words = [str(served.port), served.slug, str(phones), str(WITHIN_SECONDS), str(AHEAD)]
    done = subprocess.run(
        [sys.executable, program, *words],
        stdout=subprocess.PIPE,
        check=True,
        timeout=SECONDS_MAX,
    )
    waits: dict[str, Any] = orjson.loads(done.stdout)
    return waits


def _figures(waits: dict[str, Any]) -> dict[str, float]:
    figures = {
        "under_served": float(waits["under_served"]),
        "unheard": float(waits["unheard"]),
        **{f"failures_{status}": float(n) for status, n in sorted(waits["failures"].items())},
    }
    for step in ("first_task", "connect", "join", "lease", "answer"):
        times = sorted(waits[step])
        figures[f"{step}_s_p50"] = times[len(times) // 2]
        figures[f"{step}_s_p99"] = times[len(times) * 99 // 100]
        figures[f"{step}_s_max"] = times[-1]
    return figures | {"seconds": waits["seconds"], "phones_cpu_s": waits["cpu_s"]}


def _processor_seconds(served: Served) -> dict[str, float]:
    from _processes import children_of, cpu_seconds, database_process, processes_of, web_workers

    postmaster = database_process(served.folder)
    supervisor = served.process.pid
    return {
        "web_cpu_s": cpu_seconds(web_workers(supervisor)),
        "worker_cpu_s": cpu_seconds(processes_of(supervisor, "worker")),
        "database_cpu_s": cpu_seconds([postmaster, *children_of(postmaster)]),
    }
