"""A table and the pictures that came beside it: a cell that names one of them is its address."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from dure.doors.files.sheets import Row
from dure.doors.files.task_rows import BadLine

SHOWN_FIELDS = ("image", "audio", "video", "left", "right")
SIDES = ("left", "right")


def join_media(
    rows: Iterable[Row | BadLine], *, media: dict[str, str], mapping: dict[str, str]
) -> Iterator[Row | BadLine]:
    """`media` are addresses by path in the ZIP; a cell may leave out folders that tell nothing."""
    addresses = name_endings(media)
    for row in rows:
        yield row if isinstance(row, BadLine) or not media else _join(row, addresses, mapping)


def name_endings(media: dict[str, str]) -> dict[str, set[str]]:
    """The addresses that a path, or what is left of it without its first folders, may mean."""
    addresses = defaultdict(set)
    for path, address in media.items():
        parts = path.split("/")
        for first in range(1, len(parts)):
            addresses["/".join(parts[first:])].add(address)
    # Written in full it means one file, whatever else ends so.
    return {**addresses, **{path: {address} for path, address in media.items()}}


def _join(row: Row, addresses: dict[str, set[str]], mapping: dict[str, str]) -> Row | BadLine:
    line, cells = row
    joined: dict[str, Any] = {}
    for column, cell in cells.items():
        field = mapping.get(column)
        found = addresses.get(_clean(cell), set()) if isinstance(cell, str) else set()
        if not found or field not in SHOWN_FIELDS:
            joined[column] = cell
        elif len(found) > 1:
            return BadLine(
                line, f"There are {len(found)} files called {cell!r}; write its folder before it."
            )
        else:
            (address,) = found
            joined[column] = {"image": address} if field in SIDES else address
    return line, joined


def _clean(cell: str) -> str:
    path = unicodedata.normalize("NFC", cell.strip()).replace("\\", "/")
    return path.removeprefix("./").removeprefix("/")
