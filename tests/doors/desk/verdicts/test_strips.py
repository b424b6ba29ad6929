"""A line has a place for every number that it was made for."""

from __future__ import annotations

from dure.doors.desk.verdicts.strips import Whisker, draw_whisker, scale_of


def test_scale_leaves_room_at_both_ends() -> None:
    scale = scale_of([0.0, 100.0])

    assert (scale.low, scale.high) == (-4.0, 104.0)
    assert scale.at(50.0) == "50.00"
    assert (scale.at(-1e9), scale.at(1e9)) == ("0.00", "100.00")


def test_single_number_is_in_the_middle() -> None:
    assert [scale_of([number]).at(number) for number in (0.0, 7.5, -1e9)] == ["50.00"] * 3


def test_end_without_bound_reaches_the_edge_and_says_so() -> None:
    scale = scale_of([0.0, 100.0])

    assert draw_whisker(scale, at=50.0, low=None, high=50.0) == Whisker(
        "50.00", "0.00", "50.00", is_open_low=True, is_open_high=False
    )
