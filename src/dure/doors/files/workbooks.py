"""What an Excel workbook would take to read, before any of it is read."""

from __future__ import annotations

import re
import zipfile
import zlib
from functools import reduce
from pathlib import Path
from typing import IO

from dure.errors import Invalid

CHUNK_BYTES = 2**20
UNPACKED_BYTES_MAX = 300_000_000
# Reading a workbook takes memory for empty cells too, and two full ones can span 17 billion.
SPANNED_CELLS_MAX = 20_000_000
ELEMENT = re.compile(rb"<(?:[\w.-]+:)?(row|c)(?=[\s/>])([^>]*)")
PLACE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{0,4})(\d{0,9})")


def check_workbook(path: Path, *, name: str) -> None:
    """Refuse what is no workbook, or would take too much memory, before any of it is read."""
    try:
        with zipfile.ZipFile(path) as zipped:
            parts = zipped.infolist()
            if "xl/workbook.xml" not in zipped.namelist():
                raise Invalid(
                    "Expected CSV, JSONL or an Excel workbook (.xlsx); {name} is a zip file "
                    "without such a workbook; save it as .xlsx.",
                    name=name,
                )
            n_bytes = sum(part.file_size for part in parts)
            if n_bytes > UNPACKED_BYTES_MAX:
                raise Invalid(
                    "Expected CSV, JSONL or an Excel workbook (.xlsx); {name} is {n} bytes "
                    "unpacked, and the most is {most}; split it, or save it as CSV.",
                    name=name,
                    n=n_bytes,
                    most=UNPACKED_BYTES_MAX,
                )
            for part in parts:
                if (n_cells := _count_spanned(zipped.open(part))) > SPANNED_CELLS_MAX:
                    raise Invalid(
                        "Expected CSV, JSONL or an Excel workbook (.xlsx); {name} is {n} cells "
                        "large, and the most is {most}; clear what stands far off, or save it as "
                        "CSV.",
                        name=name,
                        n=n_cells,
                        most=SPANNED_CELLS_MAX,
                    )
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as error:
        raise Invalid(
            "Expected CSV, JSONL or an Excel workbook (.xlsx); {name} is damaged or locked "
            "({error}); save it again in Excel.",
            name=name,
            error=error,
        ) from error


def _count_spanned(stream: IO[bytes]) -> int:
    """Rows times columns from the first cell of a sheet to the last, by what its XML says."""
    row = column = n_rows = n_columns = 0
    rest = b""
    while chunk := stream.read(CHUNK_BYTES):
        chunk = rest + chunk
        for element in ELEMENT.finditer(chunk):
            place = PLACE.search(element[2])
            letters, digits = place.groups() if place else (b"", b"")
            is_row = element[1] == b"row"
            row = int(digits or row + is_row)
            named = reduce(lambda base, letter: base * 26 + letter - 64, letters.upper(), 0)
            column = named or (0 if is_row else column + 1)
            n_rows, n_columns = max(n_rows, row), max(n_columns, column)
        # An element may be cut in two.
        rest = chunk[chunk.rfind(b"<") :][:CHUNK_BYTES]
    return n_rows * n_columns
