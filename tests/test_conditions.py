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


@pytest.mark.parametrize("sent", ["bytes=0-4", "bytes=3-", "bytes=-3", "bytes=0-999", "bytes=99-"])
def test_one_range_stays_as_it_is(file: StaticFile, sent: str) -> None:
    assert read_conditions(file, {"HTTP_RANGE": sent}) == {"HTTP_RANGE": sent}


@pytest.mark.parametrize(
    "sent",
    [
        "bytes=--5", "bytes=-", "bytes=", "bytes", "bytes=5-3", "bytes=1_0-", "bytes=+1-5",
        "bytes=0-1,3-4", "lines=1-2", "bytes=²-", "bytes=" + "9" * 5000 + "-", "bytes=0-0",
        "bytes=-1",
    ],
)  # fmt: skip
def test_what_is_no_range_gives_the_whole_file(file: StaticFile, sent: str) -> None:
    headers = read_conditions(file, {"HTTP_RANGE": sent})

    assert file.get_response("HEAD", headers).status == 200


@pytest.mark.parametrize("sent", ["bytes=-0", "bytes=-000", "bytes=10-"])
def test_no_bytes_at_all_can_not_be_given(file: StaticFile, sent: str) -> None:
    found = file.get_response("HEAD", read_conditions(file, {"HTTP_RANGE": sent}))

    assert (found.status, found.headers) == (416, [("Content-Range", "bytes */10")])
