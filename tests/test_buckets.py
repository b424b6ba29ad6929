"""Token buckets: so many at once, so many a second, and never too many of them."""

from __future__ import annotations

import pytest

from dure.buckets import Buckets


def test_a_burst_passes_and_then_one_for_each_that_time_gives_back() -> None:
    buckets = Buckets(rate=2, burst=5)

    at_once = [buckets.take("a", now=0.0) for _ in range(7)]
    later = [buckets.take("a", now=1.0) for _ in range(3)]
    much_later = [buckets.take("a", now=1000.0) for _ in range(6)]

    assert at_once == [0, 0, 0, 0, 0, 1, 1]
    assert later == [0, 0, 1]
    assert much_later == [0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("rate", [0.03, 0.1, 0.3, 1.0, 7.0, 20.0])
def test_after_the_seconds_told_there_is_a_token_and_a_second_before_there_is_none(
    rate: float,
) -> None:
    buckets = Buckets(rate=rate, burst=1)
    assert buckets.take("a", now=12345.678) == 0

    seconds = buckets.take("a", now=12345.678)

    assert seconds >= 1
    assert buckets.look("a", now=12345.678 + seconds - 1) > 0
    assert buckets.look("a", now=12345.678 + seconds) == 0


def test_each_key_has_a_bucket_of_its_own() -> None:
    buckets = Buckets(rate=1, burst=1)

    assert [buckets.take(key, now=0.0) for key in "aabb"] == [0, 1, 0, 1]


def test_looking_takes_nothing_and_a_charge_may_go_below_nothing() -> None:
    buckets = Buckets(rate=1, burst=2)

    looked = [buckets.look("a", now=0.0) for _ in range(5)]
    for _ in range(4):
        buckets.charge("a", now=0.0)

    assert looked == [0] * 5
    assert buckets.look("a", now=0.0) == 3


def test_rate_zero_is_no_limit_and_keeps_nothing() -> None:
    buckets = Buckets(rate=0, burst=0)

    assert [buckets.take("a", now=0.0) for _ in range(1000)] == [0] * 1000
    assert len(buckets) == 0


def test_a_rate_beyond_what_a_clock_can_tell_is_no_limit_and_keeps_nothing() -> None:
    buckets = Buckets(rate=1e15, burst=5e15)

    assert [buckets.take("a", now=1e7) for _ in range(10)] == [0] * 10
    assert len(buckets) == 0


def test_full_buckets_are_forgotten() -> None:
    buckets = Buckets(rate=1, burst=10)
    for n in range(1000):
        buckets.take(n, now=0.0)
    before = len(buckets)

    for n in range(1000):
        buckets.take(f"new {n}", now=1000.0)

    assert before == 1000
    assert not [n for n in range(1000) if n in buckets._full_at]
    assert len(buckets) == 1000


def test_of_too_many_those_go_that_were_not_used_for_longest() -> None:
    buckets = Buckets(rate=1, burst=1, count_max=3)
    for key in "abc":
        buckets.take(key, now=0.0)
    assert buckets.take("a", now=0.0) == 1
    buckets.charge("a", now=0.0)

    buckets.take("d", now=0.0)

    assert len(buckets) == 3
    assert buckets.look("b", now=0.0) == 0
    assert [buckets.look(key, now=0.0) for key in "cad"] == [1, 2, 1]
