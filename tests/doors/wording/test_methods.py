from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils.translation import override

from dure import truth
from dure.doors.wording.methods import _METHODS, spell_method
from dure.truth.infer import METHODS


def test_every_method_of_the_engine_is_said_in_plain_words() -> None:
    folder = Path(truth.__file__).parent
    sources = "".join(file.read_text() for file in folder.glob("*.py"))
    of_families = re.findall(r'^METHOD = "(.+)"', sources, re.MULTILINE)

    assert {*of_families, *METHODS} - {"auto"} == set(_METHODS)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_method_is_called_by_its_own_name(language: str) -> None:
    with override(language):
        said = {name: spell_method(name) for name in _METHODS}

    assert [name for name, sentence in said.items() if name in sentence.lower()] == []
    assert {sentence[-1] for sentence in said.values()} == {"."}


def test_method_that_is_not_known_keeps_its_name() -> None:
    assert (spell_method("by-hand"), spell_method("")) == ("by-hand", "")
