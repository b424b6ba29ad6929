"""A call is shown in the reader's language, a text in another language says so."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from dure.calls.texts import Words
from dure.doors.phone.showing import Option, Piece, TaskShown, show_task, spell_money, spell_promise


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


@pytest.mark.parametrize(
    ("language", "minor", "currency", "shown"),
    [
        ("ko", 1500, "KRW", "₩1,500"),
        ("en", 1500, "KRW", "₩1,500"),
        ("en", 250, "USD", "$2.50"),
        ("ko", 250, "USD", "US$2.50"),
    ],
)
def test_money_has_the_decimals_of_its_currency(
    language: str, minor: int, currency: str, shown: str
) -> None:
    with override(language):
        assert spell_money(minor, currency) == shown


def test_promise_is_one_sentence() -> None:
    with override("en"):
        paid = spell_promise({"kind": "per_answer", "amount_minor": 50, "currency": "KRW"})
        unpaid = spell_promise({"kind": "nothing"})

    assert paid == "₩50 for each answer that counts."
    assert unpaid == "No pay. You help as a volunteer, and we thank you for it."
