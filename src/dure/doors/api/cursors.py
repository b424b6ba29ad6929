"""Where a list goes on: an opaque word that holds the last id seen."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

from dure.errors import Invalid

LETTERS_MAX = 40
ID_MAX = 2**63 - 1


def write_cursor(last_id: int) -> str:
    return urlsafe_b64encode(b"%x" % last_id).decode().rstrip("=")


def read_cursor(cursor: str) -> int:
    try:
        padded = cursor[:LETTERS_MAX].encode("ascii") + b"=" * (-len(cursor) % 4)
        last_id = int(urlsafe_b64decode(padded), 16)
    except ValueError:
        last_id = 0
    if not 0 < last_id <= ID_MAX or write_cursor(last_id) != cursor:
        raise Invalid("cursor: expected the `next` of a page that came before; got {got!r}.",
                      got=cursor[:LETTERS_MAX])  # fmt: skip
    return last_id
