"""JSON from outside: what nests too deep for our functions is as broken as what has no end."""

from __future__ import annotations

from typing import Any

import orjson

# Nothing that Dure reads nests deeper than eight; Python itself gives up at a thousand.
DEPTH_MAX = 50


def read_json(given: bytes | bytearray | str) -> Any:
    """The value; raises orjson.JSONDecodeError, so that every caller has one sentence for it."""
    value = orjson.loads(given)
    if nests_too_deep(value, given):
        document = given if isinstance(given, str) else given.decode()
        raise orjson.JSONDecodeError(f"it nests deeper than {DEPTH_MAX} levels", document, 0)
    return value


def nests_too_deep(value: object, given: bytes | bytearray | str) -> bool:
    """Whether the value that was read from this text has lists in lists beyond the limit."""
    if isinstance(given, str):
        n_openings = given.count("[") + given.count("{")
    else:
        n_openings = given.count(b"[") + given.count(b"{")
    # Most texts have too few brackets to nest that deep at all.
    if n_openings <= DEPTH_MAX:
        return False
    layer = [value]
    for _ in range(DEPTH_MAX):
        layer = [
            part
            for one in layer
            if isinstance(one, dict | list)
            for part in (one.values() if isinstance(one, dict) else one)
            if isinstance(part, dict | list)
        ]
    return bool(layer)
