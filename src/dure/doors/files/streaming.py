"""A body that is sent while it is made, in constant memory, under either server interface."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from threading import BoundedSemaphore
from typing import BinaryIO, Literal

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
    blocks = _started(_one_of_a_few(_parquet(make) if form == "parquet" else make(form)))
    response = StreamingHttpResponse(
        # Under ASGI a plain iterator would be read to its end before the first byte goes out.
        _in_threads(blocks) if isinstance(request, ASGIRequest) else blocks,
        content_type=CONTENT_TYPES[form],
    )
    response["Cache-Control"] = "no-store"
    if form != "json":
        response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def stream_rows(
    request: HttpRequest, rows: Iterator[bytes], *, content_type: str, filename: str
) -> StreamingHttpResponse:
    """Blocks that are read by Django's own connection, which belongs to one thread."""
    blocks = _one_of_a_few(rows)
    if isinstance(request, ASGIRequest):
        thread = ThreadPoolExecutor(1)
        first = thread.submit(next, blocks, b"").result()
        response = StreamingHttpResponse(_in_one_thread(thread, first, blocks))
    else:
        response = StreamingHttpResponse(_started(blocks))
    response["Content-Type"] = content_type
    response["Cache-Control"] = "no-store"
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def stream_file(
    request: HttpRequest, file: BinaryIO, *, status: int = 200
) -> StreamingHttpResponse:
    """A file's content; disks are read beside the loop, which others are waiting for."""
    blocks = _read_blocks(file)
    response = StreamingHttpResponse(
        _in_threads(blocks) if isinstance(request, ASGIRequest) else blocks, status=status
    )
    # Also where the reader has gone away before the end, or before the beginning.
    response._resource_closers.append(file.close)  # type: ignore[attr-defined]  # noqa: SLF001
    return response


def _read_blocks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while block := file.read(FILE_BLOCK_BYTES):
            yield block


def _one_of_a_few(blocks: Iterator[bytes]) -> Iterator[bytes]:
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


async def _in_threads(blocks: Iterator[bytes]) -> AsyncIterator[bytes]:
    pull = sync_to_async(lambda: next(blocks, None), thread_sensitive=False)
    while (block := await pull()) is not None:
        yield block


async def _in_one_thread(
    thread: ThreadPoolExecutor, first: bytes, blocks: Iterator[bytes]
) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    try:
        yield first
        while (block := await loop.run_in_executor(thread, next, blocks, None)) is not None:
            yield block
    finally:
        # Also where the reader has gone away in the middle.
        thread.submit(blocks.close)  # type: ignore[attr-defined]
        thread.submit(connections.close_all)
        thread.shutdown(wait=False)


def _parquet(make: Callable[[Form], Iterator[bytes]]) -> Iterator[bytes]:
    # DuckDB takes 20 MB, and few ask for Parquet.
    from dure.doors.files.parquet import stream_parquet  # noqa: PLC0415  slow import

    yield from stream_parquet(make("table"), type_of=type_of)
