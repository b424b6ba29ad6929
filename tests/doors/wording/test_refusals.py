"""Refusals are told in the reader's language; each known sentence has its translation."""

from __future__ import annotations

import string

import pytest
from django.utils.translation import gettext, override

from dure.calls.life import NothingToOpen
from dure.doors.wording.reasons import REASONS
from dure.doors.wording.refusals import spell_refusal
from dure.doors.wording.sentences import SENTENCES
from dure.errors import Invalid
from dure.people.organisations import SlugTaken
from dure.people.roles import LastOwner


def test_refusal_is_said_in_the_readers_language_with_its_facts() -> None:
    with override("ko"):
        assert spell_refusal(Invalid("A template's name has 1 to {most} letters.", most=9)) == (
            "템플릿 이름은 1~9자로 적어 주세요."
        )
        assert spell_refusal(LastOwner()) == (
            "단체에는 소유자가 한 명은 있어야 해요. 먼저 다른 분을 소유자로 정해 주세요."
        )
    with override("en"):
        assert spell_refusal(NothingToOpen()) == NothingToOpen().sentence


def test_what_nobody_translated_is_said_in_english() -> None:
    with override("ko"):
        assert spell_refusal(SlugTaken(slug="a{b}")) == SlugTaken(slug="a{b}").sentence


@pytest.mark.parametrize("sentence", [*SENTENCES, *REASONS])
def test_translation_names_no_more_than_the_sentence_does(sentence: str) -> None:
    with override("ko"):
        korean = gettext(sentence)

    names = [{name for _, name, _, _ in string.Formatter().parse(text) if name}
             for text in (sentence, korean)]  # fmt: skip
    assert korean != sentence
    assert names[1] <= names[0]
