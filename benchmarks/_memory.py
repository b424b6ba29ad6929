"""How much more memory something takes than was there before."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")


def extra_bytes(do: Callable[[], Result], *, sample_seconds: float) -> tuple[int, Result]:
    """The process's own memory at its highest, sampled so often, less what it was; the result."""
    before = highest = _resident()
    is_over = threading.Event()

    def watch() -> None:
        nonlocal highest
        while not is_over.wait(sample_seconds):
            highest = max(highest, _resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    result = do()
    highest = max(highest, _resident())
    is_over.set()
    watcher.join()
    return highest - before, result


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096
