"""Numbers that several processes count side by side, each on a page of its own in one file.

A process holds its page by a lock, which ends with it, however it ends. The next one that starts
takes the page over and counts on, so nothing is lost and the file grows no further.
"""

from __future__ import annotations

import fcntl
import logging
import mmap
import os
from pathlib import Path

NUMBER_BYTES = 8
PAGE_BYTES = mmap.ALLOCATIONGRANULARITY
# Twice as many as `dure serve` has web processes at most.
PAGES_MAX = 128

log = logging.getLogger(__name__)


class Counts:
    """Only the process's event loop writes; what stands at `passing` ends with its process."""

    def __init__(self, *, n_numbers: int, passing: tuple[int, ...]) -> None:
        assert n_numbers * NUMBER_BYTES <= PAGE_BYTES
        self._n_numbers, self._passing = n_numbers, passing
        self._descriptor: int | None = None
        self._page = 0
        # Until they are shared they are this process's own.
        self.numbers = memoryview(bytearray(n_numbers * NUMBER_BYTES)).cast("d")

    def share(self, file: Path) -> None:
        """Count on a page of the file from now on; without one the process counts for itself."""
        assert self._descriptor is None
        try:
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            page = next((page for page in range(PAGES_MAX) if _lock(descriptor, page)), None)
            if page is None:
                os.close(descriptor)
                log.warning("All %d pages of %s are taken; not counted there.", PAGES_MAX, file)
                return
            self.numbers = self._take(descriptor, page)
        except OSError as error:
            log.warning("%s can not be used (%s); not counted there.", file, error)
            return
        self._descriptor, self._page = descriptor, page

    def sums(self) -> list[float]:
        """Each number over all processes, with what the dead ones had counted."""
        if self._descriptor is None:
            return list(self.numbers)
        sums = [0.0] * self._n_numbers
        n_pages = min(os.fstat(self._descriptor).st_size // PAGE_BYTES, PAGES_MAX)
        for page in range(n_pages):
            if page != self._page and _lock(self._descriptor, page):
                self._clear_passing(self._descriptor, page)
                _unlock(self._descriptor, page)
            counted = os.pread(self._descriptor, self._n_numbers * NUMBER_BYTES, page * PAGE_BYTES)
            sums = [a + b for a, b in zip(sums, memoryview(counted).cast("d"), strict=True)]
        return sums

    def _take(self, descriptor: int, page: int) -> memoryview[float]:
        # Written once in full: a hole in the file would kill us when the disk is full by then.
        kept = os.pread(descriptor, PAGE_BYTES, page * PAGE_BYTES).ljust(PAGE_BYTES, b"\0")
        os.pwrite(descriptor, kept, page * PAGE_BYTES)
        self._clear_passing(descriptor, page)
        mapped = mmap.mmap(descriptor, PAGE_BYTES, offset=page * PAGE_BYTES)
        return memoryview(mapped)[: self._n_numbers * NUMBER_BYTES].cast("d")

    def _clear_passing(self, descriptor: int, page: int) -> None:
        for place in self._passing:
            os.pwrite(descriptor, bytes(NUMBER_BYTES), page * PAGE_BYTES + place * NUMBER_BYTES)


def _lock(descriptor: int, page: int) -> bool:
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, page * PAGE_BYTES)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _unlock(descriptor: int, page: int) -> None:
    fcntl.lockf(descriptor, fcntl.LOCK_UN, 1, page * PAGE_BYTES)
