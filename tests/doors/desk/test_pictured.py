"""Cells find their picture by its path, or by as much of it as is clear."""

from __future__ import annotations

from typing import Any

import pytest

from dure.doors.desk.pictured import join_media
from dure.doors.files.task_rows import BadLine

MEDIA = {"all/cat/1.jpg": "/media/c1", "all/dog/1.jpg": "/media/d1", "all/dog/2.jpg": "/media/d2",
         "all/가.jpg": "/media/k", "9.jpg": "/media/9", "x/9.jpg": "/media/x9"}  # fmt: skip


def join(cell: Any, *, field: str = "image") -> Any:
    (row,) = join_media([(7, {"it": cell})], media=MEDIA, mapping={"it": field})
    return row if isinstance(row, BadLine) else row[1]["it"]


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("all/cat/1.jpg", "/media/c1"),
        ("cat/1.jpg", "/media/c1"),
        ("dog\\1.jpg", "/media/d1"),
        (" ./dog/2.jpg ", "/media/d2"),
        ("/all/dog/2.jpg", "/media/d2"),
        ("2.jpg", "/media/d2"),
        ("\u1100\u1161.jpg", "/media/k"),
        ("9.jpg", "/media/9"),
        ("x/9.jpg", "/media/x9"),
        ("bird/1.jpg", "bird/1.jpg"),
        ("https://example.org/1.jpg", "https://example.org/1.jpg"),
        (5, 5),
    ],
)
def test_cell_is_the_address_of_its_file(cell: Any, address: Any) -> None:
    assert join(cell) == address


def test_cell_that_may_mean_two_files_is_refused() -> None:
    assert join("1.jpg") == BadLine(
        7, "There are 2 files called '1.jpg'; write its folder before it."
    )


def test_sides_of_a_pair_are_pictures() -> None:
    assert join("cat/1.jpg", field="left") == {"image": "/media/c1"}
    assert join("A cat", field="right") == "A cat"


@pytest.mark.parametrize("field", ["text", "key", "gold"])
def test_words_stay_words(field: str) -> None:
    assert join("2.jpg", field=field) == "2.jpg"
