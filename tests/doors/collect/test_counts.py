"""Pages of one file, held by real processes, some of which are killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dure.doors.collect import counts as module
from dure.doors.collect.counts import PAGE_BYTES, Counts

# Counts 5 at the first place, which lasts, and 3 at the second, which ends with the process.
CODE = """
import sys
from pathlib import Path
from dure.doors.collect.counts import Counts
counts = Counts(n_numbers=2, passing=(1,))
counts.share(Path(sys.argv[1]))
counts.numbers[0] += 5
counts.numbers[1] += 3
print("counted", flush=True)
sys.stdin.read()
"""


class Counting:
    def __init__(self, file: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", CODE, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"counted\n"

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Counts]:
    counts = Counts(n_numbers=2, passing=(1,))
    counts.share(tmp_path / "counts")
    counts.numbers[0], counts.numbers[1] = 100, 10
    yield counts
    if counts._descriptor is not None:
        os.close(counts._descriptor)


def test_sums_are_over_all_processes_and_keep_what_dead_ones_did(
    mine: Counts, tmp_path: Path
) -> None:
    file = tmp_path / "counts"
    one, other = Counting(file), Counting(file)

    both = mine.sums()
    one.kill()
    after_kill = mine.sums()
    third = Counting(file)
    after_third = mine.sums()
    for process in (other, third):
        process.kill()

    assert both == [110, 16]
    assert after_kill == [110, 13]
    assert after_third == [115, 16]
    assert mine.sums() == [115, 10]
    assert file.stat().st_size == 3 * PAGE_BYTES
    assert file.stat().st_mode & 0o077 == 0


def test_new_process_does_not_inherit_what_has_passed(mine: Counts, tmp_path: Path) -> None:
    Counting(tmp_path / "counts").kill()

    new = Counting(tmp_path / "counts")
    sums = mine.sums()
    new.kill()

    assert sums == [110, 13]


@pytest.mark.parametrize("reason", ["no folder", "no page"])
def test_process_without_a_page_counts_for_itself_and_says_so(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    reason: str,
) -> None:
    counts = Counts(n_numbers=2, passing=(1,))
    if reason == "no page":
        monkeypatch.setattr(module, "PAGES_MAX", 0)

    counts.share(tmp_path / ("no-folder" if reason == "no folder" else "") / "counts")
    counts.numbers[0] += 1

    assert counts.sums() == [1, 0]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
