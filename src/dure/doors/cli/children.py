"""The processes that `dure serve` keeps alive."""

from __future__ import annotations

import os
import subprocess
import sys
import time

# It said in a sentence what only the operator can change; another try would not help.
EXIT_REFUSED = 2
PAUSE_SECONDS_MIN, PAUSE_SECONDS_MAX = 0.2, 10.0
# A process that lived this long was well: the next death starts the pauses anew.
WELL_AFTER_SECONDS = 30.0


class Child:
    """One Python module run as a process, and started again after a pause when it dies."""

    def __init__(self, module: str, *arguments: str, tells: bool = False) -> None:
        self.module = module
        self._stdout = subprocess.PIPE if tells else None
        self._command = [sys.executable, "-m", module, *arguments, str(os.getpid())]
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._pause_seconds = PAUSE_SECONDS_MIN
        self._not_before = 0.0

    def start(self) -> None:
        # A group of its own: Ctrl-C reaches the supervisor only, which stops things in order.
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=self._stdout,
            start_new_session=True,
        )
        self._started_at = time.monotonic()

    def hear(self) -> str:
        """The one line that it tells as it begins; empty if it has nothing to tell."""
        assert self._process is not None
        assert self._process.stdout is not None, "only a child that tells is heard"
        with self._process.stdout as told:
            return told.readline().decode().strip()

    def look_after(self) -> int | None:
        """Start it again when it is dead and its pause is over; gives the code it died with."""
        if self._process is None:
            if time.monotonic() >= self._not_before:
                self.start()
            return None
        code = self._process.poll()
        if code is None:
            return None
        lived = time.monotonic() - self._started_at
        pause = PAUSE_SECONDS_MIN if lived > WELL_AFTER_SECONDS else self._pause_seconds
        self._pause_seconds = min(pause * 2, PAUSE_SECONDS_MAX)
        self._not_before = time.monotonic() + pause
        self._process = None
        return code

    def stop(self, *, seconds_max: float) -> None:
        """Ask it to end, and end it when the time is up."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(seconds_max)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
