"""CSV into Parquet, as a stream."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from glob import escape
from pathlib import Path

import duckdb

from dure.doors.files.bad_file import bad_file
from dure.doors.files.tables import csv_header

MEMORY_MAX = "256MB"
ROW_GROUP_ROWS = 100_000


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
                f"quote='\"', escape='\"', columns=?)) TO '{target}' "
                f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP_ROWS})",
                [escape(str(src)), delimiter, columns],
            )
    except duckdb.Error as error:
        dst.unlink(missing_ok=True)
        reason = " ".join(str(error).splitlines()[:3])
        raise bad_file(f"does not convert to Parquet ({reason})", file=src.name) from error
