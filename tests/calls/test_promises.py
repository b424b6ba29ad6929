from __future__ import annotations

import pytest

from dure.calls.promises import AMOUNT_MINOR_MAX, check_promise
from dure.errors import Invalid

AMOUNT = (
    "promise.amount_minor is what one answer earns in minor units, a whole number from 1 to "
    "100000000; got {}."
)
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
        ({}, "A promise's kind is 'nothing' or 'per_answer'; got None."),
        ({"kind": "gift"}, "A promise's kind is 'nothing' or 'per_answer'; got 'gift'."),
        ({"kind": ["pool"]}, "A promise's kind is 'nothing' or 'per_answer'; got ['pool']."),
        (
            {"kind": "pool", "amount_minor": 5, "currency": "USD"},
            "Promises of kind 'pool' are not available yet; use 'nothing' or 'per_answer'.",
        ),
        (
            {"kind": "revenue_share"},
            (
                "Promises of kind 'revenue_share' are not available yet; use 'nothing' or "
                "'per_answer'."
            ),
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
