"""Numbers lie on their line where they should, and wild ones press nobody together."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.calls.models import Call
from dure.calls.tasks.models import Answer, Task, TaskProgress, Verdict
from dure.calls.tasks.tables import Given, Row, TaskInFull
from dure.doors.desk.verdicts.numbers import HIGH_MAX, STEP, NumberLine, draw_number

CALL = Call(language="en", question={"type": "number", "unit": "km"})
NUMBERS = st.floats(-1e6, 1e6)


def line_of(*values: Any, estimate: float = 12.0, counted: bool = True, **said: Any) -> NumberLine:
    answers = [Given(Answer(), "w", value, is_counted=counted) for value in values]
    verdict = Verdict(**{"estimate": estimate, "low": 10.0, "high": 14.0, **said})
    found = TaskInFull(Row(Task(), TaskProgress(), verdict), [], answers, [])
    drawn = draw_number(found, verdict, CALL)
    assert isinstance(drawn.picture, NumberLine)
    return drawn.picture


def test_places_are_in_order_and_in_proportion() -> None:
    line = line_of(10, 14, low=10.0, high=14.0)

    places = [float(line.low), float(line.estimate), float(line.high)]
    assert places[1] == 50.0
    assert places[1] - places[0] == pytest.approx(places[2] - places[1])
    assert [dot.x for dot in line.dots] == [line.low, line.high]


def test_wild_answers_stand_at_the_edge_with_their_numbers() -> None:
    line = line_of(11, 12, 13, 900, -5000, 20_000)

    assert len(line.dots) == 3
    assert (line.far_below, line.far_above) == ("\N{MINUS SIGN}5,000", "900 · 20,000")


def test_of_very_many_wild_answers_the_others_are_counted() -> None:
    line = line_of(*[12] * 20, *range(1000, 1009))

    assert line.far_above == "1,000 · 1,001 · 1,002 · 1,003 · 1,004 · 1,005 · 3 more"


def test_equal_answers_stand_on_each_other_and_never_too_high() -> None:
    few, many = line_of(12, 12, 12), line_of(*[12] * 200)

    heights = [float(dot.y) for dot in few.dots]
    assert [a - b for a, b in pairwise(heights)] == [STEP, STEP]
    assert many.ground <= HIGH_MAX + STEP
    assert min(float(dot.y) for dot in many.dots) >= 0


def test_skips_and_words_are_no_dots_and_what_does_not_count_is_hollow() -> None:
    assert line_of(None, "12").dots == []
    assert [dot.is_counted for dot in line_of(12, counted=False).dots] == [False]


def test_estimate_that_is_known_has_no_interval_to_tell() -> None:
    verdict = Verdict(estimate=5.0, low=5.0, high=5.0)
    found = TaskInFull(Row(Task(), TaskProgress(), verdict), [], [], [])

    assert draw_number(found, verdict, CALL).sentence == "5 km."


@pytest.mark.parametrize(
    ("is_used", "said"),
    [
        (True, ("What people expected of each other was counted in, which gives 15 km: in this "
                "call that brings estimates nearer to the truth.")),
        (False, ("Counting in what people expected of each other would give 15 km; in this call "
                 "nothing shows that this is nearer to the truth, so it was left out.")),
    ],
)  # fmt: skip
def test_page_says_whether_expectations_were_used(is_used: bool, said: str) -> None:
    verdict = Verdict(estimate=12.0, low=10.0, high=14.0, value={"pivot": 15, "is_used": is_used})
    found = TaskInFull(Row(Task(), TaskProgress(), verdict), [], [], [])

    drawn = draw_number(found, verdict, CALL)

    assert drawn.more == said
    assert float(drawn.picture.pivot) > float(drawn.picture.high)


@given(st.lists(NUMBERS, max_size=30), NUMBERS, st.floats(0, 1e6), st.none() | NUMBERS)
def test_every_answer_is_drawn_or_told_and_nothing_leaves_the_line(
    values: list[float], estimate: float, width: float, pivot: float | None
) -> None:
    value = None if pivot is None else {"pivot": pivot, "is_used": False}

    line = line_of(
        *values, estimate=estimate, low=estimate - width, high=estimate + width, value=value
    )

    far = len(values) - len(line.dots)
    assert bool(far) == bool(line.far_below or line.far_above)
    places = [line.low, line.estimate, line.high, *(dot.x for dot in line.dots)]
    assert all(0 <= float(place) <= 100 for place in places)
