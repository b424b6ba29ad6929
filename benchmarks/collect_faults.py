"""Kill -9 of the server's processes under load, ten times: what was acknowledged must be there.

A real `dure serve` with two web processes; 32 phones in a process of their own answer as fast as
they can, repeat each request with the same ids until it is answered, and note every answer the
server acknowledged. Web processes, their master, the job worker, PostgreSQL and one of its
sessions are killed in an order and at moments drawn from a seed, each when the load flows again.
Afterwards the notes are held against the tables, and all counters against the rows they count. Run
it by `dure bench collect-faults`; with fewer by `DURE_BENCH_KILLS=3 dure bench collect-faults`.
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _served import Served

KILLS = int(os.environ.get("DURE_BENCH_KILLS", "10"))
SEED = int(os.environ.get("DURE_BENCH_SEED", "1"))
WORKERS = 2
MAXIMUM = 3
LEASE_S = 5
TASKS = 4000
# While fewer answers than these are wanted, more tasks are added.
WANTED_MIN = 6000
FLOWS_AFTER_ANSWERS = 100
FLOW_SECONDS_MAX = 120.0
MOMENT_SECONDS = (0.2, 2.0)
LOOK_SECONDS = 0.02
CROWD_SECONDS_MAX = 120.0
# Of any ten kills in a row, so many of each; of fewer, those that come first.
TARGETS = (
    "web worker", "postgres", "worker", "web", "backend",
    "web worker", "postgres", "worker", "web", "web worker",
)  # fmt: skip


def run() -> dict[str, float]:
    """Answers by what became of them; seconds without any acknowledged answer after each kill."""
    return prove(kills=KILLS, seed=SEED)


def prove(
    *, kills: int, seed: int, moment_seconds: tuple[float, float] = MOMENT_SECONDS,
    folder: Path | None = None,
) -> dict[str, float]:  # fmt: skip
    sys.path.insert(0, str(Path(__file__).parent))
    from _served import served as serve
    from _stored import count_faults, end_leases, stored_answers

    chance = random.Random(seed)
    targets = [TARGETS[number % len(TARGETS)] for number in range(kills)]
    chance.shuffle(targets)
    with serve(workers=WORKERS, folder=folder) as served:
        served.add_call("load", tasks=TASKS, answers=(MAXIMUM, MAXIMUM, None), lease_s=LEASE_S)
        notes = Notes(served.folder / "notes")
        with _crowd(served, notes, seed=seed) as crowd:
            killed_at = _kill_all(served, notes, targets, chance=chance, within=moment_seconds)
            _wait_until_flowing(served, notes)
            crowd.terminate()
            crowd.wait(CROWD_SECONDS_MAX)
        notes.read()
        leaked = end_leases(served, seconds_max=LEASE_S + 5)
        return {
            **hold_against(notes, stored_answers(served)),
            **count_faults(served),
            "leases_leaked": leaked,
            "kills": len(killed_at),
            **_recoveries(notes, targets, killed_at),
        }


class Notes:
    """What the crowd wrote down, read as it grows: when, what was said, answer, task, person."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.file.touch()
        self.acknowledged: list[tuple[float, str, str, int, str]] = []
        self.refused = 0
        self.forgotten = 0
        self._read_up_to = 0

    def read(self) -> int:
        with self.file.open("rb") as file:
            file.seek(self._read_up_to)
            whole, _, _ = file.read().rpartition(b"\n")
        self._read_up_to += len(whole) + 1 if whole else 0
        for line in whole.decode().splitlines():
            at, fate, answer, task, person = line.split("\t")
            if fate in ("accepted", "late"):
                self.acknowledged.append((float(at), fate, answer, int(task), person))
            elif fate == "forgotten":
                # The server knew nothing of a person or a call that it had confirmed.
                self.forgotten += 1
            else:
                self.refused += 1
        return len(self.acknowledged)


@contextmanager
def _crowd(served: Served, notes: Notes, *, seed: int) -> Iterator[subprocess.Popen[bytes]]:
    program = str(Path(__file__).with_name("_crowd_of_phones.py"))
    words = [str(served.port), served.slug, str(notes.file), str(seed)]
    crowd = subprocess.Popen([sys.executable, program, *words])
    try:
        yield crowd
    finally:
        if crowd.poll() is None:
            crowd.kill()
        crowd.wait()


def _kill_all(
    served: Served, notes: Notes, targets: list[str], *,
    chance: random.Random, within: tuple[float, float],
) -> list[float]:  # fmt: skip
    killed_at = []
    for target in targets:
        _wait_until_flowing(served, notes)
        moment = time.monotonic() + chance.uniform(*within)
        _wait(served, notes, lambda moment=moment: time.monotonic() >= moment)
        victim = chance.choice(_processes(served, target))
        killed_at.append(time.monotonic())
        os.kill(victim, signal.SIGKILL)
    return killed_at


def _processes(served: Served, target: str) -> list[int]:
    from _processes import backends, database_process, processes_of, web_workers

    if target == "web worker":
        return web_workers(served.process.pid)
    if target == "postgres":
        return [database_process(served.folder)]
    if target == "backend":
        return backends(served.folder, "dure_collect")
    return processes_of(served.process.pid, target)


def _wait_until_flowing(served: Served, notes: Notes) -> None:
    """Every process is there, and so many answers came since."""
    _wait(served, notes, lambda: _is_whole(served))
    enough = notes.read() + FLOWS_AFTER_ANSWERS
    _wait(served, notes, lambda: len(notes.acknowledged) >= enough)


def _is_whole(served: Served) -> bool:
    from _processes import backends, processes_of, web_workers

    supervisor = served.process.pid
    return (
        len(web_workers(supervisor)) == WORKERS
        and len(processes_of(supervisor, "worker")) == 1
        and bool(backends(served.folder, "dure_collect"))
    )


def _wait(served: Served, notes: Notes, claim: Callable[[], bool]) -> None:
    deadline = time.monotonic() + FLOW_SECONDS_MAX
    while not claim():
        if time.monotonic() > deadline:
            said = (served.folder / "serve.log").read_text()[-2000:]
            raise RuntimeError(f"The load does not flow again. The server said: {said}")
        time.sleep(LOOK_SECONDS)
        if served.n_tasks * MAXIMUM - notes.read() < WANTED_MIN:
            _add_tasks(served)


def _add_tasks(served: Served) -> None:
    import psycopg

    try:
        served.add_tasks(TASKS)
    except psycopg.OperationalError:
        # It is just down; the next look tries again, with the same keys.
        return


def hold_against(notes: Notes, stored: dict[str, tuple[int, str, bool]]) -> dict[str, float]:
    said = {answer: (task, person, fate == "late")
            for _, fate, answer, task, person in notes.acknowledged}  # fmt: skip
    return {
        "acknowledged": len(said),
        "late": sum(is_late for _, _, is_late in said.values()),
        # Not there, or there as another task's or another person's answer.
        "lost": sum(stored.get(answer, (None,))[:2] != said[answer][:2] for answer in said),
        "fate_changed": sum(answer in stored and stored[answer][2] != said[answer][2]
                            for answer in said),
        "never_acknowledged": len(stored.keys() - said.keys()),
        "refused": notes.refused,
        "forgotten": notes.forgotten,
    }  # fmt: skip


def _recoveries(notes: Notes, targets: list[str], killed_at: list[float]) -> dict[str, float]:
    times = [note[0] for note in notes.acknowledged]
    times.sort()
    waits: dict[str, list[float]] = defaultdict(list)
    for target, begin, end in zip(targets, killed_at, [*killed_at[1:], times[-1]], strict=True):
        between = [begin, *(at for at in times if begin < at <= end)]
        gaps = [later - at for at, later in pairwise(between)]
        waits[target].append(max(gaps, default=end - begin))
    every = [wait for some in waits.values() for wait in some]
    return {
        "recovery_s": statistics.median(every),
        "recovery_s_max": max(every),
        **{f"recovery_{target.replace(' ', '_')}_s_max": max(some)
           for target, some in sorted(waits.items())},
    }  # fmt: skip
