from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from threading import Event, get_ident

import pytest
from django.http import StreamingHttpResponse
from django.test import AsyncRequestFactory, RequestFactory

from dure.calls.copying import Form
from dure.doors.files import streaming
from dure.doors.files.streaming import STREAMS_MAX, stream, stream_file
from dure.errors import Busy, WrongState


def test_under_asgi_a_block_goes_out_before_the_next_is_made() -> None:
    made: list[int] = []

    def make(form: Form) -> Iterator[bytes]:
        for n in range(3):
            made.append(n)
            yield b"%d" % n

    async def read() -> list[tuple[bytes, int]]:
        request = AsyncRequestFactory().get("/")
        response = stream(request, make, form="csv", name="x")
        return [(block, len(made)) async for block in response]

    assert asyncio.run(read()) == [(b"0", 1), (b"1", 2), (b"2", 3)]


def test_under_asgi_a_file_is_read_block_by_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "FILE_BLOCK_BYTES", 2)
    place = tmp_path / "file"
    place.write_bytes(b"12345")
    file = place.open("rb")

    async def read() -> list[tuple[bytes, int]]:
        response = stream_file(AsyncRequestFactory().get("/"), file)
        return [(block, 0 if file.closed else file.tell()) async for block in response]

    # The buffer of the file itself reads ahead; its place does not.
    assert asyncio.run(read()) == [(b"12", 2), (b"34", 4), (b"5", 5)]
    assert file.closed


@pytest.mark.django_db
@pytest.mark.parametrize("n_read", [0, 1])
def test_reader_who_leaves_early_leaves_no_open_file(tmp_path: Path, n_read: int) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    file, other = (tmp_path / "file").open("rb"), (tmp_path / "file").open("rb")

    async def read_and_leave() -> StreamingHttpResponse:
        response = stream_file(AsyncRequestFactory().get("/"), file)
        blocks = aiter(response)
        for _ in range(n_read):
            await anext(blocks)
        return response

    asyncio.run(read_and_leave()).close()
    plain = stream_file(RequestFactory().get("/"), other)
    assert [next(iter(plain)) for _ in range(n_read)] == [b"12345"] * n_read
    plain.close()

    assert (file.closed, other.closed) == (True, True)


@pytest.mark.django_db
def test_only_a_few_exports_run_at_once_and_each_gives_its_place_back() -> None:
    def make(form: Form) -> Iterator[bytes]:
        yield b"1"
        yield b"2"

    request = RequestFactory().get("/")
    running = [stream(request, make, form="csv", name="x") for _ in range(STREAMS_MAX)]

    with pytest.raises(Busy) as refused:
        stream(request, make, form="csv", name="x")
    assert refused.value.sentence == (
        "Too many exports are running just now; try again in a moment."
    )
    assert running.pop().getvalue() == b"12"
    assert stream(request, make, form="csv", name="x").getvalue() == b"12"
    for response in running:
        response.close()
        response.getvalue()


def test_what_fails_at_once_is_refused_and_not_sent() -> None:
    def make(form: Form) -> Iterator[bytes]:
        raise WrongState
        yield b""

    for _ in range(STREAMS_MAX + 1):
        with pytest.raises(WrongState):
            stream(RequestFactory().get("/"), make, form="json", name="x")


def test_parquet_needs_the_whole_table_first() -> None:
    def make(form: Form) -> Iterator[bytes]:
        assert form == "table"
        yield b"task,answers\n"
        yield b"1,2\n"

    response = stream(RequestFactory().get("/"), make, form="parquet", name="x")

    assert response.getvalue()[:4] == b"PAR1"
    assert response["Content-Type"] == streaming.CONTENT_TYPES["parquet"]


@pytest.mark.parametrize("n_read", [0, 1])
def test_blocks_that_nobody_reads_any_more_are_ended_where_they_were_made(n_read: int) -> None:
    ended: list[int] = []
    is_over = Event()

    def make(form: Form) -> Iterator[bytes]:
        try:
            while True:
                yield b"1"
        finally:
            ended.append(get_ident())
            is_over.set()

    async def read() -> None:
        response = stream(AsyncRequestFactory().get("/"), make, form="json", name="x")
        async with aclosing(aiter(response)) as blocks:
            for _ in range(n_read):
                assert await anext(blocks) == b"1"
        response.close()
        assert await asyncio.to_thread(is_over.wait, 60)

    asyncio.run(read())

    assert len(ended) == 1
    assert ended[0] != get_ident()
