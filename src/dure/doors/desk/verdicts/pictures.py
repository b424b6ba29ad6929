"""A task's verdict as its page shows it, whatever was asked."""

from __future__ import annotations

from collections.abc import Callable

from dure.calls.models import Call
from dure.calls.tasks.models import Verdict
from dure.calls.tasks.tables import TaskInFull
from dure.doors.desk.verdicts.boxes import draw_boxes
from dure.doors.desk.verdicts.chances import draw_choice, draw_set
from dure.doors.desk.verdicts.numbers import draw_number
from dure.doors.desk.verdicts.pairs import draw_pair
from dure.doors.desk.verdicts.parts import Drawn
from dure.doors.desk.verdicts.ranks import draw_order
from dure.doors.desk.verdicts.texts import draw_texts

_DRAWN: dict[str, Callable[[TaskInFull, Verdict, Call], Drawn]] = {
    "choice": draw_choice,
    "multi": draw_set,
    "number": draw_number,
    "text": draw_texts,
    "pair": draw_pair,
    "rank": draw_order,
    "box": draw_boxes,
}


def draw_verdict(found: TaskInFull, *, call: Call) -> Drawn | None:
    """None where nothing is concluded of the task yet."""
    verdict = found.row.verdict
    if verdict is None or not verdict.says_something:
        return None
    return _DRAWN[call.question["type"]](found, verdict, call)
