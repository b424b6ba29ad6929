"""Items, options and amounts are called as the reader knows them."""

from __future__ import annotations

from django.utils.translation import override

from dure.calls.models import Call
from dure.calls.texts import Words
from dure.doors.desk.verdicts.parts import (
    Thing,
    length_of,
    name_option,
    name_thing,
    spell_amount,
    spell_places,
)

PAIR = Call(language="en", question={"type": "pair"})
RANK = Call(language="en", question={"type": "rank", "options": [
    {"value": "a", "label": {"en": "Apple", "ko": "사과"}}]})  # fmt: skip


def test_item_of_a_pair_is_words_or_a_picture() -> None:
    assert name_thing("/media/0a1b.webp", call=PAIR) == Thing(Words("/media/0a1b.webp", "en"))
    assert name_thing("/media/0a1b.webp", call=PAIR, is_picture=True) == Thing(
        Words("0a1b.webp", "en"), "/media/0a1b.webp"
    )


def test_item_of_a_ranking_has_its_label_in_the_readers_language() -> None:
    with override("ko"):
        assert name_thing("a", call=RANK) == Thing(Words("사과", "ko"))
    assert name_option("no option", call=RANK) == Words("no option", "en")


def test_places_are_one_or_a_range() -> None:
    assert (spell_places(2, 2), spell_places(2, 4)) == ("2", "2–4")


def test_amount_has_its_unit_if_there_is_one() -> None:
    km = Call(language="en", question={"type": "number", "unit": "km"})

    assert spell_amount(1234.5, call=km) == "1,234.5 km"
    assert spell_amount(1, call=Call(language="en", question={"type": "number"})) == "1"


def test_length_never_leaves_the_bar() -> None:
    assert [length_of(share) for share in (-0.1, 0.256, 1.1)] == ["0.00", "25.60", "100.00"]
