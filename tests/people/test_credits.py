"""Thanks by name, as long as somebody wants them."""

from __future__ import annotations

import pytest

from dure.errors import Invalid
from dure.people.credits import credits_of, drop_credit, set_credit

pytestmark = pytest.mark.django_db


def test_names_stand_in_the_order_they_came_and_only_of_this_call() -> None:
    set_credit(call_id=1, contributor_id=1, name="미나")
    set_credit(call_id=1, contributor_id=2, name="  Jun   Park ")
    set_credit(call_id=2, contributor_id=1, name="Elsewhere")

    assert credits_of(call_id=1) == ["미나", "Jun Park"]


def test_name_can_be_changed_and_taken_back() -> None:
    set_credit(call_id=1, contributor_id=1, name="Mina")
    set_credit(call_id=1, contributor_id=1, name="M.")
    assert credits_of(call_id=1) == ["M."]

    drop_credit(call_id=1, contributor_id=1)
    drop_credit(call_id=1, contributor_id=1)

    assert credits_of(call_id=1) == []


@pytest.mark.parametrize(
    "name", ["", "  ", "n" * 61, "turn\u202earound", "a\0b", "zero\u200bwidth"]
)
def test_name_that_is_too_long_or_hides_something_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        set_credit(call_id=1, contributor_id=1, name=name)
    assert credits_of(call_id=1) == []
