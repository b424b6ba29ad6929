from __future__ import annotations

import pytest

from dure.doors.files.bad_file import bad_file


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ({}, "a.csv: is empty"),
        ({"line": 3}, "a.csv: line 3: is empty"),
        ({"line": 3, "column": "task"}, "a.csv: line 3, column task: is empty"),
        ({"row": 2, "column": "task"}, "a.csv: row 2, column task: is empty"),
    ],
)
def test_sentence_names_the_file_then_the_place(place, sentence):
    assert str(bad_file("is empty", file="a.csv", **place)) == sentence
