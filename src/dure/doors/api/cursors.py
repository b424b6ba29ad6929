"""Where a list goes on: an opaque word that holds the last id seen."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TypeVar

from django.db.models import Model, QuerySet

from dure.errors import Invalid

Row = TypeVar("Row", bound=Model)

LETTERS_MAX = 40
ID_MAX = 2**63 - 1


def read_page(
    rows: QuerySet[Row], *, cursor: str | None, limit: int, by: str = "pk", goes_up: bool = False
) -> tuple[list[Row], str | None]:
    """The rows after a cursor, and the cursor at which they go on; none at the end.

    They are in the order of the field `by`, the largest first unless it goes up.
    """
    if cursor is not None:
        rows = rows.filter(**{f"{by}__{'gt' if goes_up else 'lt'}": read_cursor(cursor)})
    found = list(rows[: limit + 1])
    shown = found[:limit]
    return shown, write_cursor(getattr(shown[-1], by)) if len(found) > limit else None


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
