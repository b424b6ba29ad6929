"""What media look like in the API."""

from __future__ import annotations

from typing import Literal

from ninja import Schema
from pydantic import Field

from dure.doors.api.schemas import Options, RefusedFileOut


class UploadQuery(Options):
    name: str = Field(default="", max_length=5000, description="The file's name, for a raw body.")
    strict: Literal["0", "1", "true", "false"] = Field(
        default="0", description="1: store all files, or none if one is refused."
    )


class MediaQuery(Options):
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = None


class MediaOut(Schema):
    name: str
    address: str = Field(description="For `content` of tasks.")
    kind: Literal["image", "audio", "video"]
    type: str
    bytes: int
    width: int | None = Field(description="In pixels, of a picture.")
    height: int | None


class UploadedOut(MediaOut):
    same: bool = Field(description="It was there already.")


class UploadOut(Schema):
    added: list[UploadedOut]
    refused: list[RefusedFileOut]


class MediaListOut(Schema):
    media: list[MediaOut]
    next: str | None = Field(description="Send it as `cursor` to read on; null at the end.")
