"""What was written is shown by what it means, with how many wrote it and how."""

from __future__ import annotations

from typing import Any

import pytest

from dure.calls.models import Call
from dure.calls.tasks.models import Task, TaskProgress, Verdict
from dure.calls.tasks.tables import Row, TaskInFull
from dure.calls.texts import Words
from dure.doors.desk.verdicts.parts import Drawn, Measured
from dure.doors.desk.verdicts.texts import draw_texts

CALL = Call(language="en", question={"type": "text"})
TEXTS = [
    {"text": "Harbour", "probability": 0.8, "answers": 3, "spellings": ["Harbour", "harbor"]},
    {"text": "Arbour", "probability": 0.1, "answers": 1, "spellings": []},
]


def drawn_of(texts: list[dict[str, Any]], **fields: Any) -> Drawn:
    verdict = Verdict(value={"share": 0.75, "texts": texts}, **fields)
    found = TaskInFull(Row(Task(), TaskProgress(), verdict), [], [], [])
    return draw_texts(found, verdict, CALL)


def test_bars_are_shares_of_the_answers() -> None:
    drawn = drawn_of(TEXTS, label="Harbour", probability=0.8)

    assert drawn.picture == [
        Measured(Words("Harbour", "en"), "75.00", "3 of 4 answers", "80% likely right",
                 "also written: harbor", is_chosen=True),
        Measured(Words("Arbour", "en"), "25.00", "1 of 4 answers", "10% likely right"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "fields", "said"),
    [
        (TEXTS, {"label": "Harbour", "probability": 0.8},
         "“Harbour”, 80% sure. 3 of 4 answers say this or nearly this."),
        (TEXTS, {"label": "Arbour", "probability": 0.1},
         "“Arbour”, 10% sure. 1 of 4 answers says this or nearly this."),
        ([], {"label": "Known", "probability": 1.0}, "“Known”, 100% sure."),
        ([], {"label": "Known"}, "“Known”"),
        (TEXTS, {}, ""),
    ],
)  # fmt: skip
def test_text_is_told_with_how_sure_it_is(
    texts: list[dict[str, Any]], fields: dict[str, Any], said: str
) -> None:
    assert drawn_of(texts, **fields).sentence == said
