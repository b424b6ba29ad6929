"""A request's headers, as they reach the one who serves files."""

from __future__ import annotations

from pathlib import Path

import pytest
from whitenoise.responders import StaticFile

from dure.conditions import read_conditions

LAST_MODIFIED = "Sat, 03 Jan 2026 10:00:00 GMT"


@pytest.fixture
def file(tmp_path: Path) -> StaticFile:
    place = tmp_path / "letters.txt"
    place.write_bytes(b"abcdefghij")
    return StaticFile(str(place), [("ETag", '"x"'), ("Last-Modified", LAST_MODIFIED)])


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


@pytest.mark.parametrize(
    ("sent", "part"),
    [
        ("bytes=0-4", "0-4"), ("bytes=3-", "3-9"), ("bytes=-3", "7-9"), ("bytes=0-999", "0-9"),
        ("bytes=-999", "0-9"), (" bytes=8-9 ", "8-9"),
    ],
)  # fmt: skip
def test_one_range_gives_its_part(file: StaticFile, sent: str, part: str) -> None:
    assert reply_to(file, {"HTTP_RANGE": sent}) == (206, f"bytes {part}/10")


@pytest.mark.parametrize(
    "sent",
    [
        "bytes=--5", "bytes=-", "bytes=", "bytes", "bytes=5-3", "bytes=1_0-", "bytes=+1-5",
        "bytes=0-1,3-4", "lines=1-2", "bytes=²-", "bytes=" + "9" * 5000 + "-",
    ],
)  # fmt: skip
def test_what_is_no_range_gives_the_whole_file(file: StaticFile, sent: str) -> None:
    assert reply_to(file, {"HTTP_RANGE": sent}) == (200, None)


@pytest.mark.parametrize("sent", ["bytes=0-0", "bytes=-1", "bytes=9-", "bytes=9-15"])
def test_one_byte_comes_with_all_others(file: StaticFile, sent: str) -> None:
    assert reply_to(file, {"HTTP_RANGE": sent}) == (200, None)


@pytest.mark.parametrize("sent", ["bytes=-0", "bytes=-000", "bytes=10-", "bytes=99-100"])
def test_no_bytes_at_all_can_not_be_given(file: StaticFile, sent: str) -> None:
    assert reply_to(file, {"HTTP_RANGE": sent}) == (416, "bytes */10")


@pytest.mark.parametrize(
    ("copy", "is_same"),
    [
        ('"x"', True), (' "x" ', True), ("Sat, 03 Jan 2026 10:00:00 GMT", True),
        ('W/"x"', False), ('"y"', False), ('"x", "y"', False), ("x", False), ("*", False),
        ("", False), ("Sat, 03 Jan 2026 10:00:01 GMT", False),
        ("Sat, 03 Jan 2026 09:59:59 GMT", False),
    ],
)  # fmt: skip
def test_a_part_goes_to_whoever_has_the_rest_of_the_same_file(
    file: StaticFile, copy: str, is_same: bool
) -> None:
    reply = reply_to(file, {"HTTP_RANGE": "bytes=0-4", "HTTP_IF_RANGE": copy})

    assert reply == ((206, "bytes 0-4/10") if is_same else (200, None))


def test_a_file_of_another_copy_goes_whole_also_where_it_is_shorter(file: StaticFile) -> None:
    reply = reply_to(file, {"HTTP_RANGE": "bytes=99-", "HTTP_IF_RANGE": '"y"'})

    assert reply == (200, None)


def reply_to(file: StaticFile, headers: dict[str, str]) -> tuple[int, str | None]:
    found = file.get_response("HEAD", read_conditions(file, headers))
    return int(found.status), dict(found.headers).get("Content-Range")
