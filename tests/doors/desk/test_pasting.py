"""Pasted lines become tasks; what a line means depends on the question."""

from __future__ import annotations

from typing import Any

import pytest

from dure.doors.desk.pasting import lines_of, read_line, read_lines
from tests.factories import make_call

PAIR = {"type": "pair"}
RANK = {"type": "rank"}
CHOICE = {"type": "choice"}


@pytest.mark.parametrize(
    ("line", "question", "content"),
    [
        ("A gull", CHOICE, {"text": "A gull"}),
        ("A | B is no pair here", CHOICE, {"text": "A | B is no pair here"}),
        ("https://x.org/a.JPG?v=1", CHOICE, {"image": "https://x.org/a.JPG?v=1"}),
        ("/media/a.webp\tA gull", CHOICE, {"image": "/media/a.webp", "text": "A gull"}),
        ("https://x.org/a.mp3", CHOICE, {"audio": "https://x.org/a.mp3"}),
        ("https://x.org/page", CHOICE, {"text": "https://x.org/page"}),
        ("one | two", PAIR, {"left": "one", "right": "two"}),
        ("/media/a.webp\ttwo", PAIR, {"left": {"image": "/media/a.webp"}, "right": "two"}),
        ("a | b|c", RANK, {"items": ["a", "b", "c"]}),
    ],
)
def test_line_is_read_for_its_question(
    line: str, question: dict[str, Any], content: dict[str, Any]
) -> None:
    assert read_line(line, question=question) == content


def test_half_a_pair_is_told() -> None:
    assert read_line("alone", question=PAIR) == (
        "A pair needs two parts on its line, with | between them."
    )


@pytest.mark.django_db
def test_lines_keep_their_numbers_and_the_same_line_is_one_task() -> None:
    call = make_call(n_tasks=0, state="draft")

    rows = list(read_lines("a\n\n  a  \nb", call=call))

    assert [row[0] for row in rows] == [1, 3, 4]
    keys = [row[1]["key"] for row in rows]  # type: ignore[index]
    assert keys[0] == keys[1] != keys[2]
    assert lines_of("a\nb\nc", [1, 3, 9]) == "a\nc"
