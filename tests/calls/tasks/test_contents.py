from __future__ import annotations

import orjson
import pytest

from dure.calls.tasks.contents import check_content
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
