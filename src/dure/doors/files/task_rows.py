"""Tasks out of CSV or JSONL, line by line in constant memory; a bad line stops nothing."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeAlias

import orjson

from dure.errors import Sentence
from dure.nesting import read_json

CONTENT_NAMES = ("text", "image", "audio", "video", "left", "right", "items")
FIELD_NAMES = ("key", "gold", *CONTENT_NAMES)
DELIMITERS = (",", "\t", ";")
LINE_BYTES_MAX = 1_000_000
BOM = b"\xef\xbb\xbf"
# Decoding turns bytes that are not UTF-8 into U+DC80..U+DCFF; this one stands for a long line.
TOO_LONG = "\ud800"
NUL_REASON = Sentence("There is a NUL character, which no text has; is this a text file?")
NO_LIST = Sentence('Expected items as a JSON list, as in ["a", "b"], or as a|b.')
NO_HEADER = Sentence(
    "The file is empty; expected a first line that names the columns, as in key,text."
)
NO_OBJECT = Sentence('The file is empty; expected one {"key": ..., "content": ...} on a line.')


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no task, counted from 1, and why, which pages can translate."""

    line: int
    reason: str


TaskRow: TypeAlias = tuple[int, dict[str, Any]]


def read_task_rows(
    source: BinaryIO | Path, kind: Literal["csv", "jsonl"]
) -> Iterator[TaskRow | BadLine]:
    """Yield (line, {key, content, gold?}) for each good line, and each bad line as it comes."""
    if isinstance(source, Path):
        with source.open("rb") as stream:
            yield from read_task_rows(stream, kind)
    else:
        yield from _csv_rows(source) if kind == "csv" else _jsonl_rows(source)


def _csv_rows(stream: BinaryIO) -> Iterator[TaskRow | BadLine]:
    lines = _lines(stream)
    first = next(lines, "")
    delimiter = max(DELIMITERS, key=first.count)
    reason = _flaw(first)
    header = [] if reason else _header(first, delimiter)
    reason = reason or _header_flaw(header)
    if reason:
        yield BadLine(1, reason)
        return
    for name in header:
        if name not in FIELD_NAMES:
            yield BadLine(
                1,
                Sentence(
                    "Column {name!r} is left out; the columns are {names}.",
                    name=name,
                    names=", ".join(FIELD_NAMES),
                ),
            )
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    for line, row in _records(reader):
        if isinstance(row, str):
            yield BadLine(line, row)
        elif row:
            yield _csv_task(line, row, header)


def _records(reader: Any) -> Iterator[tuple[int, list[str] | str]]:
    """Yield each record, or what is wrong with it, with the line it begins on."""
    while True:
        # The header was line 1 and the reader has not seen it.
        line = reader.line_num + 2
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, _csv_flaw(str(error))


def _csv_flaw(error: str) -> str:
    if "field larger" in error or "unexpected end" in error:
        return Sentence(
            "A field that begins here is longer than {most} characters or its quotation mark is "
            'never closed; close it, and write a quotation mark inside as "".',
            most=csv.field_size_limit(),
        )
    return Sentence(
        'This is not CSV ({error}); write a quotation mark inside a quoted field as "".',
        error=error,
    )


def _header(first: str, delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader([first], delimiter=delimiter))]
    except csv.Error:
        return []


def _header_flaw(header: list[str]) -> str:
    if not any(header):
        return NO_HEADER
    if "key" not in header:
        return Sentence(
            "There is no column 'key' among {names}; name the column of task keys.",
            names=", ".join(header),
        )
    twice = next((name for name in FIELD_NAMES if header.count(name) > 1), None)
    if twice is None:
        return ""
    return Sentence("The column {name!r} occurs more than once; keep one.", name=twice)


def _csv_task(line: int, row: list[str], header: list[str]) -> TaskRow | BadLine:
    reason = next(filter(None, map(_flaw, row)), "")
    if not reason and len(row) != len(header):
        reason = wrong_width(expected=len(header), got=len(row))
    if reason:
        return BadLine(line, reason)
    fields: dict[str, Any] = {
        name: value
        for name, value in zip(header, row, strict=True)
        if value and name in FIELD_NAMES
    }
    if "items" in fields:
        items = _items(fields["items"])
        if items is None:
            return BadLine(line, NO_LIST)
        fields["items"] = items
    return _task(line, fields)


def _items(text: str) -> list[Any] | None:
    if not text.lstrip().startswith("["):
        return text.split("|")
    try:
        value = read_json(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, list) else None


def _task(line: int, fields: dict[str, Any]) -> TaskRow | BadLine:
    key = fields.get("key")
    if not isinstance(key, str) or not key:
        if key in (None, ""):
            return BadLine(line, Sentence("Expected a key of text that is not empty, got none."))
        reason = Sentence("Expected a key of text that is not empty, got {key!r}.", key=key)
        return BadLine(line, reason)
    content = {name: fields[name] for name in CONTENT_NAMES if name in fields}
    if not content:
        reason = Sentence(
            "The task has no content; give any of {names}.", names=", ".join(CONTENT_NAMES)
        )
        return BadLine(line, reason)
    task: dict[str, Any] = {"key": key, "content": content}
    if fields.get("gold") is not None:
        task["gold"] = fields["gold"]
    return line, task


def _jsonl_rows(stream: BinaryIO) -> Iterator[TaskRow | BadLine]:
    empty = True
    for line, text in enumerate(_lines(stream), start=1):
        reason = _flaw(text)
        if reason or text.strip():
            empty = False
            yield BadLine(line, reason) if reason else _json_task(line, text)
    if empty:
        yield BadLine(1, NO_OBJECT)


def _json_task(line: int, text: str) -> TaskRow | BadLine:
    try:
        value = read_json(text)
    except orjson.JSONDecodeError as error:
        return BadLine(line, not_json(error))
    if not isinstance(value, dict):
        return BadLine(
            line, Sentence('Expected an object, as in {"key": "1", "content": {"text": "Hi"}}.')
        )
    content = value.pop("content", {})
    if not isinstance(content, dict):
        return BadLine(line, Sentence('Expected content to be an object, as in {"text": "Hi"}.'))
    unknown = [name for name in value if name not in FIELD_NAMES]
    unknown += [name for name in content if name not in CONTENT_NAMES]
    if unknown:
        reason = Sentence(
            "There is no field {name!r}; the fields are {names}.",
            name=unknown[0],
            names=", ".join(FIELD_NAMES),
        )
        return BadLine(line, reason)
    fields = {**value, **content}
    return BadLine(line, NUL_REASON) if _has_nul(fields) else _task(line, fields)


def not_json(error: orjson.JSONDecodeError) -> Sentence:
    return Sentence("This is not JSON ({error}); write one object on each line.", error=error.msg)


def wrong_width(*, expected: int, got: int) -> Sentence:
    return Sentence(
        "Expected {expected} columns as in the first line, got {got}.", expected=expected, got=got
    )


def _flaw(text: str) -> str:
    """Return what is wrong with the characters, '' if nothing is."""
    if TOO_LONG in text:
        return Sentence(
            "The line is longer than {most} bytes; split it or link to the content.",
            most=LINE_BYTES_MAX,
        )
    try:
        text.encode()
    except UnicodeEncodeError:
        return Sentence("This is not UTF-8 text; save the file as UTF-8.")
    return NUL_REASON if "\0" in text else ""


def _has_nul(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_has_nul, (*value.keys(), *value.values())))
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\0" in value


def _lines(stream: BinaryIO) -> Iterator[str]:
    """Yield decoded lines, TOO_LONG in place of one that is too long to keep."""
    start = BOM
    while raw := stream.readline(LINE_BYTES_MAX + 1):
        is_long = len(raw) > LINE_BYTES_MAX
        while len(raw) > LINE_BYTES_MAX and not raw.endswith(b"\n"):
            raw = stream.readline(LINE_BYTES_MAX + 1)
        yield (
            TOO_LONG + "\n"
            if is_long
            else raw.removeprefix(start).decode("utf-8", "surrogateescape")
        )
        start = b""
