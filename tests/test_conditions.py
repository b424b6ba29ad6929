"""A request's headers, as they reach the one who serves files."""

from __future__ import annotations

from pathlib import Path

import pytest
from whitenoise.responders import StaticFile

from dure.conditions import read_conditions


@pytest.fixture
def file(tmp_path: Path) -> StaticFile:
    place = tmp_path / "letters.txt"
    place.write_bytes(b"abcdefghij")
    return StaticFile(str(place), [("ETag", '"x"')])


@pytest.mark.parametrize("sent", ['"x"', 'W/"x"', '"w", W/"x"', 'W/"x","y"', "*"])
def test_any_form_of_a_known_tag_is_the_tag(file: StaticFile, sent: str) -> None:
    read = read_conditions(file, {"HTTP_IF_NONE_MATCH": sent})

    assert read == {"HTTP_IF_NONE_MATCH": '"x"'}


@pytest.mark.parametrize("sent", ['"y"', 'W/"y", "z"', "x", '"*"', ""])
def test_other_tags_stay_as_they_are(file: StaticFile, sent: str) -> None:
    read = read_conditions(file, {"HTTP_IF_NONE_MATCH": sent})

    assert read == {"HTTP_IF_NONE_MATCH": sent}


def test_request_itself_is_unchanged(file: StaticFile) -> None:
    headers = {"HTTP_IF_NONE_MATCH": "*"}

    read_conditions(file, headers)

    assert headers == {"HTTP_IF_NONE_MATCH": "*"}
