"""Tables of results into a file, whole or not at all."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
import numpy as np
from numpy.typing import NDArray

from dure.doors.files.bad_file import bad_file
from dure.doors.files.tables import Format, format_of, quoted
from dure.doors.files.whole_files import written_whole

Columns = Mapping[str, NDArray[Any]]
COPY_OPTIONS: dict[Format, str] = {
    "csv": "FORMAT csv, HEADER",
    "jsonl": "FORMAT json",
    "parquet": "FORMAT parquet, COMPRESSION zstd",
}
ROWS_ALONE = "FORMAT csv, HEADER false"
LINES_AS_THEY_ARE = "FORMAT csv, HEADER false, QUOTE '', ESCAPE ''"


def write_verdicts(columns: Columns, *, path: Path) -> None:
    """Write the columns in the format that the file's name says.

    Floats are written so that they read back to the same bits; nan is left empty (null). JSON has
    no infinity, so there it is null as well.
    """
    with written_whole(path) as unfinished:
        copy_verdicts(columns, path=unfinished)


def copy_verdicts(columns: Columns, *, path: Path) -> None:
    """Write the columns as `write_verdicts` does, for a caller who sees to it that it is whole."""
    _copy(columns, path, format_of(path, file=path.name))


def stream_verdicts(columns: Columns, *, stream: BinaryIO) -> None:
    """Write the columns as CSV, for instance to the standard output."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "verdicts.csv"
        _copy(columns, whole, "csv")
        with whole.open("rb") as finished:
            shutil.copyfileobj(finished, stream)
    stream.flush()


def _copy(columns: Columns, path: Path, kind: Format) -> None:
    # Names of our own for the way in: a class may be called anything.
    arrays = {f"c{at}": np.ascontiguousarray(array) for at, array in enumerate(columns.values())}
    values = [
        _finite_in_json(at, array, kind) for array, at in zip(columns.values(), arrays, strict=True)
    ]
    options = COPY_OPTIONS[kind]
    chosen = ", ".join(
        f"{value} AS {quoted(name)}" for name, value in zip(columns, values, strict=True)
    )
    # DuckDB takes names that differ in case alone for the same, and would rename the second.
    if len({name.lower() for name in columns}) < len(columns):
        chosen, options = _apart_by_case(columns, values, path, kind)
    with closing(duckdb.connect()) as connection:
        connection.register("verdicts", arrays)
        try:
            connection.execute(
                f"COPY (SELECT {chosen} FROM verdicts) TO {_text(str(path))} ({options})"
            )
        except duckdb.IOException as error:
            # A folder that takes no files, or a disk that is full.
            raise bad_file(
                "no file can be written here; check your rights and the space that is left",
                file=str(path.parent),
            ) from error
    if options == ROWS_ALONE:
        _set_head(path, list(columns))


def _apart_by_case(
    columns: Columns, values: list[str], path: Path, kind: Format
) -> tuple[str, str]:
    """Return what to select and how to write it where names differ in case alone."""
    if kind == "jsonl":
        pairs = (f"{_text(name)}, {value}" for name, value in zip(columns, values, strict=True))
        return f"json_object({', '.join(pairs)})", LINES_AS_THEY_ARE
    if kind == "csv":
        return ", ".join(values), ROWS_ALONE
    lower = [name.lower() for name in columns]
    twins = [name for name in columns if lower.count(name.lower()) > 1][:2]
    raise bad_file(
        f"a Parquet file can not hold columns that differ in case alone, got {twins[0]!r} and "
        f"{twins[1]!r}; write CSV or JSONL",
        file=path.name,
    )


def _set_head(path: Path, names: list[str]) -> None:
    """Put the line of names before the rows, written as the rows are."""
    rows = path.with_name(f"{path.name}.rows")
    path.rename(rows)
    try:
        with path.open("w", encoding="utf-8", newline="") as whole:
            csv.writer(whole, lineterminator="\n").writerow(names)
        with path.open("ab") as whole, rows.open("rb") as body:
            shutil.copyfileobj(body, whole)
    finally:
        rows.unlink(missing_ok=True)


def _finite_in_json(name: str, array: NDArray[Any], kind: Format) -> str:
    if array.dtype.kind != "f":
        return name
    unspoken = f"isnan({name}) OR isinf({name})" if kind == "jsonl" else f"isnan({name})"
    return f"CASE WHEN {unspoken} THEN NULL ELSE {name} END"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
