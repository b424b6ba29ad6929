"""Texts that people read: a string in the call's language, or an object keyed by language."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dure.errors import Invalid

LETTERS_MAX = 2000
LANGUAGES_MAX = 20
LANGUAGE_FORM = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# What no keyboard types and no page should show: control signs other than tabs and line ends, signs
# that turn the direction of what stands around them, halves of signs, and what is no sign at all.
UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
    )
    + "]"
)

Text = str | dict[str, str]


def check_text(
    text: object, *, name: str, letters_max: int = LETTERS_MAX, may_be_empty: bool = False
) -> Text:
    """The text as it is stored; refused with the field's name if it can't be shown."""
    if isinstance(text, str):
        _check_string(text, name=name, letters_max=letters_max, may_be_empty=may_be_empty)
        return text
    if not isinstance(text, dict) or not 0 < len(text) <= LANGUAGES_MAX:
        raise Invalid(
            "{name} should be a text, or an object of texts by language; got {text!r}.",
            name=name,
            text=text,
        )
    for language, words in text.items():
        if not isinstance(language, str) or not LANGUAGE_FORM.fullmatch(language):
            raise Invalid(
                "{name} is keyed by language codes such as 'en'; got {language!r}.",
                name=name,
                language=language,
            )
        if not isinstance(words, str):
            raise Invalid(
                "{name} in {language!r} should be a text; got {words!r}.",
                name=name,
                language=language,
                words=words,
            )
        _check_string(
            words, name=f"{name}.{language}", letters_max=letters_max, may_be_empty=may_be_empty
        )
    return text


@dataclass(frozen=True, slots=True)
class Words:
    """A text as it is shown, and the language it is in."""

    text: str
    language: str

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)


def pick_words(text: Text | None, *, language: str, own: str) -> Words:
    """The text in a language; else in English; else in the first there is.

    `own` is the language of a text that does not say.
    """
    if not isinstance(text, dict):
        return Words(text or "", own)
    for wanted in (language, language.split("-")[0], own, "en"):
        if wanted in text:
            return Words(text[wanted], wanted)
    first = next(iter(text), own)
    return Words(text.get(first, ""), first)


def _check_string(text: str, *, name: str, letters_max: int, may_be_empty: bool) -> None:
    if not text.strip() and not may_be_empty:
        raise Invalid("{name} should not be empty.", name=name)
    if len(text) > letters_max:
        raise Invalid(
            "{name} should have at most {most} letters; got {n}.",
            name=name,
            most=letters_max,
            n=len(text),
        )
    if found := UNFIT.search(text):
        sign = "NUL" if found[0] == "\0" else f"U+{ord(found[0]):04X}"
        raise Invalid(
            "{name} has a sign that can't be stored ({sign}); leave it out.", name=name, sign=sign
        )
