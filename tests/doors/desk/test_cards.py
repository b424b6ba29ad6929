"""Answers, verdicts and rulings are shown in the reader's words."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from dure.calls.models import Call
from dure.calls.tasks.models import Task
from dure.doors.desk.cards import show_card, spell_value

CALL = Call(language="en", question={"type": "choice", "options": [
    {"value": "yes", "label": {"ko": "네", "en": "Yes"}}]})  # fmt: skip


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("yes", "네"),
        ("other", "other"),
        (None, ""),
        (1234.5, "1,234.5"),
        (["yes", "b"], "네, b"),
        ([{"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.4, "label": "yes"}],
         "네모 1개: 네"),
    ],
)  # fmt: skip
def test_value_is_said_in_words(value: Any, shown: str) -> None:
    with override("ko"):
        assert spell_value(value, call=CALL) == shown


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [("multi", [], "none of them"), ("box", [], "no box"), ("pair", "same", "the same")],
)
def test_what_is_no_option_is_said_in_words_too(kind: str, value: Any, shown: str) -> None:
    assert spell_value(value, call=Call(language="en", question={"type": kind})) == shown


def test_card_has_all_parts_of_a_task() -> None:
    content = {"text": "Look", "left": {"image": "/l.webp"}, "right": "R", "items": ["a"],
               "audio": "/a.mp3"}  # fmt: skip

    card = show_card(Task(key="t", id=1, content=content), call=CALL)

    assert [part.kind for part in card.parts] == ["text", "image", "text", "text", "audio"]
    assert (card.line, card.picture) == ("Look · R · a", "/l.webp")
