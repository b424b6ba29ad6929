"""JSON from outside is read up to a depth that all our functions can walk."""

from __future__ import annotations

import orjson
import pytest

from dure.nesting import DEPTH_MAX, read_json


def nest(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize("text", ["[{}, [1], null]", nest(DEPTH_MAX), f"[{'[],' * 500}0]"])
def test_what_is_not_too_deep_is_read_as_ever(text: str) -> None:
    assert read_json(text) == read_json(text.encode()) == orjson.loads(text)


@pytest.mark.parametrize("depth", [DEPTH_MAX + 1, 300, 1000])
def test_what_nests_too_deep_is_refused_like_broken_json(depth: int) -> None:
    for text in (nest(depth), '{"a":' * depth + "1" + "}" * depth, f'{{"a": [0, {nest(depth)}]}}'):
        with pytest.raises(orjson.JSONDecodeError, match="it nests deeper than 50 levels"):
            read_json(text.encode())
