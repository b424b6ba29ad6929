"""Work that Ctrl-C can leave at once."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")


def interruptible(work: Callable[[], Result]) -> Result:
    """Do the work in a thread of its own, so that Ctrl-C is heard while compiled code runs.

    Python looks for Ctrl-C only between its own steps, and in the main thread alone. After it the
    thread still runs and Python would wait for it at its end: leave by `os._exit`.
    """
    results: list[Result] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    thread = Thread(target=run, name="fit", daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
