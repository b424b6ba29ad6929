"""How files are synced after a crash."""

from __future__ import annotations

from pathlib import Path

import pytest

from dure import syncing

MOUNTS = r"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
30 27 8:1 / /mnt/disk rw,relatime shared:2 master:1 - xfs /dev/sda rw
31 30 0:40 / /mnt/disk/far rw - nfs4 far:/ rw
32 27 0:41 / /mnt/with\040space rw - fuse.sshfs far:/ rw
33 27 0:42 / /over rw - tmpfs tmpfs rw
34 33 0:43 / /over rw - overlay overlay rw,upperdir=/x
"""


@pytest.mark.parametrize(
    ("folder", "type_"),
    [
        ("/srv/dure/postgres", "ext4"),
        ("/mnt/disk/postgres", "xfs"),
        ("/mnt/diskette/postgres", "ext4"),
        ("/mnt/disk/far/postgres", "nfs4"),
        ("/mnt/with space/postgres", "fuse.sshfs"),
        ("/over/postgres", "overlay"),
    ],
)
def test_file_system_of_a_folder_is_of_the_nearest_and_last_mount(
    tmp_path: Path, folder: str, type_: str
) -> None:
    (tmp_path / "mounts").write_text(MOUNTS)

    found = syncing.file_system_of(Path(folder), mounts=tmp_path / "mounts")

    assert found == type_


def test_what_nobody_knows_is_synced_file_by_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncing, "file_system_of", lambda folder: "fuse.sshfs")

    assert syncing.how_to_sync(Path("/srv/dure")) == {}
