from __future__ import annotations

from typing import Any

import pytest

from dure.calls.promises import (
    AMOUNT_MINOR_MAX,
    check_promise,
    currency_of,
    find_part,
    parts_of,
    settle_base,
    worse_in,
)
from dure.errors import Invalid

AMOUNT = (
    "promise.amount_minor is what one answer earns in minor units, a whole number from 1 to "
    "100000000; got {}."
)
KIND = "A promise's kind is 'nothing', 'per_answer', 'pool', 'revenue_share' or 'several'; got {}."
POOL_AMOUNT = (
    "promise.amount_minor of a pool is all that is shared, in minor units, a whole number from 1 "
    "to 100000000000; got {}."
)
BASE = (
    "promise.base_percent is the part that every answer that counts gets alike, a whole number "
    "from 0 to 100; got {}."
)
UNTIL = "promise.until is the last day whose gains are shared, as in 2027-12-31; got {}."
POOL: dict[str, Any] = {"kind": "pool", "amount_minor": 500_000, "currency": "KRW"}
SHARE: dict[str, Any] = {
    "kind": "revenue_share", "percent": 20, "currency": "KRW", "until": "2027-12-31",
}  # fmt: skip
CURRENCY = "A currency is an ISO 4217 code in capitals, such as KRW or USD; got {}."


@pytest.mark.parametrize(
    "promise",
    [None, {"kind": "nothing"}, {"kind": "nothing", "amount_minor": None, "currency": None}],
)
def test_nothing_is_promised_unless_something_is(promise: object) -> None:
    assert check_promise(promise) == {"kind": "nothing"}


@pytest.mark.parametrize(("amount", "currency"), [(1, "KRW"), (AMOUNT_MINOR_MAX, "USD")])
def test_an_amount_for_each_answer_is_kept_with_its_currency(amount: int, currency: str) -> None:
    promise = {"kind": "per_answer", "amount_minor": amount, "currency": currency}

    assert check_promise(promise) == promise
    assert check_promise(check_promise(promise)) == promise


@pytest.mark.parametrize(
    ("promise", "sentence"),
    [
        ("nothing", "The promise should be an object with a kind; got 'nothing'."),
        ({}, KIND.format("None")),
        ({"kind": "gift"}, KIND.format("'gift'")),
        ({"kind": ["pool"]}, KIND.format("['pool']")),
        ({"kind": "pool", "currency": "USD"}, POOL_AMOUNT.format("None")),
        ({**POOL, "amount_minor": 10**11 + 1}, POOL_AMOUNT.format("100000000001")),
        ({**POOL, "base_percent": 101}, BASE.format("101")),
        ({**POOL, "base_percent": "half"}, BASE.format("'half'")),
        (
            {**SHARE, "percent": 0},
            (
                "promise.percent is the part of the gains that is shared, a whole number from 1 to "
                "100; got 0."
            ),
        ),
        (
            {**SHARE, "cap_minor": 0},
            (
                "promise.cap_minor is the most that is shared in all, in minor units, a whole "
                "number from 1 to 100000000000, or null for no cap; got 0."
            ),
        ),
        (
            {**SHARE, "report_months": 2},
            (
                "promise.report_months is how often gains are reported, in months: 1, 3, 6 or 12; "
                "got 2."
            ),
        ),
        ({**SHARE, "until": "2027-02-30"}, UNTIL.format("'2027-02-30'")),
        ({**SHARE, "until": "20270101"}, UNTIL.format("'20270101'")),
        ({**SHARE, "until": None}, UNTIL.format("None")),
        (
            {"kind": "several", "parts": [POOL]},
            (
                "promise.parts is a list of 2 or 3 promises of money; got "
                "[{'kind': 'pool', 'amount_minor': 500000, 'currency': 'KRW'}]."
            ),
        ),
        (
            {"kind": "several", "parts": [POOL, {"kind": "nothing"}]},
            "Each part of a promise is 'per_answer', 'pool' or 'revenue_share'; got 'nothing'.",
        ),
        (
            {"kind": "several", "parts": [POOL, POOL]},
            "The parts of a promise are of different kinds; give each kind once.",
        ),
        (
            {"kind": "several", "parts": [POOL, {**SHARE, "currency": "USD"}]},
            "The parts of a promise are in one currency; choose one for all of them.",
        ),
        (
            {"kind": "per_answer", "amount": 5},
            "The promise has a field 'amount'; known fields are kind, amount_minor, currency.",
        ),
        (
            {"kind": "nothing", "amount_minor": 5},
            "A promise of nothing takes no amount_minor; leave it out, or promise 'per_answer'.",
        ),
        (
            {"kind": "nothing", "currency": "USD"},
            "A promise of nothing takes no currency; leave it out, or promise 'per_answer'.",
        ),
        ({"kind": "per_answer", "currency": "USD"}, AMOUNT.format("None")),
        ({"kind": "per_answer", "amount_minor": 0, "currency": "USD"}, AMOUNT.format("0")),
        ({"kind": "per_answer", "amount_minor": -5, "currency": "USD"}, AMOUNT.format("-5")),
        ({"kind": "per_answer", "amount_minor": 1.5, "currency": "USD"}, AMOUNT.format("1.5")),
        ({"kind": "per_answer", "amount_minor": True, "currency": "USD"}, AMOUNT.format("True")),
        ({"kind": "per_answer", "amount_minor": "5", "currency": "USD"}, AMOUNT.format("'5'")),
        (
            {"kind": "per_answer", "amount_minor": AMOUNT_MINOR_MAX + 1, "currency": "USD"},
            AMOUNT.format("100000001"),
        ),
        ({"kind": "per_answer", "amount_minor": 5}, CURRENCY.format("None")),
        ({"kind": "per_answer", "amount_minor": 5, "currency": "usd"}, CURRENCY.format("'usd'")),
        ({"kind": "per_answer", "amount_minor": 5, "currency": "DEM"}, CURRENCY.format("'DEM'")),
        (
            {"kind": "per_answer", "amount_minor": 5, "currency": ["USD"]},
            CURRENCY.format("['USD']"),
        ),
    ],
)
def test_a_promise_that_can_not_be_kept_is_refused_with_the_reason(
    promise: object, sentence: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        check_promise(promise)

    assert refusal.value.sentence == sentence


def test_a_promise_of_several_is_kept_with_the_defaults_of_its_parts() -> None:
    whole_share = {**SHARE, "cap_minor": None, "report_months": 3}

    promise = check_promise({"kind": "several", "parts": [POOL, SHARE]})

    assert promise == {"kind": "several", "parts": [POOL, whole_share]}
    assert check_promise(promise) == promise
    assert parts_of(promise) == [POOL, whole_share]
    assert find_part(promise, "per_answer") is None
    assert currency_of(promise) == "KRW"
    assert currency_of(check_promise()) is None


def test_half_goes_by_value_where_it_can_be_checked_and_nothing_else_was_said() -> None:
    said = {**POOL, "base_percent": 10}
    several = {"kind": "several", "parts": [POOL, {**SHARE, "base_percent": 0}]}

    assert settle_base(POOL, can_check=True) == {**POOL, "base_percent": 50}
    assert settle_base(POOL, can_check=False) == {**POOL, "base_percent": 100}
    assert settle_base(said, can_check=False) == said
    assert [part["base_percent"] for part in settle_base(several, can_check=True)["parts"]] == [
        50, 0,
    ]  # fmt: skip
    assert settle_base({"kind": "nothing"}, can_check=True) == {"kind": "nothing"}


CAPPED = {**SHARE, "cap_minor": 1_000, "report_months": 3, "base_percent": 50}


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        ({"kind": "nothing"}, POOL, None),
        (POOL, {**POOL, "amount_minor": 500_001}, None),
        (POOL, {**POOL, "amount_minor": 499_999}, "amount_minor"),
        (POOL, {**POOL, "currency": "USD"}, "currency"),
        (POOL, {"kind": "nothing"}, "currency"),
        (POOL, SHARE, "pool"),
        (POOL, {"kind": "several", "parts": [SHARE, POOL]}, None),
        (CAPPED, {**CAPPED, "cap_minor": None}, None),
        (CAPPED, {**CAPPED, "cap_minor": 999}, "cap_minor"),
        ({**CAPPED, "cap_minor": None}, CAPPED, "cap_minor"),
        (CAPPED, {**CAPPED, "percent": 21, "until": "2028-01-01", "report_months": 1}, None),
        (CAPPED, {**CAPPED, "percent": 19}, "percent"),
        (CAPPED, {**CAPPED, "until": "2027-12-30"}, "until"),
        (CAPPED, {**CAPPED, "report_months": 6}, "report_months"),
        (CAPPED, {**CAPPED, "base_percent": 60}, "base_percent"),
    ],
)
def test_a_promise_may_get_better_and_never_worse(
    before: dict[str, Any], after: dict[str, Any], worse: str | None
) -> None:
    assert worse_in(before=before, after=after) == worse
