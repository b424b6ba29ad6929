from __future__ import annotations

import pytest

from dure.doors.files.drawings import Bar, Dot, Line, Words
from dure.doors.files.reliability_diagrams import (
    BARS_HEIGHT,
    BOTTOM,
    LEFT,
    SIDE,
    TOP,
    Bin,
    reliability_diagram,
)

NAN = float("nan")
EMPTY = Bin(NAN, NAN, NAN, NAN, 0)
BINS = [*[EMPTY] * 5, Bin(0.55, 0.5, 0.25, 0.75, 4), *[EMPTY] * 3, Bin(1.0, 1.0, 0.9, 1.0, 2_000)]
SCORES = {"accuracy": 0.99900, "log_loss": 0.01234, "calibration_error": 0.0001}


def test_each_filled_bin_has_its_point_interval_and_bar():
    shapes = reliability_diagram(BINS, **SCORES).shapes

    marks = [one for one in shapes if isinstance(one, Line) and one.ink == "mark"]
    across = LEFT + 0.55 * SIDE
    assert [one.centre for one in shapes if isinstance(one, Dot)] == [
        (pytest.approx(across), BOTTOM - SIDE / 2),
        (LEFT + SIDE, TOP),
    ]
    assert (marks[0].start[1], marks[0].end[1]) == (BOTTOM - SIDE / 4, BOTTOM - 3 * SIDE / 4)
    assert len(marks) == 6
    # Four tasks beside two thousand still show.
    assert [one.height for one in shapes if isinstance(one, Bar)] == [1.0, BARS_HEIGHT]


def test_diagonal_and_counts_are_there():
    shapes = reliability_diagram(BINS, **SCORES).shapes

    counts = [one.text for one in shapes if isinstance(one, Words) and one.size == 11]
    assert counts == ["0", "0", "0", "0", "0", "4", "0", "0", "0", "2,000"]
    assert [(one.start, one.end) for one in shapes if isinstance(one, Line) and one.dash] == [
        ((LEFT, BOTTOM), (LEFT + SIDE, TOP))
    ]


def test_title_and_description_say_what_the_picture_shows():
    drawing = reliability_diagram(BINS, **SCORES)

    assert drawing.title == (
        "Reliability of the verdicts: accuracy 0.999, log loss 0.012, ECE 0.000, 2,004 tasks"
    )
    assert drawing.description == (
        "For each tenth of the stated probability: the mean that was stated, the share that was "
        "right with its 90 % interval, and how many tasks. stated 0.550, right 0.500 (0.250 to "
        "0.750) of 4 tasks; stated 1.000, right 1.000 (0.900 to 1.000) of 2,000 tasks."
    )


def test_large_counts_fit_their_bins():
    bins = [Bin(0.5, 0.5, 0.4, 0.6, count) for count in (1, 99_999, 123_456, 12_345_678)]

    shapes = reliability_diagram(bins, **SCORES).shapes

    assert [one.text for one in shapes if isinstance(one, Words) and one.size == 11] == [
        "1",
        "99,999",
        "123 k",
        "12 M",
    ]
