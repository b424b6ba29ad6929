"""Boxes are drawn where they are, as real or as doubted, beside those of single answers."""

from __future__ import annotations

from typing import Any

import pytest

from dure.calls.models import Call
from dure.calls.tasks.models import Answer, Task, TaskProgress, Verdict
from dure.calls.tasks.tables import Given, Row, TaskInFull
from dure.calls.texts import Words
from dure.doors.desk.verdicts.boxes import Box, Picture, draw_boxes, say_boxes
from dure.doors.desk.verdicts.parts import Drawn

CALL = Call(language="en", question={"type": "box", "options": [
    {"value": "gull", "label": "Gull"}]})  # fmt: skip
SIDES = {"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.4}


def box(probability: float, **fields: Any) -> dict[str, Any]:
    return {**SIDES, "probability": probability, "marked": 2, **fields}


def drawn_of(boxes: list[dict[str, Any]], *answers: Given) -> Drawn:
    verdict = Verdict(value={"boxes": boxes}, answers=3)
    task = Task(content={"image": "/a.webp"})
    found = TaskInFull(Row(task, TaskProgress(), verdict), [], list(answers), [])
    return draw_boxes(found, verdict, CALL)


def test_boxes_are_in_percents_with_what_is_known_of_them() -> None:
    known = box(0.5, label="gull", low=[0.08, 0.2, 0.4, 0.6], high=[0.12, 0.2, 0.4, 0.6])

    drawn = drawn_of([known, box(0.499)])

    assert drawn.shows == ("image",)
    assert drawn.picture == Picture("/a.webp", [
        Box(1, "10.00", "20.00", "30.00", "40.00", Words("Gull", "en"), "50%", is_real=True,
            marked="2 of 3", off="± 2%"),
        Box(2, "10.00", "20.00", "30.00", "40.00", Words("", "en"), "50%", is_real=False,
            marked="2 of 3", off=""),
    ], single=[])  # fmt: skip


def test_boxes_of_answers_that_count_are_there_one_by_one() -> None:
    counted = Given(Answer(), "w", [SIDES, {**SIDES, "x": 0.5}], is_counted=True)
    late = Given(Answer(), "v", [SIDES], is_counted=False)
    skip = Given(Answer(), "u", None, is_counted=False)

    drawn = drawn_of([], counted, late, skip)

    assert drawn.picture.single == [
        ("10.00", "20.00", "30.00", "40.00"),
        ("50.00", "20.00", "30.00", "40.00"),
    ]


@pytest.mark.parametrize(
    ("boxes", "sentence", "brief"),
    [
        ([], "Nobody marked anything here.", "no box"),
        ([box(0.9)], "1 box is taken for real.", "1 box"),
        ([box(0.9), box(0.9, label="gull"), box(0.2, label="gull")],
         ("2 boxes are taken for real. By label: Gull 1. "
          "1 is doubted: it may well not be there."), "2 boxes, 1 doubted"),
        ([box(0.1), box(0.1)],
         "No box is taken for real. 2 are doubted: they may well not be there.",
         "no box, 2 doubted"),
    ],
)  # fmt: skip
def test_boxes_are_counted_in_words(boxes: list[dict[str, Any]], sentence: str, brief: str) -> None:
    assert (drawn_of(boxes).sentence, say_boxes(boxes)) == (sentence, brief)
