"""What a task shows: any of a text, an image, a sound, a film, a left and a right, a few items."""

from __future__ import annotations

from typing import Any

import orjson

from dure.calls.texts import check_text
from dure.errors import Invalid

TEXT_NAMES = ("text", "left", "right")
MEDIA_NAMES = ("image", "audio", "video")
NAMES = (*TEXT_NAMES, *MEDIA_NAMES, "items")
TEXT_LETTERS_MAX = 20_000
ITEMS_MAX = 100
ADDRESS_LETTERS_MAX = 2000
ADDRESS_BEGINNINGS = ("https://", "http://", "/")
CONTENT_BYTES_MAX = 100_000


def check_content(content: object) -> bytes:
    """The content as JSON, ready to be stored; refused with the field's name if it can't be."""
    if not isinstance(content, dict) or not content:
        raise Invalid("content should be an object with any of {names}.", names=", ".join(NAMES))
    for name, part in content.items():
        if name not in NAMES:
            raise Invalid(
                "content has no field {name!r}; its fields are {names}.",
                name=name,
                names=", ".join(NAMES),
            )
        _check_part(name, part)
    stored = orjson.dumps(content)
    if len(stored) > CONTENT_BYTES_MAX:
        raise Invalid(
            "content has {size} bytes; the most is {most}. Link to what is large.",
            size=len(stored),
            most=CONTENT_BYTES_MAX,
        )
    return stored


def _check_part(name: str, part: Any) -> None:
    if name in MEDIA_NAMES:
        _check_address(name, part)
    elif name == "items":
        if not isinstance(part, list) or not 0 < len(part) <= ITEMS_MAX:
            raise Invalid("content.items should be a list of 1 to {most} texts.", most=ITEMS_MAX)
        for item in part:
            check_text(item, name="content.items", letters_max=TEXT_LETTERS_MAX)
    else:
        check_text(part, name=f"content.{name}", letters_max=TEXT_LETTERS_MAX)


def _check_address(name: str, address: object) -> None:
    if (
        not isinstance(address, str)
        or not address.startswith(ADDRESS_BEGINNINGS)
        or len(address) > ADDRESS_LETTERS_MAX
        or not address.isprintable()
    ):
        raise Invalid(
            "content.{name} should be an address that begins with https:// or /; got {address!r}.",
            name=name,
            address=address if isinstance(address, str) and len(address) < 100 else "another value",
        )
