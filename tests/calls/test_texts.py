from __future__ import annotations

import pytest

from dure.calls.texts import check_text, pick_text
from dure.errors import Invalid


@pytest.mark.parametrize("text", ["Birds", {"en": "Birds", "ko": "새", "pt-BR": "Aves"}])
def test_a_text_is_a_string_or_strings_by_language(text: object) -> None:
    assert check_text(text, name="title") == text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "title should not be empty."),
        ("abcdef", "title should have at most 5 letters; got 6."),
        ("a\0b", "title has a sign that can't be stored (NUL); leave it out."),
        ({}, "title should be a text, or an object of texts by language; got {}."),
        (7, "title should be a text, or an object of texts by language; got 7."),
        ({"English": "a"}, "title is keyed by language codes such as 'en'; got 'English'."),
        ({"en": 1}, "title in 'en' should be a text; got 1."),
        ({"en": " "}, "title.en should not be empty."),
    ],
)
def test_a_text_that_can_not_be_shown_is_refused(text: object, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_text(text, name="title", letters_max=5)

    assert refused.value.sentence == sentence


@pytest.mark.parametrize(
    ("language", "words"), [("ko", "새"), ("ko-KR", "새"), ("fr", "Birds"), ("en", "Birds")]
)
def test_the_nearest_language_is_picked(language: str, words: str) -> None:
    assert pick_text({"ko": "새", "en": "Birds"}, language=language) == words
