"""Countries are named as their readers know them."""

from __future__ import annotations

from dure.doors.wording.countries import name_countries


def test_countries_are_named_in_the_readers_language() -> None:
    assert name_countries("ko")[0] == {"value": "KR", "name": "대한민국"}
    assert {"value": "DE", "name": "Germany"} in name_countries("en")
