"""One file: with headers that let nothing run, and in the parts that players ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import BinaryIO

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from whitenoise.responders import MissingFileError, StaticFile

from dure.calls.media.storing import place_of
from dure.calls.models import Media

BLOCK_BYTES = 256 * 1024
HEADERS = [
    ("Cache-Control", "public, max-age=31536000, immutable"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; sandbox"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Content-Disposition", "inline"),
]


@require_safe
def show(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file of a token; its type is what we found it to be, not what anybody said."""
    media = Media.objects.filter(token=token).first()
    if media is None:
        raise Http404
    try:
        file = StaticFile(str(place_of(media)), [("Content-Type", media.type), *HEADERS])
    except (MissingFileError, OSError):
        raise Http404 from None
    found = file.get_response(request.method, request.META)
    if found.file is None:
        response: HttpResponseBase = HttpResponse(status=found.status)
    else:
        blocks = _blocks(found.file)
        response = StreamingHttpResponse(
            _in_threads(blocks) if isinstance(request, ASGIRequest) else blocks,
            status=found.status,
        )
    for name, value in found.headers:
        response[name] = value
    return response


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    try:
        while block := file.read(BLOCK_BYTES):
            yield block
    finally:
        file.close()


async def _in_threads(blocks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Disks are read beside the loop, which others are waiting for."""

    def read() -> bytes | None:
        return next(blocks, None)

    pull = sync_to_async(read, thread_sensitive=False)
    while (block := await pull()) is not None:
        yield block
