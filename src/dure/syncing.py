"""After a crash all files must reach the disk: at once where that is sure, else one by one."""

from __future__ import annotations

import platform
import re
from contextlib import suppress
from pathlib import Path

# Since this version the system says of a whole file system whether writing to it failed.
LINUX_OF_SYNCFS = (5, 8)
# Their disks are this machine's own, and syncing one whole syncs all its files. Of what lies behind
# FUSE or a network nobody here can know.
SYNCED_WHOLE = {"btrfs", "ext2", "ext3", "ext4", "f2fs", "overlay", "xfs", "zfs"}


def how_to_sync(folder: Path) -> dict[str, str]:
    """PostgreSQL's settings; elsewhere than on such a file system it syncs file by file."""
    version = re.match(r"(\d+)\.(\d+)", platform.release())
    if platform.system() != "Linux" or version is None:
        return {}
    is_told = tuple(map(int, version.groups())) >= LINUX_OF_SYNCFS
    if not is_told or file_system_of(folder) not in SYNCED_WHOLE:
        return {}
    return {"recovery_init_sync_method": "syncfs"}


def file_system_of(folder: Path, *, mounts: Path = Path("/proc/self/mountinfo")) -> str | None:
    """The type of what is mounted nearest above a folder, and last where there are several."""
    nearest, found = -1, None
    with suppress(OSError):
        for line in mounts.read_text(errors="surrogateescape").splitlines():
            here, _, there = line.partition(" - ")
            # Spaces in a path are written as octal codes.
            named = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), here.split(" ")[4])
            if folder.is_relative_to(named) and len(Path(named).parts) >= nearest:
                nearest, found = len(Path(named).parts), there.split(" ")[0]
    return found
