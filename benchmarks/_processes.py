"""The processes of a `dure serve`: found, weighed, told apart. By /proc, so on Linux alone."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def processes_of(supervisor: int, module: str = "") -> list[int]:
    """The processes below the supervisor; of one module, only those that it started itself."""
    found: list[int] = []
    parents = [supervisor]
    while parents:
        children = [c for p in parents for c in children_of(p)]
        named = f"dure.doors.cli.{module}".encode()
        found += [c for c in children if named in command_of(c)]
        parents = [] if module else children
    return found


def web_workers(supervisor: int) -> list[int]:
    """Without those that are dead and not yet looked after: they have no command any more."""
    masters = processes_of(supervisor, "web")
    return [worker for web in masters for worker in children_of(web) if command_of(worker)]


def database_process(folder: Path) -> int:
    """The process id of the data folder's PostgreSQL; 0 while there is none."""
    try:
        return int((folder / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return 0


def backends(folder: Path, role: str) -> list[int]:
    """The sessions of one role in the data folder's PostgreSQL."""
    title = f"postgres: {role} ".encode()
    return [c for c in children_of(database_process(folder)) if command_of(c).startswith(title)]


def memory_bytes(processes: Iterable[int]) -> int:
    """What they take together; memory that several share is counted once."""
    return sum(_shared_out(process) for process in processes)


def cpu_seconds(processes: Iterable[int]) -> float:
    return sum(_ticks(process) for process in processes) / TICKS_A_SECOND


def children_of(process: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        return [int(c) for task in tasks for c in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def command_of(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def _shared_out(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _ticks(process: int) -> int:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(fields[11]) + int(fields[12])
