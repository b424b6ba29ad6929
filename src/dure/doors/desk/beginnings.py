"""What a call may begin from: a filled example of each kind of work, in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from django.utils.translation import get_language

from dure.calls.creating import imagine_call
from dure.calls.drafting import fields_of
from dure.calls.models import Call, Template
from dure.calls.tasks.models import Task
from dure.calls.tasks.questions import can_be_sure
from dure.calls.texts import Text
from dure.doors.wording.saying import read_text
from dure.errors import Unknown

FILE = Path(__file__).with_name("beginnings.json")
EXAMPLE = "example-"
# One more than any template has.
EXAMPLES_MAX = 21
FIXED = {"min": 5, "max": 5, "target": None}


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
        fields = {**self.call, "language": (get_language() or "en").split("-")[0]}
        # Where a verdict has no probability, no answer is ever one too many.
        return fields if can_be_sure(self.call["question"]) else {**fields, "answers": FIXED}


@cache
def all_beginnings() -> list[Beginning]:
    return [Beginning(**one) for one in orjson.loads(FILE.read_bytes())]


def examples_of(call: Call) -> list[dict[str, Any]]:
    """A call's tasks, if they are but a template's examples; else none.

    By key and content: somebody's own tasks may be called alike.
    """
    rows = Task.objects.filter(call=call).order_by("id").values_list("key", "content")
    tasks = [{"key": key, "content": content} for key, content in rows[:EXAMPLES_MAX]]
    is_example = any(all(task in one.tasks for task in tasks) for one in all_beginnings())
    return tasks if is_example else []


def is_untouched(call: Call, *, templates: Iterable[Template]) -> bool:
    """Whether a draft holds but what a template put there, so that it can be made again."""
    fields = fields_of(call)
    rows = Task.objects.filter(call=call).order_by("id").values_list("key", "content", "gold")
    tasks = list(rows[:EXAMPLES_MAX])
    for one in all_beginnings():
        same = [(task["key"], task["content"], None) for task in one.tasks]
        made = imagine_call(**{**one.fields(), "language": call.language})
        if tasks == same and fields == fields_of(made):
            return True
    # A template that was saved of this very draft came after it.
    earlier = (one for one in templates if one.at < call.created_at)
    return not tasks and any(fields == one.fields for one in earlier)


def find_beginning(key: str) -> Beginning:
    found = next((one for one in all_beginnings() if one.key == key), None)
    if found is None:
        raise Unknown("There is no such template; choose another one.")
    return found
