"""A database as the first start leaves it, made once for the run and copied where one is needed.

The first start itself, from nothing, is tested in tests/doors/cli/test_serve.py.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

MAKE = """
from dure.doors.cli.opening import open_platform
with open_platform():
    pass
"""
SEARCH_BITS = 0o011
SHARED = "TESTS_SHARE_DATABASE"


def give_database(folder: Path) -> None:
    """Into a data folder that has none yet."""
    made = _made()
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", str(made), str(folder / "postgres")], check=True)
    if made.stat().st_uid == os.geteuid():
        return
    # PostgreSQL does not run as root, and its own user must get to the folder.
    for above in (folder, *folder.parents):
        above.chmod(above.stat().st_mode | SEARCH_BITS)


def share_database() -> None:
    """Let all processes that this one starts copy one database, which the first to ask makes."""
    os.environ[SHARED] = _new_folder()


@cache
def _made() -> Path:
    folder = Path(os.environ.get(SHARED) or _new_folder())
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "postgres").exists():
            _make(folder)
    return folder / "postgres"


def _make(folder: Path) -> None:
    draft = folder / "draft"
    away = ("DURE_", "DATABASE_URL")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(away)}
    environment = {**kept, "DURE_DATA": str(draft)}
    subprocess.run([sys.executable, "-c", MAKE], env=environment, check=True)
    # In its place only when it is whole.
    (draft / "postgres").rename(folder / "postgres")


def _new_folder() -> str:
    folder = tempfile.mkdtemp(prefix="dure-ready-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
