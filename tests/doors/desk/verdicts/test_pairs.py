"""Two things stand beside each other; the chosen one is marked."""

from __future__ import annotations

import pytest

from dure.calls.models import Call
from dure.calls.tasks.models import Task, TaskProgress, Verdict
from dure.calls.tasks.tables import Row, TaskInFull
from dure.calls.texts import Words
from dure.doors.desk.verdicts.pairs import Side, draw_pair, say_pair

CALL = Call(language="en", question={"type": "pair"})
TASK = Task(content={"left": "A gull", "right": {"image": "/r.webp"}, "text": "Which?"})


def test_sides_have_their_content_and_chance() -> None:
    verdict = Verdict(label="right", probability=0.6, posterior=[0.3, 0.6, 0.1])
    found = TaskInFull(Row(TASK, TaskProgress(), verdict), ["left", "right", "same"], [], [])

    drawn = draw_pair(found, verdict, CALL)

    assert drawn.picture.sides == [
        Side("left", Words("A gull", "en"), "", "30%", is_chosen=False),
        Side("right", Words("", "en"), "/r.webp", "60%", is_chosen=True),
    ]
    assert drawn.shows == ("left", "right")
    assert [row.is_chosen for row in drawn.picture.chances] == [False, True, False]


@pytest.mark.parametrize(
    ("label", "probability", "said"),
    [
        ("left", 0.6, "The left one, 60% sure."),
        ("same", 0.6, "Neither: the two are the same, 60% sure."),
        ("right", None, "The right one"),
    ],
)
def test_verdict_is_told(label: str, probability: float | None, said: str) -> None:
    verdict = Verdict(label=label, probability=probability)
    found = TaskInFull(Row(TASK, TaskProgress(), verdict), [], [], [])

    drawn = draw_pair(found, verdict, CALL)

    assert drawn.sentence == said
    assert [side.share for side in drawn.picture.sides] == ["", ""]


def test_in_a_line_a_side_has_its_words() -> None:
    said = [say_pair(label, task=TASK, call=CALL) for label in ("left", "right", "same")]

    assert said == ["left · A gull", "right", "the same"]
