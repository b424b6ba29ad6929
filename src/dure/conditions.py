"""What a request says of the copy its browser has and the part it wants, as RFC 9110 reads it."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

from django.utils.http import parse_etags
from whitenoise.responders import StaticFile

RANGE_FORM = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
BEYOND_ANY_FILE = f"bytes={sys.maxsize}-"


def read_conditions(file: StaticFile, headers: Mapping[str, Any]) -> dict[str, Any]:
    """A request's headers for whitenoise, which knows a tag only where it stands alone and strong.

    What went out compressed has a weak tag, so no browser's copy of a text would be known.
    """
    read = dict(headers)
    tags = parse_etags(read.get("HTTP_IF_NONE_MATCH", ""))
    if tags == ["*"] or file.etag in [tag.removeprefix("W/") for tag in tags]:
        read["HTTP_IF_NONE_MATCH"] = file.etag
    if "HTTP_RANGE" in read:
        read["HTTP_RANGE"] = _read_range(read["HTTP_RANGE"])
    return read


def _read_range(sent: str) -> str:
    """One range that whitenoise reads rightly; nothing for any other, so that the file goes whole.

    It takes the last no bytes for all of them, and refuses one byte, or an end before the start.
    """
    found = RANGE_FORM.fullmatch(sent.strip())
    if found is None:
        return ""
    first, last = found.groups()
    if not first and last and int(last) == 0:
        return BEYOND_ANY_FILE
    if not first:
        return sent if last and int(last) > 1 else ""
    return sent if not last or int(first) < int(last) else ""
