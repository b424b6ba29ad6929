from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.truth import normalise
from dure.truth.normal_text import has_unspaced_script, letters_of


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("  Hello,\t World! ", "hello, world"),
        ("ＡＢＣ　１２", "abc 12"),
        ("ﬁne", "fine"),
        ("Straße", "strasse"),
        ("“It’s” — so", "it's\" - so"),
        ("가\u200b나\ufeff", "가나"),
        ("ㅎㅏㄴㄱㅡㄹ", "한글"),
        ("ㅇㅏㄴㅏ", "아나"),
        ("ﾡￂ", "가"),
        ("\u1112\u1161\u11ab", "한"),
        ("e\u0301", "é"),
        ("-5", "-5"),
        ("(.5)", ".5"),
        ("5%", "5%"),
        ("C#", "c#"),
        ("?!", "?!"),
        ("   ", ""),
        ("a\nb", "a b"),
    ],
)  # fmt: skip
def test_forms_of_texts(text, form):
    assert normalise(text) == form


@given(st.text(max_size=30) | st.text("ㄱㄴㅏㅣ가힣ﾡￂ .'\u200b\u1100\u1161Aaﬁß", max_size=12))
def test_form_is_its_own_form(text):
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("one", "other"), [("2019", "2020"), ("1.5", "15"), ("-5", "5"), ("a", "á")]
)
def test_what_differs_stays_apart(one, other):
    assert normalise(one) != normalise(other)


def test_hangul_is_taken_apart_into_the_keys_that_were_struck():
    assert letters_of("한글 ab") == "ㅎㅏㄴㄱㅡㄹ ab"
    assert letters_of("abc") == "abc"


@given(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), max_size=8))
def test_different_syllables_have_different_letters(text):
    # As typed in one go: putting the keys together again gives the text back.
    assert normalise(letters_of(text)) == text


@pytest.mark.parametrize(
    ("form", "is_unspaced"), [("abc é", False), ("한글", True), ("漢字", True), ("かな", True)]
)
def test_scripts_that_need_no_spaces(form, is_unspaced):
    assert has_unspaced_script(form) is is_unspaced
