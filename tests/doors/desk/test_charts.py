"""Charts are drawn to scale, and every answer is in just one bar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from dure.calls.models import Call
from dure.calls.tasks.models import Pulse
from dure.doors.desk import charts

NOW = datetime(2026, 3, 1, 12, 30, 20, tzinfo=UTC)


def pulse(minutes_ago: int, answers: int, **fields: float) -> Pulse:
    at = NOW.replace(second=0) - timedelta(minutes=minutes_ago)
    return Pulse(call_id=1, step_s=60, at=at, answers=answers, **fields)


def test_last_hour_has_a_bar_for_each_minute_with_answers() -> None:
    drawn = charts.draw_minutes([pulse(61, 9), pulse(59, 1), pulse(0, 4)], at=NOW)

    assert drawn.total == 5
    assert [bar.amount for bar in drawn.bars] == [1, 4]
    assert drawn.top == "5"
    first, last = drawn.bars
    assert first.x < charts.WIDTH / 60 < charts.WIDTH - charts.WIDTH / 60 < last.x
    assert [bar.height for bar in drawn.bars] == [32.0, 128.0]
    assert all(bar.y + bar.height == charts.HEIGHT for bar in drawn.bars)


def test_days_begin_with_the_first_answers() -> None:
    pulses = [Pulse(at=NOW.replace(minute=0, second=0) - timedelta(hours=h), answers=1)
              for h in (0, 30, 100)]  # fmt: skip

    drawn = charts.draw_days(pulses, at=NOW)

    assert drawn.total == 3
    assert drawn.bars[0].at == pulses[2].at


@pytest.mark.parametrize(("most", "top"), [(0, 1), (1, 1), (3, 5), (6, 10), (11, 20), (51, 100)])
def test_scale_ends_at_a_round_number(most: int, top: int) -> None:
    assert charts.draw_minutes([pulse(1, most)], at=NOW).top == str(top)


def hourly(*confidences: float | None) -> list[Pulse]:
    """A pulse for each of the last hours, this one last."""
    hour = NOW.replace(minute=0, second=0)
    return [
        Pulse(at=hour - timedelta(hours=ago), confidence=confidence)
        for ago, confidence in zip(range(len(confidences))[::-1], confidences, strict=True)
    ]


def test_certainty_is_a_line_once_there_are_two_points() -> None:
    hours = hourly(0.25, None, 0.5, 1.0)

    assert charts.draw_confidence(hours[:2], []) is None
    line = charts.draw_confidence(hours, [])
    assert line is not None
    assert line.path == "M0.0 120.0 L400.0 80.0 L600.0 0.0"
    assert line.latest == "100%"
    assert line.is_fine is False


def test_certainty_of_a_fresh_call_is_told_by_the_minute() -> None:
    minutes = [pulse(50, 0, confidence=0.5), pulse(20, 0), pulse(0, 0, confidence=1.0)]

    line = charts.draw_confidence(hourly(1.0), minutes)

    assert line is not None
    assert line.path == "M0.0 80.0 L600.0 0.0"
    assert line.is_fine is True
    assert [at for at, _ in line.points] == [minutes[0].at, minutes[2].at]


def test_hours_before_a_quiet_one_are_still_a_line() -> None:
    line = charts.draw_confidence(hourly(0.5, 1.0), [pulse(5, 0, confidence=1.0)])

    assert line is not None
    assert line.path == "M0.0 80.0 L600.0 0.0"
    assert line.is_fine is False


@pytest.mark.parametrize(
    ("language", "minutes", "days"),
    [("en", ["11:31", "11:51", "12:11", "12:31"], ["Feb 25", "Feb 26", "Feb 28", "Mar 1"]),
     ("ko", ["11:31", "11:51", "12:11", "12:31"], ["2월 25일", "2월 26일", "2월 28일", "3월 1일"])],
)  # fmt: skip
def test_axis_tells_its_times_in_the_readers_language(
    language: str, minutes: list[str], days: list[str]
) -> None:
    long_ago = Pulse(at=NOW.replace(minute=0, second=0) - timedelta(hours=100), answers=1)

    with override(language):
        assert charts.draw_minutes([], at=NOW).ticks == minutes
        assert charts.draw_days([long_ago], at=NOW).ticks == days


def test_axis_tells_its_times_in_the_readers_zone() -> None:
    with override("en"), timezone.override("Asia/Seoul"):
        assert charts.draw_minutes([], at=NOW).ticks == ["20:31", "20:51", "21:11", "21:31"]


def test_axis_of_a_day_or_two_has_days_and_hours() -> None:
    with override("en"):
        assert charts.draw_days([], at=NOW).ticks == [
            "Feb 27 13:00", "Feb 28 05:00", "Feb 28 21:00", "Mar 1 13:00"
        ]  # fmt: skip


def test_axis_of_two_minutes_says_each_time_once() -> None:
    minutes = [pulse(1, 0, confidence=0.5), pulse(0, 0, confidence=1.0)]

    with override("en"):
        line = charts.draw_confidence([], minutes)

    assert line is not None
    assert line.ticks == ["12:29", "", "", "12:30"]


def test_shares_stand_in_order_with_their_intervals() -> None:
    call = Call(language="en", question={"type": "choice", "options": [
        {"value": "a", "label": "Apple"}, {"value": "b", "label": "Pear"}]})  # fmt: skip
    summary = {"shares": [
        {"value": "a", "share": 0.25, "low": 0.2, "high": 0.3},
        {"value": "b", "share": 0.75, "low": 0.7, "high": 0.8},
    ]}  # fmt: skip

    drawn = charts.draw_shares(summary, call)

    assert drawn is not None
    rows = [(str(row.label), row.share, row.low, row.high, row.at) for row in drawn.rows]
    assert rows == [("Pear", "75%", "70%", "80%", 450.0), ("Apple", "25%", "20%", "30%", 150.0)]
    assert charts.draw_shares({}, call) is None


def test_spread_of_numbers_is_drawn_with_its_ranges() -> None:
    drawn = charts.draw_spread({"spread": {"counts": [1, 4], "edges": [0.0, 5.0, 10.0]}})

    assert [(bar["low"], bar["high"], bar["count"], bar["height"]) for bar in drawn] == [
        ("0", "5", 1, 40.0), ("5", "10", 4, 160.0)
    ]  # fmt: skip


def test_certainties_of_verdicts_are_drawn_by_tenths() -> None:
    drawn = charts.draw_certainties({"sure": [0, 0, 0, 0, 0, 1, 0, 0, 0, 4]})

    assert len(drawn) == 10
    assert [(bar["low"], bar["high"], bar["count"], bar["height"]) for bar in drawn[5::4]] == [
        ("50%", "60%", 1, 40.0), ("90%", "100%", 4, 160.0)
    ]  # fmt: skip
    assert charts.draw_certainties({"confidence": 0.5}) == []


@pytest.mark.parametrize(("language", "unit"), [("en", "km"), ("ko", "킬로")])
def test_width_of_intervals_is_told_in_the_questions_unit(language: str, unit: str) -> None:
    call = Call(language="en", question={"type": "number", "unit": {"en": "km", "ko": "킬로"}})

    with override(language):
        told = charts.spell_widths({"median": 52.0, "width": 7.0}, call)

    assert told == charts.Widths(f"52 {unit}", f"± 3.5 {unit}")


def test_width_of_intervals_is_not_told_where_none_is_known() -> None:
    call = Call(language="en", question={"type": "number", "unit": ""})

    assert charts.spell_widths({"median": 52.0, "width": None}, call) is None
    assert charts.spell_widths({"tasks": 0}, call) is None
    told = charts.spell_widths({"median": 52.0, "width": 0.0}, call)
    assert told == charts.Widths("52", "± 0")
