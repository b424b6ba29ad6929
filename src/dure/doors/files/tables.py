"""Text columns out of a file, fast by DuckDB, and the line of a row when something is wrong."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from glob import escape
from pathlib import Path
from typing import Literal, TypeAlias

import duckdb

from dure.doors.files.bad_file import BadFile, bad_file
from dure.nesting import DEPTH_MAX, nests_too_deep

Format: TypeAlias = Literal["csv", "jsonl", "parquet"]

FORMAT_OF_SUFFIX: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
DELIMITERS = (",", "\t", ";")
HEADER_BYTES_MAX = 100_000


def format_of(path: Path, *, file: str) -> Format:
    found = FORMAT_OF_SUFFIX.get(path.suffix.lower())
    if found is None:
        raise bad_file(
            "expected a name ending in .csv, .jsonl or .parquet, "
            f"got {path.suffix or 'no ending'}; "
            "rename the file after its format",
            file=file,
        )
    return found


def read_columns(
    path: Path, *, file: str, required: Sequence[str], optional: Sequence[str] = ()
) -> dict[str, list[str]]:
    """Return the columns as texts as they were written; what is missing in a row is ''."""
    kind = format_of(path, file=file)
    if not path.is_file():
        raise bad_file("there is no such file; check the name", file=file)
    if kind == "parquet":
        return _read_parquet(path, file=file, required=required, optional=optional)
    if kind == "jsonl":
        return _read_jsonl(path, file=file, wanted=[*required, *optional])
    return _read_csv(path, file=file, required=required, optional=optional)


def place_of_row(path: Path, row: int) -> dict[str, int]:
    """Return where row (from 0) stands: its line in a text file, its number in Parquet."""
    kind = format_of(path, file=path.name)
    if kind == "parquet":
        return {"row": row + 1}
    lines = _jsonl_rows(path, file=path.name) if kind == "jsonl" else _csv_rows(path, path.name)
    for at, (line, _) in enumerate(lines):
        if at == row:
            return {"line": line}
    raise RuntimeError(f"{path} has fewer than {row + 1} rows; it changed while being read.")


def _pick(
    header: Sequence[str],
    *,
    file: str,
    required: Sequence[str],
    optional: Sequence[str],
) -> dict[str, int]:
    for name in required:
        if name not in header:
            raise bad_file(
                f"there is no such column among {', '.join(header)}; "
                "rename it or name it with --columns",
                file=file,
                line=1,
                column=name,
            )
    wanted = [name for name in (*required, *optional) if name in header]
    for name in wanted:
        if list(header).count(name) > 1:
            raise bad_file("occurs more than once; keep one", file=file, line=1, column=name)
    return {name: list(header).index(name) for name in wanted}


def _read_csv(
    path: Path, *, file: str, required: Sequence[str], optional: Sequence[str]
) -> dict[str, list[str]]:
    header, delimiter = csv_header(path, file=file)
    places = _pick(header, file=file, required=required, optional=optional)
    columns = {f"c{at}": "VARCHAR" for at in range(len(header))}
    chosen = ", ".join(f"c{at}" for at in places.values())
    try:
        rows = _fetch(
            f"SELECT {chosen} FROM read_csv(?, auto_detect=false, header=true, delim=?, "
            "quote='\"', escape='\"', columns=?)",
            [escape(str(path)), delimiter, columns],
        )
    except duckdb.Error:
        # The slow reader names the line, or copes: mixed line ends, for instance.
        return _columns_of(_csv_rows(path, file), places)
    return dict(zip(places, rows, strict=True))


def _read_jsonl(path: Path, *, file: str, wanted: Sequence[str]) -> dict[str, list[str]]:
    chosen = ", ".join(quoted(name) for name in wanted)
    try:
        rows = _fetch(
            f"SELECT {chosen} FROM read_json(?, format='newline_delimited', columns=?)",
            [escape(str(path)), dict.fromkeys(wanted, "VARCHAR")],
        )
    except duckdb.Error:
        read = ((line, [row[name] for name in wanted]) for line, row in _jsonl_rows(path, file))
        return _columns_of(read, {name: at for at, name in enumerate(wanted)})
    return dict(zip(wanted, rows, strict=True))


def _read_parquet(
    path: Path, *, file: str, required: Sequence[str], optional: Sequence[str]
) -> dict[str, list[str]]:
    pattern = escape(str(path))
    try:
        with closing(duckdb.connect()) as connection:
            described = connection.execute(
                "DESCRIBE FROM read_parquet(?)", [escape(str(path))]
            ).fetchall()
        places = _pick(
            [one[0] for one in described],
            file=file,
            required=required,
            optional=optional,
        )
        chosen = ", ".join(f"CAST({quoted(name)} AS VARCHAR)" for name in places)
        rows = _fetch(f"SELECT {chosen} FROM read_parquet(?)", [pattern])
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise bad_file(f"is not Parquet that can be read ({reason})", file=file) from error
    return dict(zip(places, rows, strict=True))


def _fetch(query: str, parameters: list[object]) -> list[list[str]]:
    with closing(duckdb.connect()) as connection:
        arrays = connection.execute(query, parameters).fetchnumpy()
    return [["" if one is None else one for one in column.tolist()] for column in arrays.values()]


def _columns_of(
    rows: Iterator[tuple[int, list[str]]], places: dict[str, int]
) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = {name: [] for name in places}
    for _, row in rows:
        for name, at in places.items():
            columns[name].append(row[at])
    return columns


def csv_header(path: Path, *, file: str) -> tuple[list[str], str]:
    """Return the names in the first line, and what separates them."""
    with path.open("rb") as stream:
        raw = stream.readline(HEADER_BYTES_MAX)
    try:
        first = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(file, line=1) from error
    if not first.strip():
        raise bad_file("is empty; expected a first line that names the columns", file=file, line=1)
    delimiter = max(DELIMITERS, key=first.count)
    return next(csv.reader([first], delimiter=delimiter)), delimiter


def _csv_rows(path: Path, file: str) -> Iterator[tuple[int, list[str]]]:
    """Read row by row with the line each begins on; the first line that is wrong ends it."""
    header, delimiter = csv_header(path, file=file)
    line = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, delimiter=delimiter, strict=True)
            for row in reader:
                began, line = line, reader.line_num + 1
                if began == 1 or not row:
                    continue
                if len(row) != len(header):
                    raise bad_file(
                        f"expected {len(header)} columns as in the first line, got {len(row)}",
                        file=file,
                        line=began,
                    )
                yield began, row
    except UnicodeDecodeError as error:
        raise _not_utf8(file, line=_line_not_utf8(path)) from error
    except csv.Error as error:
        raise bad_file(f"is not CSV ({error})", file=file, line=line) from error


def _jsonl_rows(path: Path, file: str) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open("rb") as stream:
        for line, raw in enumerate(stream, start=1):
            if not raw.strip():
                continue
            yield line, _JsonTexts(_json_object(raw, file=file, line=line))


class _JsonTexts(dict[str, str]):
    """Values as texts; a name that is missing is ''."""

    def __init__(self, values: dict[str, object]) -> None:
        super().__init__(
            {
                name: ""
                if value is None
                else value
                if isinstance(value, str)
                else json.dumps(value)
                for name, value in values.items()
            }
        )

    def __missing__(self, name: str) -> str:
        return ""


def _json_object(raw: bytes, *, file: str, line: int) -> dict[str, object]:
    try:
        value = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _not_utf8(file, line=line) from error
    except (ValueError, RecursionError) as error:
        raise bad_file(f"is not JSON ({error})", file=file, line=line) from error
    if nests_too_deep(value, raw):
        raise bad_file(f"nests deeper than {DEPTH_MAX} levels", file=file, line=line)
    if not isinstance(value, dict):
        raise bad_file('expected an object, as in {"task": "1"}', file=file, line=line)
    return value


def _not_utf8(file: str, *, line: int) -> BadFile:
    return bad_file("is not UTF-8 text; save the file as UTF-8", file=file, line=line)


def _line_not_utf8(path: Path) -> int:
    with path.open("rb") as stream:
        for line, raw in enumerate(stream, start=1):
            try:
                raw.decode("utf-8")
            except UnicodeDecodeError:
                return line
    raise RuntimeError(f"{path} is UTF-8 after all; it changed while being read.")


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
