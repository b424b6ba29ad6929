"""What somebody sent, sorted: the one table that is read, what may be media, what is left out."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO

from django.utils.translation import gettext_noop as _

from dure.calls.media.archives import read_name
from dure.calls.media.storing import clean_path
from dure.calls.tasks.uploading import Kept
from dure.errors import Invalid

TABLE_BYTES_MAX = 200 * 2**20
TABLES = (".csv", ".tsv", ".xlsx", ".jsonl", ".ndjson")
# Tables too, unless they lie in a ZIP beside other files: there they are notes.
NOTES = (".txt", ".json")
NOT_READ = _("Only one table is read at a time. Send this one by itself.")


@dataclass(slots=True)
class Parcel:
    table: Kept | None = None
    files: list[tuple[str, BinaryIO]] = field(default_factory=list)
    # What is not even looked at, and why.
    left_out: list[tuple[str, str]] = field(default_factory=list)


def open_parcel(sent: Sequence[tuple[str, BinaryIO]], folder: Path) -> Parcel:
    """Sort what was sent; the table is put into the folder. A ZIP may hold both."""
    parcel = Parcel()
    for name, stream in sent:
        if name.lower().endswith(".zip"):
            _open_zip(stream, parcel, folder)
            stream.seek(0)
            parcel.files.append((name, stream))
        elif name.lower().endswith((*TABLES, *NOTES)):
            _take(name, stream, parcel, folder)
        else:
            parcel.files.append((name, stream))
    return parcel


def _open_zip(stream: BinaryIO, parcel: Parcel, folder: Path) -> None:
    try:
        with zipfile.ZipFile(stream) as packed:
            for member in _tables_of(packed):
                with packed.open(member) as table:
                    _take(clean_path(read_name(member)), table, parcel, folder)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        # The store of media, which looks at it next, tells what is wrong with it.
        return


def _tables_of(packed: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = [
        one
        for one in packed.infolist()
        if not one.is_dir() and not one.filename.startswith("__MACOSX/")
    ]
    tables = [one for one in members if one.filename.lower().endswith(TABLES)]
    if tables:
        return tables
    notes = [one for one in members if one.filename.lower().endswith(NOTES)]
    return notes if len(notes) == len(members) else []


def _take(name: str, table: IO[bytes], parcel: Parcel, folder: Path) -> None:
    if parcel.table is None:
        parcel.table = Kept(name, _put(table, folder / "table"))
    else:
        parcel.left_out.append((name, NOT_READ))


def _put(source: IO[bytes], place: Path) -> Path:
    """At most so many bytes: what a ZIP says of a member's size need not be true."""
    left = TABLE_BYTES_MAX
    with place.open("wb") as file:
        while left > 0 and (block := source.read(min(left, 2**20))):
            file.write(block)
            left -= len(block)
        if source.read(1):
            raise Invalid(
                "A table has at most {most} MB here; send a larger one over the API.",
                most=TABLE_BYTES_MAX // 2**20,
            )
    return place
