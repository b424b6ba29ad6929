"""Pasted lines into tasks: what a line means depends on what is asked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from dure.calls.models import Call
from dure.calls.tasks.importing import Refused
from dure.calls.tasks.models import Task
from dure.calls.tasks.questions import ranks_items
from dure.doors.desk.cards import TaskCard, show_card
from dure.errors import Sentence

LINES_MAX = 20_000
ADDRESS = re.compile(r"(https?://|/)\S+", re.IGNORECASE)
PICTURE = re.compile(r"\S+\.(?:png|jpe?g|webp|gif|avif)(?:\?\S*)?", re.IGNORECASE)
SOUND = re.compile(r"\S+\.(?:mp3|wav|ogg|m4a)(?:\?\S*)?", re.IGNORECASE)
FILM = re.compile(r"\S+\.(?:mp4|webm)(?:\?\S*)?", re.IGNORECASE)
BETWEEN = re.compile(r"\t|\s*\|\s*")


def read_lines(text: str, *, call: Call) -> Iterator[tuple[int, object] | Refused]:
    """(line, task) for each line that is not blank; the same line twice is one task."""
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.strip()
        if not words:
            continue
        if number > LINES_MAX:
            too_many = Sentence(
                "At most {most} lines at once; send a file instead.", most=LINES_MAX
            )
            yield Refused(number, too_many)
            return
        content = read_line(words, question=call.question)
        if isinstance(content, str):
            yield Refused(number, content)
        else:
            key = "line-" + hashlib.sha256(words.encode()).hexdigest()[:16]
            yield number, {"key": key, "content": content}


def read_line(words: str, *, question: dict[str, Any]) -> dict[str, Any] | str:
    """A task's content, or what is wrong with the line."""
    parts = [part.strip() for part in BETWEEN.split(words) if part.strip()]
    if question["type"] == "pair":
        if len(parts) != 2:
            return Sentence("A pair needs two parts on its line, with | between them.")
        return {"left": _side(parts[0]), "right": _side(parts[1])}
    if ranks_items(question):
        return {"items": parts}
    content: dict[str, Any] = {}
    for part in parts if any(_medium(part) for part in parts) else [words]:
        content.setdefault(_medium(part) or "text", part)
    return content


def lines_of(text: str, numbers: list[int]) -> str:
    """Only the lines of these numbers, to be mended."""
    lines = text.splitlines()
    return "\n".join(lines[number - 1] for number in numbers if number <= len(lines))


def show_line(task: Task, *, call: Call) -> TaskCard:
    return show_card(task, call=call)


def _side(part: str) -> Any:
    return {"image": part} if _medium(part) == "image" else part


def _medium(part: str) -> str:
    """What an address shows, by its ending; empty for a text."""
    if not ADDRESS.fullmatch(part):
        return ""
    for name, ending in (("image", PICTURE), ("audio", SOUND), ("video", FILM)):
        if ending.fullmatch(part):
            return name
    return ""
