"""The words of drawing boxes are the reader's, and leave open what is put in."""

from __future__ import annotations

from django.utils.translation import override

from dure.doors.wording.boxes import words_of_boxes


def test_words_are_in_the_language_of_now() -> None:
    with override("ko"):
        korean = words_of_boxes()
    with override("en"):
        english = words_of_boxes()

    assert (korean["nothing_there"], english["nothing_there"]) == (
        "아무것도 없어요",
        "Nothing there",
    )
    assert english["boxes"] == ["%(n)s box", "%(n)s boxes"]
