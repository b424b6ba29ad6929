from __future__ import annotations

import pytest

from dure.calls.texts import Words, check_text, pick_words
from dure.errors import Invalid


@pytest.mark.parametrize(
    "text",
    ["Birds", "a\tb\r\nc", "👩\u200d🚀 \xa0\u200e", {"en": "Birds", "ko": "새", "pt-BR": "Aves"}],
)
def test_a_text_is_a_string_or_strings_by_language(text: object) -> None:
    assert check_text(text, name="title") == text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "title should not be empty."),
        ("abcdef", "title should have at most 5 letters; got 6."),
        ("a\0b", "title has a sign that can't be stored (NUL); leave it out."),
        ("a\x1bb", "title has a sign that can't be stored (U+001B); leave it out."),
        ("a\x85", "title has a sign that can't be stored (U+0085); leave it out."),
        ("a\u202eb", "title has a sign that can't be stored (U+202E); leave it out."),
        ("a\u2067b", "title has a sign that can't be stored (U+2067); leave it out."),
        ("a\uffff", "title has a sign that can't be stored (U+FFFF); leave it out."),
        ("a\U0001fffe", "title has a sign that can't be stored (U+1FFFE); leave it out."),
        ("a\ud800", "title has a sign that can't be stored (U+D800); leave it out."),
        ({"en": "a\ufffe"}, "title.en has a sign that can't be stored (U+FFFE); leave it out."),
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
    shown = pick_words({"ko": "새", "en": "Birds"}, language=language, own="en")
    assert shown.text == words


def test_text_without_a_language_is_in_the_calls_own() -> None:
    assert pick_words("Vögel", language="ko", own="de") == Words("Vögel", "de")


def test_text_in_no_language_that_is_wanted_says_which_one_it_is_in() -> None:
    assert pick_words({"fr": "Oiseaux"}, language="ko", own="de") == Words("Oiseaux", "fr")
