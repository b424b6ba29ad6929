"""A body that is sent while it is made, in constant memory, under either server interface."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from threading import BoundedSemaphore
from typing import BinaryIO, Literal
from wsgiref.util import FileWrapper

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import HttpRequest, StreamingHttpResponse

from dure.calls.copying import Form
from dure.calls.tasks.exporting import type_of
from dure.errors import Busy

Format = Literal["json", "csv", "jsonl", "parquet"]
CONTENT_TYPES: dict[Format, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
# Each holds a connection of its own to the database.
STREAMS_MAX = 8
FILE_BLOCK_BYTES = 256 * 1024
_streams = BoundedSemaphore(STREAMS_MAX)


def stream(
    request: HttpRequest, make: Callable[[Form], Iterator[bytes]], *, form: Format, name: str
) -> StreamingHttpResponse:
    """The export that `make` gives, as a download; refusals come before the first byte."""
    response = _respond(request, _parquet(make) if form == "parquet" else make(form))
    response["Content-Type"] = CONTENT_TYPES[form]
    if form != "json":
        response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def stream_rows(
    request: HttpRequest, rows: Iterator[bytes], *, content_type: str, filename: str
) -> StreamingHttpResponse:
    """The same of blocks that are made already, also by Django's own connection."""
    response = _respond(request, rows)
    response["Content-Type"] = content_type
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def stream_file(
    request: HttpRequest, file: BinaryIO, *, status: int = 200
) -> StreamingHttpResponse:
    """A file's content; disks are read beside the loop, which others are waiting for."""
    is_async = isinstance(request, ASGIRequest)
    blocks = _InThreads(file) if is_async else FileWrapper(file, FILE_BLOCK_BYTES)
    return StreamingHttpResponse(blocks, status=status)


def _respond(request: HttpRequest, blocks: Iterator[bytes]) -> StreamingHttpResponse:
    made = _one_of_a_few(blocks)
    response = StreamingHttpResponse(
        # A plain iterator would be read to its end before the first byte goes out.
        _InOneThread(made) if isinstance(request, ASGIRequest) else _started(made)
    )
    response["Cache-Control"] = "no-store"
    return response


def _one_of_a_few(blocks: Iterator[bytes]) -> Generator[bytes]:
    if not _streams.acquire(blocking=False):
        raise Busy("Too many exports are running just now; try again in a moment.")
    try:
        yield from blocks
    finally:
        _streams.release()


def _started(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same blocks, the first of them made now, so that what fails at once is told as such."""
    first = next(blocks, b"")
    return chain([first], blocks)


# What has a `close`, as a FileWrapper and the two classes below, Django closes with the response:
# at its end, where the reader goes away in the middle, and where nobody reads, as by HEAD.


class _InThreads:
    """A file's blocks, each read in whichever thread is free."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.close = file.close

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = sync_to_async(self._file.read, thread_sensitive=False)
        while block := await read(FILE_BLOCK_BYTES):
            yield block
        # Only here, where nothing is read any more: else closing waits for the disk, and the loop
        # for closing.
        self.close()


class _InOneThread:
    """Blocks that are made, and ended, in a thread of their own: a connection belongs to one.

    The first is made now. Closing never waits, for the loop must not; it comes after the block that
    is being made.
    """

    def __init__(self, blocks: Generator[bytes]) -> None:
        self._blocks = blocks
        self._thread = ThreadPoolExecutor(1)
        self._is_over = False
        try:
            self._first = self._thread.submit(next, blocks, b"").result()
        except BaseException:
            self.close()
            raise

    async def __aiter__(self) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        try:
            yield self._first
            while (
                block := await loop.run_in_executor(self._thread, next, self._blocks, None)
            ) is not None:
                yield block
        finally:
            # Also where the reader has gone away in the middle.
            self.close()

    def close(self) -> None:
        if self._is_over:
            return
        self._is_over = True
        self._thread.submit(self._blocks.close)
        self._thread.submit(connections.close_all)
        self._thread.shutdown(wait=False)


def _parquet(make: Callable[[Form], Iterator[bytes]]) -> Iterator[bytes]:
    # DuckDB takes 20 MB, and few ask for Parquet.
    from dure.doors.files.parquet import stream_parquet  # noqa: PLC0415  slow import

    yield from stream_parquet(make("table"), type_of=type_of)
