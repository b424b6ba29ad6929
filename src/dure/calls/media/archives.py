"""ZIP files: their members one by one, within limits, their names never trusted."""

from __future__ import annotations

import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, BinaryIO

from dure.calls.media.kinds import BadMedia

MEMBERS_MAX = 10_000
BYTES_MAX = 2 * 2**30
RATIO_MAX = 200
RATIO_FROM_BYTES = 2**20
BLOCK_BYTES = 2**20
# Of the format's general purpose bits the one that says that a name is in UTF-8.
UTF8_FLAG = 1 << 11
# What systems add to an archive by themselves.
IGNORED = ("__MACOSX/", ".DS_Store", "Thumbs.db")


def open_members(file: BinaryIO, folder: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Each file in the archive, with its name as it was given; the archive is checked first."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            members = [one for one in archive.infolist() if not _is_ignored(one)]
            _check(members)
            left = BYTES_MAX
            for member in members:
                with tempfile.TemporaryFile(dir=folder) as unpacked:
                    left -= _unpack(archive, member, unpacked, bytes_max=left)
                    yield read_name(member), unpacked
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
        raise BadMedia("The ZIP is broken; pack it anew.") from error


def read_name(member: zipfile.ZipInfo) -> str:
    """A member's name as its maker wrote it: Windows packs Korean names in their old encoding."""
    if member.flag_bits & UTF8_FLAG:
        return member.filename
    try:
        raw = member.filename.encode("cp437")
    except UnicodeEncodeError:
        return member.filename
    for encoding in ("utf-8", "cp949"):
        with suppress(UnicodeDecodeError):
            return raw.decode(encoding)
    return member.filename


def _check(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MEMBERS_MAX:
        raise BadMedia(
            "The ZIP has {n} files; the most is {most}.", n=len(members), most=MEMBERS_MAX
        )
    if not members:
        raise BadMedia("There are no files in the ZIP.")
    for member in members:
        if member.flag_bits & 1:
            raise BadMedia("The ZIP is encrypted; pack it without a password.")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise BadMedia("The ZIP holds a link; pack the files themselves.")
        path = member.filename.replace("\\", "/")
        if path.startswith("/") or ".." in path.split("/") or ":" in path:
            raise BadMedia("The ZIP holds a file that would leave its folder; pack it anew.")
        _check_ratio(member.file_size, member.compress_size)
    if sum(member.file_size for member in members) > BYTES_MAX:
        raise BadMedia("The ZIP unpacks to more than 2 GB; send it in parts.")


def _check_ratio(unpacked_bytes: int, packed_bytes: int) -> None:
    if unpacked_bytes > RATIO_FROM_BYTES and unpacked_bytes > RATIO_MAX * max(1, packed_bytes):
        raise BadMedia("The ZIP unpacks to far more than it has; no picture packs so well.")


def _unpack(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, into: IO[bytes], *, bytes_max: int
) -> int:
    """What the directory says of sizes may be a lie, so they are counted while unpacking."""
    n_bytes = 0
    with archive.open(member) as packed:
        while block := packed.read(BLOCK_BYTES):
            n_bytes += len(block)
            if n_bytes > bytes_max:
                raise BadMedia("The ZIP unpacks to more than 2 GB; send it in parts.")
            _check_ratio(n_bytes, member.compress_size)
            into.write(block)
    return n_bytes


def _is_ignored(member: zipfile.ZipInfo) -> bool:
    return (
        member.is_dir()
        or member.filename.startswith(IGNORED[0])
        or (member.filename.rsplit("/", 1)[-1] in IGNORED)
    )
