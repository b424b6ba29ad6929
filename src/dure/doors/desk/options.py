"""A question's answers as lines of words; one that says what it said keeps its value."""

from __future__ import annotations

from itertools import count
from typing import Any

from dure.calls.tasks.questions import OPTION_LETTERS_MAX
from dure.calls.texts import Text


def name_options(
    rows: list[dict[str, str]], stored: list[dict[str, Any]], *, own: str
) -> list[dict[str, Any]]:
    """Options for rows of words by language; one that says what it said keeps its value."""
    left = list(stored)
    values: list[str | None] = []
    for words in rows:
        same = next((one for one in left if _says_same(one["label"], words, own=own)), None)
        if same:
            left.remove(same)
        values.append(same["value"] if same else None)
    taken = {value for value in values if value}
    options = []
    for words, kept in zip(rows, values, strict=True):
        # Results name an answer by its English words, where it has some.
        value = kept or _free(words.get("en", next(iter(words.values()))), taken)
        taken.add(value)
        label: Text = next(iter(words.values())) if len(words) == 1 else words
        options.append({"value": value, "label": label})
    return options


def _says_same(label: Text, words: dict[str, str], *, own: str) -> bool:
    """In each language that the label has, of those that were typed; at least in one."""
    said = {one: say(label, one, own=own) for one in words}
    return any(said.values()) and all(not said[one] or said[one] == words[one] for one in words)


def _free(words: str, taken: set[str]) -> str:
    """The words as a value that no other option has."""
    for number in count(1):
        ending = f" {number}" if number > 1 else ""
        value = words[: OPTION_LETTERS_MAX - len(ending)].strip() + ending
        if value not in taken:
            return value
    raise AssertionError


def read_lines(text: str) -> list[str]:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in lines if line]


def say(label: Text, language: str, *, own: str) -> str:
    """A label in a language, on one line as it is typed; empty if it does not speak it."""
    return " ".join(in_language(label, language, own=own).split())


def in_language(text: Text, language: str, *, own: str) -> str:
    if isinstance(text, dict):
        return text.get(language, "")
    return text if language == own else ""
