"""Style sheets, scripts and pictures of our own, as the server gives them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import AsyncClient

TEXT, PICTURE = "dure/base.css", "dure/demo/table-1.webp"


def content_of(name: str) -> bytes:
    return Path(str(finders.find(name))).read_bytes()


@pytest.mark.parametrize("name", [TEXT, PICTURE])
async def test_file_goes_out_whole(name: str) -> None:
    reply = await AsyncClient().get(f"/static/{name}")

    # Under ASGI a stream of plain blocks would be gathered first, with a warning.
    assert not reply.streaming
    assert reply.content == content_of(name)
    assert reply["Content-Length"] == str(len(reply.content))
    assert reply["Cache-Control"] == "max-age=60, public"


async def test_text_is_compressed_for_who_takes_it_and_a_picture_is_not() -> None:
    client, takes = AsyncClient(), {"Accept-Encoding": "gzip"}
    text = await client.get(f"/static/{TEXT}", headers=takes)
    picture = await client.get(f"/static/{PICTURE}", headers=takes)

    assert text["Content-Encoding"] == "gzip"
    assert text["Content-Length"] == str(len(text.content))
    assert gzip.decompress(text.content) == content_of(TEXT)
    assert "Content-Encoding" not in picture


@pytest.mark.parametrize("name", [TEXT, PICTURE])
async def test_head_tells_caches_the_same_as_get(name: str) -> None:
    client = AsyncClient()

    head, whole = await client.head(f"/static/{name}"), await client.get(f"/static/{name}")

    assert head.get("Vary") == whole.get("Vary")
    assert ("Accept-Encoding" in head.get("Vary", "")) == (name == TEXT)


async def test_part_and_known_file_and_head_are_told_as_such() -> None:
    client = AsyncClient()
    whole = await client.get(f"/static/{PICTURE}")

    part = await client.get(f"/static/{PICTURE}", headers={"Range": "bytes=1-9"})
    known = await client.get(f"/static/{PICTURE}", headers={"If-None-Match": whole["ETag"]})
    head = await client.head(f"/static/{PICTURE}")

    assert (part.status_code, part.content) == (206, content_of(PICTURE)[1:10])
    assert (known.status_code, known.content) == (304, b"")
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Length"] == whole["Content-Length"]


async def test_text_that_came_compressed_is_not_sent_again() -> None:
    client, takes = AsyncClient(), {"Accept-Encoding": "gzip"}
    first = await client.get(f"/static/{TEXT}", headers=takes)

    again = await client.get(f"/static/{TEXT}", headers={**takes, "If-None-Match": first["ETag"]})

    assert first["ETag"].startswith("W/")
    assert (again.status_code, again.content) == (304, b"")
