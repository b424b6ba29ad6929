"""A verdict in few words, with what fits beside it."""

from __future__ import annotations

from typing import Any

import pytest

from dure.calls.models import Call
from dure.calls.tasks.models import Task, Verdict
from dure.doors.desk.verdicts.brief import Brief, head_sure, say_briefly

OPTIONS = [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]


def call_of(kind: str, **question: Any) -> Call:
    return Call(language="en", question={"type": kind, **question})


@pytest.mark.parametrize(
    ("call", "verdict", "brief"),
    [
        (call_of("choice", options=OPTIONS), Verdict(label="a", probability=0.9),
         Brief("A", "90%")),
        (call_of("multi", options=OPTIONS), Verdict(value=[], label="[]", probability=0.9),
         Brief("none of them", "90%")),
        (call_of("number", unit="km"), Verdict(estimate=5.0, low=4.0), Brief("5 km", "")),
        (call_of("number"), Verdict(estimate=5.0, low=4.0, high=6.0), Brief("5", "4 to 6")),
        (call_of("text"), Verdict(label="Harbour"), Brief("Harbour", "")),
        (call_of("number"), Verdict(), Brief()),
        (call_of("number"), None, Brief()),
    ],
)  # fmt: skip
def test_verdict_in_few_words(call: Call, verdict: Verdict | None, brief: Brief) -> None:
    assert say_briefly(verdict, task=Task(content={}), call=call) == brief


@pytest.mark.parametrize(
    ("kind", "head"),
    [("choice", "Sure"), ("text", "Sure"), ("number", "Between"), ("rank", ""), ("box", "")],
)
def test_column_beside_is_headed_by_what_it_tells(kind: str, head: str) -> None:
    assert head_sure(call_of(kind)) == head
