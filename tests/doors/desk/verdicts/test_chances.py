"""Chances are bars in the question's order, and what was surprising is told in a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from dure.calls.models import Call
from dure.calls.tasks.models import Task, TaskProgress, Verdict
from dure.calls.tasks.tables import Row, TaskInFull
from dure.doors.desk.verdicts.chances import (
    SHOWN_MAX,
    draw_chances,
    draw_choice,
    draw_set,
    say_surprise,
)
from dure.doors.desk.verdicts.parts import Drawn

VALUES = ["a", "b", "c"]
CALL = Call(language="en", question={"type": "choice", "options": [
    {"value": value, "label": value.upper()} for value in VALUES]})  # fmt: skip
SURPRISE = {"surprising": "b", "margin": 0.2, "popular": "a", "vote_share": 0.4,
            "predicted_share": 0.2, "is_believed": True}  # fmt: skip


def found_with(verdict: Verdict, classes: list[str] = VALUES) -> TaskInFull:
    return TaskInFull(Row(Task(), TaskProgress(), verdict), classes, [], [])


def set_of(chosen: list[str] | None, **fields: Any) -> Drawn:
    verdict = Verdict(value=chosen, posterior=[0.9, 0.2, 0.6], **fields)
    return draw_set(found_with(verdict), verdict, CALL)


def test_bars_keep_the_order_of_the_options_and_mark_what_is_chosen() -> None:
    drawn = set_of(["a", "c"], probability=0.5)

    assert [(str(row.name), row.length, row.words, row.is_chosen) for row in drawn.picture] == [
        ("A", "90.00", "90%", True), ("B", "20.00", "20%", False), ("C", "60.00", "60%", True)
    ]  # fmt: skip


def test_bars_of_a_run_that_had_another_order_are_put_right() -> None:
    verdict = Verdict(posterior=[0.6, 0.3, 0.1])

    bars = draw_chances(["c", "a", "b"], verdict, {"c"}, call=CALL)

    assert [(str(row.name), row.words) for row in bars] == [
        ("A", "30%"),
        ("B", "10%"),
        ("C", "60%"),
    ]


@pytest.mark.parametrize(
    ("chosen", "probability", "said"),
    [
        (["a", "c"], 0.5, "A, C: 50% sure that it is these and no others."),
        ([], 0.5, "None of them, 50% sure."),
        (["a"], None, "A"),
        ([], None, "None of them"),
    ],
)
def test_set_is_told_with_how_sure_it_is(
    chosen: list[str], probability: float | None, said: str
) -> None:
    assert set_of(chosen, probability=probability).sentence == said


def test_of_very_many_options_the_likeliest_and_the_chosen_are_shown() -> None:
    classes = [f"o{n}" for n in range(1000)]
    verdict = Verdict(posterior=[(n + 1) / 500_500 for n in range(1000)])

    rows = draw_chances(classes, verdict, {"o0"}, call=CALL)

    assert [str(row.name) for row in rows] == ["o0", *classes[-SHOWN_MAX:]]


def test_chances_of_other_classes_than_the_runs_are_not_shown() -> None:
    verdict = Verdict(label="a", probability=0.8, posterior=[0.8, 0.2])

    assert draw_choice(found_with(verdict), verdict, CALL) == Drawn("A, 80% sure.", "", [])


def test_task_without_predictions_has_nothing_surprising() -> None:
    nobody = dict.fromkeys(SURPRISE) | {"is_believed": False}

    assert say_surprise(nobody, call=CALL) == ""
    assert say_surprise(SURPRISE | {"predicted_share": None}, call=CALL) == ""


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ("Those who answer against the majority often know more, and this call's answers do "
              "not show otherwise: so it counts more than the majority, which said A.")),
        ({"is_believed": False}, ("In this call more speaks for the majority: so that counts, "
                                  "which said A.")),
        ({"surprising": "a"}, "That is also what most people said."),
    ],
)  # fmt: skip
def test_surprise_says_what_decided(changed: dict[str, Any], said: str) -> None:
    verdict = Verdict(label="b", probability=0.7, posterior=[0.2, 0.7, 0.1],
                      value=SURPRISE | changed)  # fmt: skip

    drawn = draw_choice(found_with(verdict), verdict, CALL)

    told = f"40% said {(SURPRISE | changed)['surprising'].upper()}, and people had expected only "
    assert drawn.more == f"{told}20% of each other. {said}"
    assert drawn.sentence == "B, 70% sure; next comes A with 20%."
