"""Keep a web server, a background worker and PostgreSQL running, and stop them in order."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from dure import postgres
from dure.doors.cli.children import EXIT_REFUSED, Child
from dure.errors import Refusal

LOOK_SECONDS = 0.1
DATABASE_LOOK_SECONDS = 2.0
PORT_FREE_SECONDS_MAX = 5.0
WEB_STOP_SECONDS_MAX = 10.0
WORKER_STOP_SECONDS_MAX = 7.0
HTTP_SECONDS_MAX = 2.0


class PortTaken(Refusal):
    """Port {port} of {host} is in use by another program; choose one with --port."""

    code = "port-taken"


class Supervisor:
    def __init__(self, *, host: str, port: int, workers: int, say: Callable[[str], None]) -> None:
        self.host, self.port = host, port
        self._say = say
        self._web = Child("dure.doors.cli.web", host, str(port), str(workers), tells=True)
        self._worker = Child("dure.doors.cli.worker")
        self._is_stopping = threading.Event()

    def run(self, *, on_ready: Callable[[str], None]) -> None:
        """Serve until SIGTERM or SIGINT; then end requests, jobs, our PostgreSQL, in this order."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._is_stopping.set())
        wait_for_port(self.host, self.port)
        pool = ThreadPoolExecutor(1)
        try:
            # It imports for a second while PostgreSQL starts.
            self._web.start()
            postgres.start(is_wanted=self._is_wanted)
            # From now on: it may be killed while the web process still makes it ready.
            keeping = pool.submit(self._keep_database)
            self._wait_until_ready(on_ready)
            self._keep_all(keeping)
        finally:
            self._is_stopping.set()
            self._web.stop(seconds_max=WEB_STOP_SECONDS_MAX)
            self._worker.stop(seconds_max=WORKER_STOP_SECONDS_MAX)
            pool.shutdown()
            postgres.stop()

    def _wait_until_ready(self, on_ready: Callable[[str], None]) -> None:
        while not self._is_stopping.wait(LOOK_SECONDS / 4):
            if http_answers(self.host, self.port):
                self._worker.start()
                on_ready(self._web.hear())
                return
            if self._look_after(self._web) == EXIT_REFUSED:
                # It has said in a sentence what only the operator can change.
                raise SystemExit(EXIT_REFUSED)

    def _keep_all(self, keeping: Future[None]) -> None:
        while not self._is_stopping.wait(LOOK_SECONDS):
            self._look_after(self._web)
            self._look_after(self._worker)
            if keeping.done():
                # It ends before its time by a mistake of ours only.
                keeping.result()

    def _keep_database(self) -> None:
        """Beside all else: what a crash left may take PostgreSQL minutes to put right."""
        is_well, looked_at = True, 0.0
        while not self._is_stopping.wait(LOOK_SECONDS):
            is_due = time.monotonic() - looked_at > DATABASE_LOOK_SECONDS
            if is_due or (is_well and postgres.has_died()):
                is_well = self._look_after_database()
                looked_at = time.monotonic()

    def _look_after_database(self) -> bool:
        try:
            if postgres.start(is_wanted=self._is_wanted) == "started":
                self._say("PostgreSQL had stopped; it was started again.")
        except Refusal as refusal:
            # Such as a full disk: what runs goes on, and the next look tries again.
            self._say(refusal.sentence)
            return False
        return True

    def _is_wanted(self) -> bool:
        return not self._is_stopping.is_set()

    def _look_after(self, child: Child) -> int | None:
        code = child.look_after()
        if code is not None and code != EXIT_REFUSED:
            self._say(f"{child.module} ended with {code}; it is started again.")
        return code


def wait_for_port(host: str, port: int) -> None:
    """Refuse a port that somebody else serves; what a killed server left may take a moment."""
    deadline = time.monotonic() + PORT_FREE_SECONDS_MAX
    while not _is_free(host, port):
        if time.monotonic() > deadline:
            raise PortTaken(host=host, port=port)
        time.sleep(LOOK_SECONDS)


def http_answers(host: str, port: int) -> bool:
    address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    try:
        with socket.create_connection((address, port), timeout=HTTP_SECONDS_MAX) as connection:
            connection.sendall(
                b"HEAD /collect/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )
            return connection.recv(5) == b"HTTP/"
    except OSError:
        return False


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
