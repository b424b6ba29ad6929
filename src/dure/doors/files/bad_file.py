"""The refusal of a file, which says where."""

from __future__ import annotations

from dure.errors import Refusal


class BadFile(Refusal):
    """This file can't be read; check that it is UTF-8 text in CSV or JSONL, or Parquet."""

    code = "bad-file"
    status = 422


def bad_file(
    reason: str,
    *,
    file: str,
    line: int | None = None,
    row: int | None = None,
    column: str = "",
) -> BadFile:
    """Say where and why on one line; Parquet has rows, text has lines, both counted from 1."""
    place = [f"line {line}"] if line is not None else []
    place += [f"row {row}"] if row is not None else []
    place += [f"column {column}"] if column else []
    return BadFile(f"{file}: {', '.join(place)}: {reason}" if place else f"{file}: {reason}")
