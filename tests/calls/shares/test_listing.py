from __future__ import annotations

import pytest

from dure.calls.shares import listing
from dure.calls.shares.gains import correct_gain
from dure.calls.shares.listing import (
    Crowd,
    Usefulness,
    all_shares,
    crowd_of,
    find_gain,
    list_gains,
    list_shares,
    proposals_of,
    usefulness_of,
)
from dure.calls.shares.models import SettlementShare
from dure.ledger.money import Money
from tests.doors.desk import purse
from tests.factories import make_call

pytestmark = pytest.mark.django_db
NANO = 1_000_000_000


@pytest.mark.parametrize(
    ("checked", "mean", "error", "usefulness"),
    [(19, NANO, 0, Usefulness.NOT_KNOWN), (20, NANO, -1, Usefulness.NOT_KNOWN),
     (20, NANO // 10, NANO // 10, Usefulness.NONE), (20, -NANO, 1, Usefulness.NONE),
     (20, NANO // 5, NANO // 10, Usefulness.BELOW), (20, NANO // 2, NANO // 10, Usefulness.LIKE),
     (20, NANO, NANO // 10, Usefulness.ABOVE)],
)  # fmt: skip
def test_usefulness_is_what_is_certain_beside_the_crowd(
    checked: int, mean: int, error: int, usefulness: Usefulness
) -> None:
    share = SettlementShare(checked=checked, mean_nano=mean, error_nano=error)

    assert usefulness_of(share, crowd=Crowd(2, 0, NANO // 2)) == usefulness


def test_shares_come_the_largest_first_and_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "SHARES_PER_PAGE", 2)
    monkeypatch.setattr(listing, "ROWS_AT_ONCE", 2)
    call = make_call(promise=purse.SHARE)
    people = purse.take_part(call, b"a", b"b", b"c", b"d", b"e")
    purse.gain(call, money=Money(100_18, "USD"))
    made = purse.propose(call)
    crowd = crowd_of(made)

    pages, after = [], None
    for _ in range(3):
        shown, after = list_shares(made, crowd=crowd, after=after)
        pages.append([(one.pseudonym, one.total.amount_minor) for one in shown])

    flat = [row for page in pages for row in page]
    assert (crowd.people, crowd.unknown, after) == (5, 5, None)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [size for _name, size in flat] == sorted((size for _name, size in flat), reverse=True)
    assert {name for name, _size in flat} == {one.pseudonym for one in people}
    assert [one.pseudonym for one in all_shares(made, crowd=crowd)] == [
        one.pseudonym for one in people
    ]


def test_gain_is_listed_with_what_corrected_it() -> None:
    call = make_call(promise=purse.SHARE)
    first, second = purse.gain(call), purse.gain(call, key="2")
    correct_gain(call=call, gain_id=first.pk, amount_minor=900_00, note="r", by="x",
                 request_key="c")  # fmt: skip

    lines = list_gains(call, most=5)

    assert [(line.gain, line.standing.amount_minor) for line in lines] == [
        (second, 1_000_00), (first, 900_00)
    ]  # fmt: skip
    assert find_gain(call=call, gain_id=first.pk) == lines[1]
    assert find_gain(call=make_call(), gain_id=first.pk) is None


def test_what_waits_for_a_yes_is_an_organisations_own() -> None:
    call, foreign = make_call(promise=purse.SHARE), make_call(promise=purse.SHARE)
    for one in (call, foreign):
        purse.take_part(one, b"a")
        purse.gain(one)
    made = purse.propose(call)
    purse.propose(foreign)

    assert list(proposals_of(call.organisation)) == [made]
