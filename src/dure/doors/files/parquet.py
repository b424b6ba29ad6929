"""CSV into Parquet."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from glob import escape
from pathlib import Path

import duckdb

from dure.doors.files.bad_file import bad_file
from dure.doors.files.tables import csv_header

MEMORY_MAX = "128MB"
ROW_GROUP_ROWS = 10_240
BLOCK_BYTES = 256 * 1024
# DuckDB reads 32 MB of text at a time unless told otherwise; a line has to fit in.
READ_BYTES = 4 * 1024 * 1024


def stream_parquet(
    rows: Iterable[bytes], *, type_of: Callable[[str], str | None]
) -> Iterator[bytes]:
    """CSV into Parquet by way of the disk, since Parquet's index is written last."""
    with tempfile.TemporaryDirectory(prefix="dure-export-") as folder:
        table, file = Path(folder) / "rows.csv", Path(folder) / "rows.parquet"
        with table.open("wb") as out:
            out.writelines(rows)
        with table.open(encoding="utf-8", newline="") as lines:
            header = next(csv.reader(lines))
        types = {name: kind for name in header if (kind := type_of(name))}
        csv_to_parquet(table, file, types=types)
        with file.open("rb") as finished:
            while block := finished.read(BLOCK_BYTES):
                yield block


def csv_to_parquet(src: Path, dst: Path, *, types: Mapping[str, str]) -> None:
    """Convert a CSV file; `types` names the SQL type of columns that are not text.

    Rows go through in groups and one thread, so that memory stays flat whatever the size.
    """
    header, delimiter = csv_header(src, file=src.name)
    unknown = [name for name in types if name not in header]
    if unknown:
        raise bad_file("there is no such column", file=src.name, line=1, column=unknown[0])
    target = str(dst).replace("'", "''")
    columns = {name: types.get(name, "VARCHAR") for name in header}
    try:
        with closing(
            duckdb.connect(config={"threads": 1, "memory_limit": MEMORY_MAX})
        ) as connection:
            connection.execute("SET preserve_insertion_order = true")
            connection.execute(
                "COPY (SELECT * FROM read_csv(?, auto_detect=false, header=true, delim=?, "
                f"quote='\"', escape='\"', buffer_size={READ_BYTES}, columns=?)) TO '{target}' "
                f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP_ROWS})",
                [escape(str(src)), delimiter, columns],
            )
    except duckdb.Error as error:
        dst.unlink(missing_ok=True)
        reason = " ".join(str(error).splitlines()[:3])
        raise bad_file(f"does not convert to Parquet ({reason})", file=src.name) from error
