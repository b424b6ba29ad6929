"""A table from an office, told by what it holds before its name: CSV, JSONL or Excel."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import orjson
from python_calamine import CalamineError, load_workbook

from dure.doors.files.task_rows import (
    LINE_BYTES_MAX,
    NO_HEADER,
    NO_LIST,
    NUL_REASON,
    TOO_LONG,
    BadLine,
    _csv_flaw,
    _flaw,
    _has_nul,
    _items,
    _task,
    not_json,
    wrong_width,
)
from dure.doors.files.workbooks import CHUNK_BYTES, check_workbook
from dure.errors import Invalid, Sentence
from dure.nesting import read_json

DELIMITERS = (",", "\t", ";", "|")
OBJECTS_FOR_COLUMNS = 100
COLUMNS_MAX = 500
# A list of objects is read whole, unlike lines of them.
LIST_BYTES_MAX = 20_000_000
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LETTER = re.compile(r"[^\W\d_]")
PICTURE = re.compile(r"\s*\S+\.(png|jpe?g|webp|gif|avif|bmp|svg)([?#]\S*)?\s*", re.IGNORECASE)
# Where a name has words of several fields, as "left image" has, the first of these wins.
WORDS = {
    "left": "left a 왼쪽 좌 좌측",
    "right": "right b 오른쪽 우 우측",
    "items": "items options choices 항목 항목들 보기 선택지",
    "gold": "gold answer label truth correct 정답 답 라벨 레이블",
    "audio": "audio sound voice 오디오 음성 소리",
    "video": "video film movie clip 비디오 영상 동영상",
    "image": "image photo picture img url 사진 이미지 그림",
    "text": "text sentence content comment review 문장 내용 본문 텍스트 댓글 리뷰",
    "key": "key id no number 번호 아이디 순번",
}
FIELD_OF_WORD = {word: name for name, words in WORDS.items() for word in words.split()}

Row: TypeAlias = tuple[int, dict[str, Any]]
Record: TypeAlias = tuple[int, list[str]]

# One sign for bytes that are no text, whatever the encoding; text can't have it.
codecs.register_error("dure-flaw", lambda error: ("\udcff", cast(UnicodeDecodeError, error).end))


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file was found to be; encoding and delimiter are '' where there is none."""

    path: Path
    name: str
    kind: Literal["csv", "jsonl", "json", "xlsx"]
    encoding: Literal["utf-8", "cp949", "utf-16", ""] = ""
    delimiter: str = ""
    columns: list[str] = field(default_factory=list)


def open_sheet(path: Path, *, name: str) -> Sheet:
    """Tell what the file is and what its columns are called; refuse what is no table at all."""
    with path.open("rb") as stream:
        head = stream.read(len(OLD_OFFICE))
    if head == OLD_OFFICE:
        raise Invalid(
            "Expected CSV, JSONL or an Excel workbook (.xlsx); {name} is an old .xls or has a "
            "password; save it as .xlsx without a password.",
            name=name,
        )
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        check_workbook(path, name=name)
        return _with_columns(Sheet(path, name, "xlsx"))
    sheet = Sheet(path, name, "csv", _encoding_of(path, head))
    first = next(filter(str.strip, _lines(sheet)), "").lstrip()
    is_list = first[:1] == "[" and name.lower().endswith((".json", ".jsonl"))
    if is_list or first[:1] == "{":
        return _with_names(replace(sheet, kind="json" if is_list else "jsonl"))
    unquoted = re.sub(r'"[^"]*"', "", first)
    return _with_columns(replace(sheet, delimiter=max(DELIMITERS, key=unquoted.count)))


def read_sheet(sheet: Sheet) -> Iterator[Row | BadLine]:
    """Yield (line, {column: cell}) for each row, and each line that can't be read as it comes."""
    if sheet.kind in ("jsonl", "json"):
        yield from _objects(sheet)
        return
    if not sheet.columns:
        yield BadLine(1, NO_HEADER)
    for record in islice(_records(sheet), 1, None):
        if isinstance(record, BadLine):
            yield record
        elif len(record[1]) == len(sheet.columns):
            yield record[0], dict(zip(sheet.columns, record[1], strict=True))
        else:
            reason = wrong_width(expected=len(sheet.columns), got=len(record[1]))
            yield BadLine(record[0], reason)


def guess_mapping(columns: list[str], sample: list[dict[str, Any]]) -> dict[str, str]:
    """Guess by names, then by cells, which field of a task a column is: {column: field}."""
    texts = {column: [str(row[column]) for row in sample if row.get(column)] for column in columns}
    pictures = [one for one in columns if texts[one] and all(map(PICTURE.fullmatch, texts[one]))]
    column_of: dict[str, str] = {}
    for column in sorted(columns, key=lambda column: column.casefold() not in FIELD_OF_WORD):
        words = re.findall(r"[^\W_]+", column.casefold())
        met = [FIELD_OF_WORD[word] for word in words if word in FIELD_OF_WORD]
        name = "key" if met[-1:] == ["key"] else min(met, key=list(WORDS).index, default="")
        if name and not (name == "text" and column in pictures):
            column_of.setdefault(name, column)
    free = [column for column in columns if column not in column_of.values()]
    if shown := [column for column in free if column in pictures]:
        column_of.setdefault("image", shown[0])
    written = [one for one in free if one not in shown and LETTER.search("".join(texts[one]))]
    if written and not column_of.keys() & {"text", "left", "right", "items"}:
        column_of["text"] = max(written, key=lambda one: sum(map(len, texts[one])))
    return {column: name for name, column in column_of.items()}


def map_rows(rows: Iterable[Row | BadLine], mapping: dict[str, str]) -> Iterator[Row | BadLine]:
    """Yield (line, {key, content, gold?}); without a key column, the key is made of the content."""
    for row in rows:
        yield row if isinstance(row, BadLine) else _map_row(*row, mapping)


def _map_row(line: int, cells: dict[str, Any], mapping: dict[str, str]) -> Row | BadLine:
    given = {name: cells.get(column) for column, name in mapping.items()}
    fields = {name: cell for name, cell in given.items() if cell is not None and str(cell).strip()}
    if isinstance(fields.get("items"), str):
        fields["items"] = _items(fields["items"])
        if fields["items"] is None:
            return BadLine(line, NO_LIST)
    if "key" not in given:
        content = {name: cell for name, cell in fields.items() if name != "gold"}
        packed = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
        fields["key"] = f"row-{sha256(packed).hexdigest()[:16]}"
    elif isinstance(fields.get("key"), int | float):
        fields["key"] = str(fields["key"])
    return _task(line, fields)


def _encoding_of(path: Path, head: bytes) -> Literal["utf-8", "cp949", "utf-16"]:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if not head.startswith(codecs.BOM_UTF8):
        for encoding in ("utf-8", "cp949"):
            with path.open(encoding=encoding) as text, suppress(UnicodeDecodeError):
                while text.read(CHUNK_BYTES):
                    pass
                return encoding
    return "utf-8"


def _lines(sheet: Sheet) -> Iterator[str]:
    """Yield lines with their ends, TOO_LONG in place of one that is too long to keep."""
    encoding = "utf-8-sig" if sheet.encoding == "utf-8" else sheet.encoding
    with sheet.path.open(encoding=encoding, errors="dure-flaw", newline="") as text:
        while line := text.readline(LINE_BYTES_MAX + 1):
            is_long = len(line) > LINE_BYTES_MAX
            while len(line) > LINE_BYTES_MAX and line[-1] not in "\r\n":
                line = text.readline(LINE_BYTES_MAX + 1)
            yield TOO_LONG + "\n" if is_long else line


def _objects(sheet: Sheet) -> Iterator[Row | BadLine]:
    if sheet.kind == "json":
        yield from (_flatten(at, value) for at, value in enumerate(_list_of(sheet), start=1))
        return
    for number, line in enumerate(_lines(sheet), start=1):
        if line.strip():
            yield _object(number, line)


def _list_of(sheet: Sheet) -> list[object]:
    if (n_bytes := sheet.path.stat().st_size) > LIST_BYTES_MAX:
        raise Invalid(
            "{name} is a JSON list of {n} bytes, and the most is {most}; write one object on each "
            "line.",
            name=sheet.name,
            n=n_bytes,
            most=LIST_BYTES_MAX,
        )
    encoding = "utf-8-sig" if sheet.encoding == "utf-8" else sheet.encoding
    text = sheet.path.read_text(encoding=encoding, errors="dure-flaw")
    try:
        value = read_json(text)
    except orjson.JSONDecodeError as error:
        raise Invalid(
            "{name} is no JSON ({error}); write one object on each line.",
            name=sheet.name,
            error=error,
        ) from None
    assert isinstance(value, list), "it begins as a list"
    return value


def _object(number: int, line: str) -> Row | BadLine:
    if reason := _flaw(line):
        return BadLine(number, reason)
    try:
        value = read_json(line)
    except orjson.JSONDecodeError as error:
        return BadLine(number, not_json(error))
    return _flatten(number, value)


def _flatten(number: int, value: object) -> Row | BadLine:
    if not isinstance(value, dict):
        return BadLine(number, Sentence('Expected an object, as in {"key": "1", "text": "Hi"}.'))
    if _has_nul(value):
        return BadLine(number, NUL_REASON)
    flat: dict[str, Any] = {}
    for name, part in value.items():
        flat |= part if name == "content" and isinstance(part, dict) else {name: part}
    return number, flat


def _with_columns(sheet: Sheet) -> Sheet:
    first = next(_records(sheet), None)
    if isinstance(first, BadLine):
        raise Invalid(
            "Line {line} of {name} names no columns. {why}",
            line=first.line,
            name=sheet.name,
            why=first.reason,
        )
    names: set[str] = set()
    n_seen = Counter[str]()
    cells = first[1] if first else []
    _check_count(sheet, len(cells))
    columns = []
    for at, cell in enumerate(cells, start=1):
        name = base = " ".join(cell.split()) or f"column {at}"
        while name in names:
            n_seen[base] += 1
            name = f"{base} ({n_seen[base] + 1})"
        names.add(name)
        columns.append(name)
    return replace(sheet, columns=columns)


def _with_names(sheet: Sheet) -> Sheet:
    """Objects have no first line of names: the first hundred tell what there is."""
    objects = (row[1] for row in _objects(sheet) if not isinstance(row, BadLine))
    met = dict.fromkeys(chain.from_iterable(islice(objects, OBJECTS_FOR_COLUMNS)))
    _check_count(sheet, len(met))
    return replace(sheet, columns=list(met))


def _check_count(sheet: Sheet, n_columns: int) -> None:
    if n_columns > COLUMNS_MAX:
        raise Invalid(
            "{name} has {n} columns, and the most is {most}; keep those that the tasks need.",
            name=sheet.name,
            n=n_columns,
            most=COLUMNS_MAX,
        )


def _records(sheet: Sheet) -> Iterator[Record | BadLine]:
    """Every row with any cell: one of nothing but commas is as blank as an empty line."""
    return _workbook_records(sheet) if sheet.kind == "xlsx" else _csv_records(sheet)


def _csv_records(sheet: Sheet) -> Iterator[Record | BadLine]:
    number, again, lines = 1, deque[str](), _lines(sheet)

    def take() -> str:
        return again.popleft() if again else next(lines, "")

    while line := take():
        taken, n_letters, n_quotes = [line], len(line), line.count('"')
        while n_quotes % 2 and n_letters <= LINE_BYTES_MAX and (line := take()):
            taken.append(line)
            n_letters += len(line)
            n_quotes += line.count('"')
        reader = csv.reader(taken, delimiter=sheet.delimiter, strict=True)
        try:
            row, reason, n_used = next(reader), "", reader.line_num
        except csv.Error as error:
            # Only its first line is broken; the others may be good rows.
            row, reason, n_used = [], _csv_flaw(str(error)), 1
        reason = _flaw("".join(taken[:n_used])) or reason
        if reason or any(row):
            yield BadLine(number, reason) if reason else (number, row)
        again.extendleft(reversed(taken[n_used:]))
        number += n_used


def _workbook_records(sheet: Sheet) -> Iterator[Record | BadLine]:
    """The rows of the first sheet with any cell, each by its number in Excel."""
    try:
        with sheet.path.open("rb") as stream, load_workbook(stream) as book:
            for name in book.sheet_names:
                page = book.get_sheet_by_name(name)
                left = page.start[1] if page.start else 0
                is_found = False
                for number, row in enumerate(page.iter_rows(), start=1):
                    if any(cells := [_cell(value) for value in row[left:]]):
                        is_found = True
                        reason = _flaw("".join(cells))
                        yield BadLine(number, reason) if reason else (number, cells)
                if is_found:
                    return
    except CalamineError as error:
        raise Invalid(
            "Expected CSV, JSONL or an Excel workbook (.xlsx); {name} is damaged ({error}); "
            "save it again in Excel.",
            name=sheet.name,
            error=error,
        ) from error


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        # Excel shows 15 digits at most, and keeps what a sum is off by in the others.
        return str(int(value)) if value.is_integer() else f"{value:.15g}"
    return value.isoformat() if isinstance(value, datetime) else str(value)
