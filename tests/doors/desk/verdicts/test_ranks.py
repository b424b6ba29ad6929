"""Items stand in order with the places they may have, on one line for all of them."""

from __future__ import annotations

from typing import Any

import pytest

from dure.calls.models import Call
from dure.calls.tasks.models import Task, TaskProgress, Verdict
from dure.calls.tasks.tables import Row, TaskInFull
from dure.doors.desk.verdicts.ranks import FIRST, draw_order, draw_ranking, say_order

CALL = Call(language="en", question={"type": "pair"})


def item(place: int, *, low: int, high: int, **fields: Any) -> dict[str, Any]:
    return {
        "item": f"Bird {place}", "score": -float(place), "low": -place - 0.5, "high": -place + 0.5,
        "rank": place, "rank_low": low, "rank_high": high, **fields,
    }  # fmt: skip


def clear(n: int, **fields: Any) -> list[dict[str, Any]]:
    return [item(place, low=place, high=place, **fields) for place in range(1, n + 1)]


def test_first_are_shown_and_the_others_wait_behind_them() -> None:
    summary = {"ranking": clear(100, comparisons=3, component=7), "items": 1234, "components": 1}

    ranking = draw_ranking(summary, CALL)

    assert ranking is not None
    assert (len(ranking.first), len(ranking.rows), ranking.total) == (FIRST, 100, 1234)
    assert [row.place for row in ranking.rows] == list(range(1, 101))
    assert {row.group for row in ranking.rows} == {None}
    places = [float(row.whisker.at) for row in ranking.rows]
    assert places == sorted(places, reverse=True)
    assert all(
        float(row.whisker.low) < float(row.whisker.at) < float(row.whisker.high)
        for row in ranking.rows
    )


def test_groups_are_numbered_by_their_best_item() -> None:
    ranking = [item(n, low=n, high=n, component=of) for n, of in ((1, 9), (2, 4), (3, 9))]

    drawn = draw_ranking({"ranking": ranking, "items": 3, "components": 2}, CALL)

    assert drawn is not None
    assert drawn.groups == 2
    assert [row.group for row in drawn.rows] == [1, 2, 1]


def test_score_without_bound_is_drawn_to_the_edge() -> None:
    drawn = draw_ranking({"ranking": [item(1, low=1, high=2) | {"high": None}]}, CALL)

    assert drawn is not None
    (row,) = drawn.rows
    assert row.whisker.is_open_high
    assert (row.whisker.high, row.high, row.places) == ("100.00", "", "1–2")


def test_board_without_a_ranking_shows_none() -> None:
    assert draw_ranking({"tasks": 3}, CALL) is None


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (clear(2), "Every place is clear, with a certainty of 90%."),
        ([item(1, low=1, high=1), item(2, low=2, high=3)],
         "That Bird 1 comes first is clear, with a certainty of 90 %; others are not."),
        ([item(1, low=1, high=3), item(2, low=1, high=3)],
         "Even the first is not clear yet: Bird 1 may have any place from 1 to 3."),
    ],
)  # fmt: skip
def test_order_says_how_clear_it_is(items: list[dict[str, Any]], said: str) -> None:
    verdict = Verdict(value={"items": items})
    found = TaskInFull(Row(Task(), TaskProgress(), verdict), [], [], [])

    drawn = draw_order(found, verdict, CALL)

    assert drawn.sentence == f"In order: Bird 1 › Bird 2. {said}"


def test_in_a_line_the_first_few_are_named() -> None:
    assert say_order(clear(4), call=CALL) == "Bird 1 › Bird 2 › Bird 3 › …"
