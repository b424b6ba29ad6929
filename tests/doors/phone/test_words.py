"""The phone's own words."""

from __future__ import annotations

import re

from dure.doors.phone.words import all_words


def forms(entry: str | list[str]) -> list[str]:
    return [entry] if isinstance(entry, str) else entry


def test_both_languages_say_the_same_things_with_the_same_parts() -> None:
    korean, english = all_words()["ko"], all_words()["en"]

    assert korean.keys() == english.keys()
    for name, entry in english.items():
        parts = {part for form in forms(entry) for part in re.findall(r"%\(\w+\)s", form)}
        assert all(set(re.findall(r"%\(\w+\)s", form)) <= parts for form in forms(korean[name]))


def test_korean_words_are_korean() -> None:
    for name, entry in all_words()["ko"].items():
        assert all(re.search("[가-힣]", form) for form in forms(entry)), name
