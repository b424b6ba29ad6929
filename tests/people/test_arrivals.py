"""New people from one address."""

from __future__ import annotations

import pytest

from dure.errors import TooMany
from dure.people.arrivals import Arrivals


def test_three_thousand_come_at_once_then_twenty_a_second_and_known_people_always() -> None:
    clock = [0.0]
    arrivals = Arrivals(address_rate=1000, now=lambda: clock[0])

    for _ in range(3000):
        assert arrivals.admit("school", has_key=False) is None
        arrivals.count("school")

    with pytest.raises(TooMany) as caught:
        arrivals.admit("school", has_key=False)
    assert caught.value.sentence == (
        "Too many requests came in a short time; wait 1 s, then send the same again."
    )
    assert caught.value.wait_seconds == 1
    crowded = arrivals.admit("school", has_key=True)
    assert crowded is not None
    assert crowded.wait_seconds == 1
    assert arrivals.admit("elsewhere", has_key=False) is None
    clock[0] += 1
    for _ in range(20):
        assert arrivals.admit("school", has_key=False) is None
        arrivals.count("school")
    with pytest.raises(TooMany):
        arrivals.admit("school", has_key=False)


def test_without_an_address_or_a_rate_all_may_come() -> None:
    strict, none = Arrivals(address_rate=0.001), Arrivals(address_rate=0)
    for _ in range(100):
        strict.count(None)
        none.count("a")

    assert strict.admit(None, has_key=False) is None
    assert none.admit("a", has_key=False) is None
