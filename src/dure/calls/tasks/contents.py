"""What a task shows: any of a text, a picture, a sound, a film, a left and a right, a few items."""

from __future__ import annotations

from typing import Any

import orjson

from dure.calls.tasks.questions import RANKED_MAX, ranks_items
from dure.calls.texts import check_text, pick_words
from dure.errors import Invalid

SIDES = ("left", "right")
MEDIA_NAMES = ("image", "audio", "video")
NAMES = ("text", *SIDES, *MEDIA_NAMES, "items")
RANKED_MIN = 2
TEXT_LETTERS_MAX = 20_000
ITEMS_MAX = 100
ADDRESS_LETTERS_MAX = 2000
ADDRESS_BEGINNINGS = ("https://", "/")
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


def check_fit(question: dict[str, Any], content: dict[str, Any], *, own: str) -> None:
    """Whether a task with this content can be asked the question; `own` is the call's language."""
    kind = question["type"]
    if kind == "pair" and not set(SIDES) <= set(content):
        raise Invalid("Each task of a pair needs content.left and content.right.")
    if kind == "pair" and len(set(name_sides(content, own=own))) < len(SIDES):
        raise Invalid("content.left and content.right of a pair should differ from each other.")
    if kind == "box" and "image" not in content:
        raise Invalid("Each task of a question for boxes needs content.image.")
    if ranks_items(question):
        names = name_items(content, own=own)
        if not RANKED_MIN <= len(names) <= RANKED_MAX:
            raise Invalid(
                "Each task to rank needs {least} to {most} content.items; got {n}.",
                least=RANKED_MIN,
                most=RANKED_MAX,
                n=len(names),
            )
        if len(set(names)) < len(names):
            raise Invalid("The content.items of a task to rank should differ from each other.")


def name_items(content: dict[str, Any], *, own: str) -> list[str]:
    """What an answer calls the items: each by its text in the call's own language."""
    return [pick_words(item, language=own, own=own).text for item in content.get("items", [])]


def name_sides(content: dict[str, Any], *, own: str) -> list[str]:
    """What a pair compares, left and right: its text in the call's own language, or its address."""
    return [
        picture_of(part) or pick_words(part, language=own, own=own).text
        for part in (content[side] for side in SIDES)
    ]


def picture_of(part: Any) -> str:
    """The address of one side's picture; empty where it is words."""
    return str(part["image"]) if isinstance(part, dict) and set(part) == {"image"} else ""


def _check_part(name: str, part: Any) -> None:
    if name in MEDIA_NAMES:
        _check_address(name, part)
    elif name in SIDES and isinstance(part, dict) and set(part) == {"image"}:
        _check_address(f"{name}.image", part["image"])
    elif name == "items":
        if not isinstance(part, list) or not 0 < len(part) <= ITEMS_MAX:
            raise Invalid("content.items should be a list of 1 to {most} texts.", most=ITEMS_MAX)
        for item in part:
            check_text(item, name="content.items", letters_max=TEXT_LETTERS_MAX)
    else:
        check_text(part, name=f"content.{name}", letters_max=TEXT_LETTERS_MAX)


def _check_address(name: str, address: object) -> None:
    if isinstance(address, str) and address.lower().startswith("http://"):
        # The pages' content security policy blocks it, without a word to whoever looks at them.
        raise Invalid(
            "Browsers load nothing over http:// here, so nobody would see content.{name}; use an "
            "address with https://, or upload the file.",
            name=name,
        )
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
