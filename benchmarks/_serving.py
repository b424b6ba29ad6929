"""A real `dure serve` on a folder of its own, and a call in it, for benchmarks of collecting."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

COMMAND = str(Path(sys.executable).with_name("dure"))
READY_SECONDS_MAX = 120.0
STOP_SECONDS_MAX = 40.0
TASKS_AT_ONCE = 2000
# The load comes from one address and answers faster than people do.
WITHOUT_LIMITS = {"DURE_COLLECT_ADDRESS_RATE": "0", "DURE_COLLECT_PERSON_RATE": "0"}


@dataclass
class Served:
    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    database: str
    token: str = ""
    call: dict[str, Any] = field(default_factory=dict)
    n_tasks: int = 0

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The organiser's side, by the API."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(
                method,
                f"/api/v1{path}",
                body=json.dumps(body).encode() if body is not None else b"",
                headers={
                    "Authorization": f"Bearer {self.token}",
                    "Content-Type": "application/json",
                },
            )
            reply = connection.getresponse()
            raw = reply.read()
        finally:
            connection.close()
        if reply.status >= 400:
            raise ConnectionError(f"{path} gave {reply.status}: {raw[:300]!r}")
        return json.loads(raw)

    def add_tasks(self, n: int) -> None:
        """So many more; a request that failed is sent again with the same keys."""
        until = self.n_tasks + n
        while self.n_tasks < until:
            last = min(until, self.n_tasks + TASKS_AT_ONCE)
            tasks = [
                {"key": f"t{number}", "content": {"text": f"Which letter stands at {number}?"}}
                for number in range(self.n_tasks, last)
            ]
            self.ask("POST", f"/calls/{self.call['id']}/tasks", {"tasks": tasks})
            self.n_tasks = last

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What the tables say, asked as their owner."""
        import psycopg

        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(statement, values).fetchall()


@contextmanager
def served_call(
    *, maximum: int, lease_s: int, tasks: int, workers: int = 2, folder: Path | None = None
) -> Iterator[Served]:
    """An open call of choices; the server and its PostgreSQL are stopped when the block ends."""
    with tempfile.TemporaryDirectory(prefix="dure-bench-") as made:
        folder = folder or Path(made) / "data"
        environment = _environment(folder)
        served = _start(folder, environment, workers=workers)
        try:
            wait_until_ready(served.folder, served.process)
            served.token = _make_organisation(environment)
            _make_call(served, maximum=maximum, lease_s=lease_s)
            served.add_tasks(tasks)
            served.ask("POST", f"/calls/{served.call['id']}/open", {})
            yield served
        finally:
            served.process.send_signal(signal.SIGTERM)
            served.process.wait(STOP_SECONDS_MAX)
            stop = "from dure import postgres; postgres.stop()"
            subprocess.run([sys.executable, "-c", stop], env=environment, check=True)


def _environment(folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DURE_", "DATABASE_URL"))}
    return {**kept, "DURE_DATA": str(folder), **WITHOUT_LIMITS}


def _make_organisation(environment: dict[str, str]) -> str:
    for words in (
        ["org", "create", "bench", "--owner", "bench@example.org"],
        ["token", "create", "--org", "bench"],
    ):
        done = subprocess.run(
            [COMMAND, *words], env=environment, check=True, capture_output=True, text=True
        )
    return done.stdout.strip().splitlines()[-1]


def start(
    folder: Path, environment: dict[str, str], *, workers: int
) -> tuple[subprocess.Popen[bytes], int]:
    """`dure serve` on a data folder, and its port; how it goes is in the folder's serve.log."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [COMMAND, "serve", "--port", str(port), "--workers", str(workers)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    return process, port


def wait_until_ready(folder: Path, process: subprocess.Popen[bytes]) -> None:
    log = folder / "serve.log"
    deadline = time.monotonic() + READY_SECONDS_MAX
    while "Dure serves http" not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(log.read_text())
        time.sleep(0.05)


def _start(folder: Path, environment: dict[str, str], *, workers: int) -> Served:
    from dure import postgres

    with patch.dict(os.environ, DURE_DATA=str(folder)):
        database = postgres.address("owner", database=postgres.DATABASE)
    process, port = start(folder, environment, workers=workers)
    return Served(folder, port, process, database)


def _make_call(served: Served, *, maximum: int, lease_s: int) -> None:
    served.call = served.ask(
        "POST",
        "/calls",
        {
            "kind": "tasks",
            "title": "Letters",
            "question": {
                "type": "choice",
                "text": "Which letter?",
                "options": [{"value": value, "label": value} for value in "abcd"],
            },
            "answers": {"min": maximum, "max": maximum, "target": None, "lease_s": lease_s},
        },
    )
