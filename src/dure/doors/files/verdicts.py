"""Tables of results into a file, whole or not at all."""

from __future__ import annotations

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
from dure.doors.files.tables import Format, format_of
from dure.doors.files.whole_files import written_whole

Columns = Mapping[str, NDArray[Any]]
COPY_OPTIONS: dict[Format, str] = {
    "csv": "FORMAT csv, HEADER",
    "jsonl": "FORMAT json",
    "parquet": "FORMAT parquet, COMPRESSION zstd",
}


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
    chosen = ", ".join(
        f"{_finite_in_json(at, array, kind)} AS {_quoted(name)}"
        for (name, array), at in zip(columns.items(), arrays, strict=True)
    )
    target = str(path).replace("'", "''")
    with closing(duckdb.connect()) as connection:
        connection.register("verdicts", arrays)
        try:
            connection.execute(
                f"COPY (SELECT {chosen} FROM verdicts) TO '{target}' ({COPY_OPTIONS[kind]})"
            )
        except duckdb.IOException as error:
            # A folder that takes no files, or a disk that is full.
            raise bad_file(
                "no file can be written here; check your rights and the space that is left",
                file=str(path.parent),
            ) from error


def _finite_in_json(name: str, array: NDArray[Any], kind: Format) -> str:
    if array.dtype.kind != "f":
        return name
    unspoken = f"isnan({name}) OR isinf({name})" if kind == "jsonl" else f"isnan({name})"
    return f"CASE WHEN {unspoken} THEN NULL ELSE {name} END"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
