"""/media: pictures, sounds and films for tasks, uploaded one by one, many at once or as a ZIP."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Router

from dure.calls.media.storing import add_media, address_of
from dure.calls.models import Media
from dure.doors.api.cursors import read_page
from dure.doors.api.documents import problems
from dure.doors.api.media_schemas import MediaListOut, MediaQuery, UploadOut, UploadQuery
from dure.doors.api.signing import name_of, organisation_of
from dure.errors import Invalid, TooLarge

router = Router(tags=["media"])

BLOCK_BYTES = 2**20
MULTIPART = "multipart/form-data"
BODY = {
    "required": True,
    "content": {
        MULTIPART: {
            "schema": {
                "type": "object",
                "properties": {
                    "file": {"type": "array", "items": {"type": "string", "format": "binary"}}
                },
                "required": ["file"],
            }
        },
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
    },
}


@router.post(
    "",
    response={200: UploadOut, **problems(413, 422)},
    summary="Upload media",
    openapi_extra={"requestBody": BODY},
)
def upload(request: HttpRequest, options: Query[UploadQuery]) -> Any:
    """Each file is told by its content, pictures are made anew for phones; use `address` in tasks.

    A file that is there already is `same` and not stored twice.
    """
    organisation, by = organisation_of(request), name_of(request)
    length = request.headers.get("Content-Length") or "0"
    if not length.isdigit() or int(length) > settings.BODY_BYTES_MAX:
        raise TooLarge(bytes_max=settings.BODY_BYTES_MAX)
    with _files_of(request, options.name) as files:
        report = add_media(
            organisation=organisation,
            files=files,
            by=by,
            strict=options.strict in ("1", "true"),
        )
    return {
        "added": [{**_show(one.media), "name": one.name, "same": one.same} for one in report.added],
        "refused": [one._asdict() for one in report.refused],
    }


@router.get("", response={200: MediaListOut, **problems(422)}, summary="List the media")
def list_media(request: HttpRequest, page: Query[MediaQuery]) -> Any:
    media = Media.objects.filter(organisation=organisation_of(request)).order_by("-pk")
    shown, after = read_page(media, cursor=page.cursor, limit=page.limit)
    return {"media": [_show(one) for one in shown], "next": after}


@contextmanager
def _files_of(request: HttpRequest, name: str) -> Iterator[list[tuple[str, BinaryIO]]]:
    if request.content_type == MULTIPART:
        files = request.FILES.getlist("file")
        if not files:
            raise Invalid("The form has no field named file; send each file under that name.")
        yield [(one.name or "", cast(BinaryIO, one.file)) for one in files]
        return
    with tempfile.TemporaryFile() as body:
        shutil.copyfileobj(cast(Any, request), body, BLOCK_BYTES)
        yield [(name, cast(BinaryIO, body))]


def _show(media: Media) -> dict[str, Any]:
    return {
        "name": media.name,
        "address": address_of(media),
        "kind": media.kind,
        "type": media.type,
        "bytes": media.bytes,
        "width": media.width,
        "height": media.height,
    }
