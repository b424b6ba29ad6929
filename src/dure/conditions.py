"""What a request says of the copy its browser has and the part it wants, as RFC 9110 reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate
from typing import Any

from django.utils.http import parse_etags
from whitenoise.responders import StaticFile

RANGE_FORM = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def read_conditions(file: StaticFile, headers: Mapping[str, Any]) -> dict[str, Any]:
    """A request's headers for whitenoise, which knows a tag only where it stands alone and strong.

    What went out compressed has a weak tag, so no browser's copy of a text would be known.
    """
    read = dict(headers)
    tags = parse_etags(read.get("HTTP_IF_NONE_MATCH", ""))
    if tags == ["*"] or file.etag in [tag.removeprefix("W/") for tag in tags]:
        read["HTTP_IF_NONE_MATCH"] = file.etag
    if "HTTP_RANGE" in read:
        _, sent = file.get_path_and_headers(read)
        size = int(dict(sent)["Content-Length"])
        is_same = _is_same(file, read.get("HTTP_IF_RANGE"))
        read["HTTP_RANGE"] = _read_range(read["HTTP_RANGE"], size=size) if is_same else ""
    return read


def _is_same(file: StaticFile, sent: str | None) -> bool:
    """Whether a part would fit what the browser has of the file: by If-Range, if it says."""
    if sent is None or sent.strip() == file.etag:
        return True
    date = parsedate(sent)
    return date is not None and date == file.last_modified


def _read_range(sent: str, *, size: int) -> str:
    """One range that whitenoise reads rightly; nothing for any other, so that the file goes whole.

    It takes the last no bytes for all of them, and refuses a part of one byte.
    """
    found = RANGE_FORM.fullmatch(sent.strip())
    if found is None or found.groups() == ("", ""):
        return ""
    first, last = found.groups()
    if first and last and int(first) > int(last):
        return ""
    begin = int(first) if first else max(size - int(last), 0)
    end = min(int(last), size - 1) if first and last else size - 1
    # Where nothing begins, it says so itself.
    return f"bytes={begin}-{end}" if begin != end else ""
