"""What a call may begin from: a filled example of each kind of work, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from django.utils.translation import get_language

from dure.calls.drafting import EXAMPLE
from dure.calls.texts import Text
from dure.doors.wording.saying import read_text
from dure.errors import Unknown

FILE = Path(__file__).with_name("beginnings.json")


@dataclass(frozen=True, slots=True)
class Beginning:
    key: str
    icon: str
    name: Text
    about: Text
    call: dict[str, Any]
    contents: list[dict[str, Any]]

    def __str__(self) -> str:
        return str(read_text(self.name, own="en"))

    @property
    def description(self) -> str:
        return str(read_text(self.about, own="en"))

    @property
    def tasks(self) -> list[dict[str, Any]]:
        return [
            {"key": f"{EXAMPLE}{place}", "content": content}
            for place, content in enumerate(self.contents, start=1)
        ]

    def fields(self) -> dict[str, Any]:
        """A call's fields, its language the one that its maker reads."""
        return {**self.call, "language": (get_language() or "en").split("-")[0]}


@cache
def all_beginnings() -> list[Beginning]:
    return [Beginning(**one) for one in orjson.loads(FILE.read_bytes())]


def find_beginning(key: str) -> Beginning:
    found = next((one for one in all_beginnings() if one.key == key), None)
    if found is None:
        raise Unknown("There is no such template; choose another one.")
    return found
