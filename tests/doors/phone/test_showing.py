"""A call is shown in the reader's language, a text in another language says so."""

from __future__ import annotations

from django.utils.translation import override

from dure.calls.texts import Words
from dure.doors.phone.showing import Option, Piece, TaskShown, show_task


def test_content_is_shown_in_reading_order_with_its_language() -> None:
    content = {
        "image": "https://example.org/bird.jpg",
        "text": {"ko": "새", "en": "bird"},
        "items": ["a", "b"],
        "left": "l",
        "right": "r",
    }

    with override("ko"):
        shown = show_task(content, question={"type": "choice"}, own="en")

    assert shown.pieces == [
        Piece("text", Words("새", "ko")),
        Piece("image", Words("", "en"), "https://example.org/bird.jpg"),
        Piece("text", Words("l", "en")),
        Piece("text", Words("r", "en")),
        Piece("text", Words("a", "en")),
        Piece("text", Words("b", "en")),
    ]


def test_what_a_pair_or_a_rank_is_about_stands_apart() -> None:
    content = {"left": {"image": "/media/a"}, "right": "r", "items": ["a", {"ko": "나", "en": "b"}]}

    with override("ko"):
        pair = show_task(content, question={"type": "pair"}, own="en")
        rank = show_task(content, question={"type": "rank"}, own="en")

    left, right = Piece("image", Words("", "en"), "/media/a"), Piece("text", Words("r", "en"))
    items = [Option("a", Words("a", "en")), Option("b", Words("나", "ko"))]
    a, b = Piece("text", Words("a", "en")), Piece("text", Words("나", "ko"))
    assert pair == TaskShown([a, b], left, right, items)
    assert rank == TaskShown([left, right], None, None, items)
