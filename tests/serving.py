"""A real `dure serve` in a folder of its own, for tests that talk to it from outside."""

from __future__ import annotations

import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import _processes
from _processes import children_of as children_of
from _processes import database_process as database_process

from tests.ready import give_database

# How long things may take where many others want the machine; what is quick is not waited for.
READY_SECONDS_MAX = 180.0
STOP_SECONDS_MAX = 120.0
REPLY_SECONDS_MAX = 60.0
COMMAND = [str(Path(sys.executable).with_name("dure"))]


@dataclass
class Server:
    port: int
    url: str
    process: subprocess.Popen[bytes]
    log: Path
    environment: dict[str, str]

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS_MAX
        while "Dure serves http" not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.02)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS_MAX)


@contextmanager
def running_server(
    folder: Path, *, env: dict[str, str] | None = None, port: int | None = None, workers: int = 1
) -> Iterator[Server]:
    """`dure serve` on the data folder until the block ends; its PostgreSQL is stopped with it.

    A folder that is not there yet is made with a migrated database; an empty one is begun anew.
    """
    server = start_server(folder, env=env, port=port, workers=workers)
    try:
        server.wait_until_ready()
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()
        stop_database(server.environment)


def start_server(
    folder: Path, *, env: dict[str, str] | None = None, port: int | None = None, workers: int = 1
) -> Server:
    environment = environment_of(folder, env)
    if not folder.exists() and "DATABASE_URL" not in environment:
        give_database(folder)
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    # Each start has a log of its own, so that an old ready line is not taken for the new one.
    log = folder / f"serve-{time.monotonic_ns()}.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", str(port), "--workers", str(workers)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
        )
    return Server(port, f"http://127.0.0.1:{port}", process, log, environment)


def run_dure(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment_of(folder, env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def environment_of(folder: Path, env: dict[str, str] | None = None) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DURE_", "DATABASE_URL"))}
    return {**kept, "DURE_DATA": str(folder), **(env or {})}


def start_database(folder: Path) -> dict[str, str]:
    """The data folder's PostgreSQL alone, for a test that looks at its rows; stop it afterwards."""
    environment = environment_of(folder)
    code = "from dure import postgres; postgres.start()"
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    return environment


def stop_database(environment: dict[str, str]) -> None:
    """After a kill -9 of the supervisor PostgreSQL lives on; a test must not leave it running."""
    subprocess.run(
        [sys.executable, "-c", "from dure import postgres; postgres.stop()"],
        env=environment,
        check=True,
    )


@contextmanager
def database_away(folder: Path) -> Iterator[None]:
    """The server's own PostgreSQL is killed, and started again only after the block."""
    with (folder / "postgres.lock").open("w") as lock:
        # Who starts PostgreSQL holds this file; so nobody else can.
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.kill(database_process(folder), signal.SIGKILL)
        yield


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(server: Server, path: str, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=REPLY_SECONDS_MAX)
    connection.request("GET", path, headers={"Host": f"localhost:{server.port}", **headers})
    reply = connection.getresponse()
    body = reply.read()
    connection.close()
    return reply.status, body


def ask(server: Server, path: str, body: bytes | None = None) -> int:
    """The status of one request; 0 when nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=REPLY_SECONDS_MAX)
    try:
        connection.request("POST" if body is not None else "GET", path, body)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def processes_of(server: Server, module: str = "") -> list[int]:
    """The processes below the supervisor; of one module, only those that it started itself."""
    return _processes.processes_of(server.process.pid, module)


def wait_until(claim: Callable[[], bool], *, seconds_max: float = READY_SECONDS_MAX) -> None:
    deadline = time.monotonic() + seconds_max
    while not claim():
        assert time.monotonic() < deadline, "it did not become true in time"
        time.sleep(0.05)
