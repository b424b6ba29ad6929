"""Rows out of the database as CSV, JSONL or JSON: a stream in constant memory, of one moment."""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from typing import Any, Literal

import psycopg
from psycopg import IsolationLevel
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composed
from psycopg.sql import Literal as Value

from dure import postgres

# A table is CSV for machines: what people wrote stands in it as they wrote it.
Form = Literal["json", "jsonl", "csv", "table"]
Connection = psycopg.Connection[dict[str, Any]]

BLOCK_BYTES = 64 * 1024
AS_CSV = SQL("copy ({}) to stdout (format csv)")
# JSON escapes control signs, so with these as quote and delimiter lines come out as they are.
AS_LINES = SQL("copy ({}) to stdout (format csv, quote E'\\x01', delimiter E'\\x02')")


@contextmanager
def one_moment() -> Iterator[Connection]:
    """A connection that sees one moment only; Django's own would end before a stream does."""
    connection = psycopg.connect(postgres.address("app"), row_factory=dict_row, autocommit=False)
    # Closing asks the server nothing, and so does not wait for rows that nobody reads any more.
    with closing(connection):
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield connection


def json_object(fields: dict[str, Any]) -> Composed:
    parts = [SQL("{}, {}").format(Value(name), field) for name, field in fields.items()]
    return SQL("json_build_object({})").format(SQL(", ").join(parts))


def csv_blocks(connection: Connection, header: list[str], query: Composed) -> Iterator[bytes]:
    first = io.StringIO()
    csv.writer(first, lineterminator="\n").writerow(header)
    yield first.getvalue().encode()
    yield from in_blocks(copy_lines(connection, AS_CSV.format(query)))


def copy_lines(connection: Connection, query: Composed) -> Generator[bytes]:
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        for line in copy:
            yield bytes(line)


def in_document(head: bytes, lines: Generator[bytes]) -> Generator[bytes]:
    with closing(lines):
        yield head
        between = b"\n"
        for line in lines:
            yield between + line.rstrip(b"\n")
            between = b",\n"
        yield b"]}\n"


def in_blocks(lines: Generator[bytes]) -> Iterator[bytes]:
    """Lines in larger pieces: each piece costs the server a turn.

    Where a reader goes away the lines end first, and then what they are read from.
    """
    with closing(lines):
        block = bytearray()
        for line in lines:
            block += line
            if len(block) >= BLOCK_BYTES:
                yield bytes(block)
                block.clear()
        if block:
            yield bytes(block)
