"""What a request says of the copy that its browser has, as RFC 9110 reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.http import parse_etags
from whitenoise.responders import StaticFile


def read_conditions(file: StaticFile, headers: Mapping[str, Any]) -> dict[str, Any]:
    """A request's headers for whitenoise, which knows a tag only where it stands alone and strong.

    What went out compressed has a weak tag, so no browser's copy of a text would be known.
    """
    read = dict(headers)
    tags = parse_etags(read.get("HTTP_IF_NONE_MATCH", ""))
    if tags == ["*"] or file.etag in [tag.removeprefix("W/") for tag in tags]:
        read["HTTP_IF_NONE_MATCH"] = file.etag
    return read
