"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dure.doors.files.bad_file import bad_file


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a name beside the path that takes its place only when the block succeeds."""
    if not path.parent.is_dir():
        raise bad_file("there is no such folder; make it first", file=str(path.parent))
    unfinished = path.with_name(f".{path.stem}.{os.getpid()}.unfinished{path.suffix}")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
