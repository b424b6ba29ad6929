from __future__ import annotations

import orjson
import pytest

from dure.calls.tasks.contents import check_content, check_fit, name_items
from dure.calls.tasks.questions import check_question
from dure.errors import Invalid

NO_CONTENT = (
    "content should be an object with any of text, left, right, image, audio, video, items."
)


@pytest.mark.parametrize(
    "content",
    [
        {"text": "A gull"},
        {"text": {"en": "A gull", "ko": "갈매기"}, "image": "https://example.org/a.png"},
        {"left": "a", "right": "b"},
        {"left": {"image": "/media/a.webp"}, "right": {"en": "b", "ko": "나"}},
        {"items": ["a", {"en": "b"}], "audio": "/sounds/1.ogg"},
    ],
)
def test_content_is_stored_as_it_was_given(content: dict[str, object]) -> None:
    assert orjson.loads(check_content(content)) == content


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({}, NO_CONTENT),
        ("x", NO_CONTENT),
        (
            {"colour": "red"},
            (
                "content has no field 'colour'; its fields are text, left, right, image, audio, "
                "video, items."
            ),
        ),
        (
            {"image": "javascript:alert(1)"},
            (
                "content.image should be an address that begins with https:// or /; got "
                "'javascript:alert(1)'."
            ),
        ),
        (
            {"image": "http://example.org/a.png"},
            (
                "Browsers load nothing over http:// here, so nobody would see content.image; use "
                "an address with https://, or upload the file."
            ),
        ),
        (
            {"left": {"image": "HTTP://example.org/a.png"}, "right": "b"},
            (
                "Browsers load nothing over http:// here, so nobody would see content.left.image; "
                "use an address with https://, or upload the file."
            ),
        ),
        (
            {"left": {"image": "data:text/html,x"}, "right": "b"},
            (
                "content.left.image should be an address that begins with https:// or /; got "
                "'data:text/html,x'."
            ),
        ),
        ({"items": []}, "content.items should be a list of 1 to 100 texts."),
        ({"text": "a\0"}, "content.text has a sign that can't be stored (NUL); leave it out."),
        (
            {"items": ["x" * 2000] * 60},
            "content has 120191 bytes; the most is 100000. Link to what is large.",
        ),
    ],
)
def test_content_that_can_not_be_shown_is_refused(content: object, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_content(content)

    assert refused.value.sentence == sentence


@pytest.mark.parametrize(
    ("kind", "content", "sentence"),
    [
        (
            "pair",
            {"left": "a"},
            "Each task of a pair needs content.left and content.right.",
        ),
        (
            "pair",
            {"left": "a", "right": {"en": "a", "ko": "가"}},
            "content.left and content.right of a pair should differ from each other.",
        ),
        ("box", {"text": "a"}, "Each task of a question for boxes needs content.image."),
        ("rank", {"items": ["a"]}, "Each task to rank needs 2 to 20 content.items; got 1."),
        (
            "rank",
            {"items": ["a", {"en": "a", "ko": "가"}]},
            "The content.items of a task to rank should differ from each other.",
        ),
    ],
)
def test_content_that_the_question_can_not_be_asked_of_is_refused(
    kind: str, content: dict[str, object], sentence: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check_fit(check_question({"type": kind, "text": "?"}), content, own="en")

    assert refused.value.sentence == sentence


def test_items_are_named_in_the_calls_own_language() -> None:
    content = {"items": ["a", {"en": "bee", "ko": "벌"}, {"de": "Zeh"}]}

    assert name_items(content, own="ko") == ["a", "벌", "Zeh"]
