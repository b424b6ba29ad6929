from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.truth import BadAnswers, divide, entitlements
from dure.truth.dividing import AMOUNT_MAX

AMOUNTS = st.integers(0, AMOUNT_MAX)
WHOLE = st.lists(st.integers(0, 10**15), max_size=30)
FRACTIONS = st.lists(st.floats(0, 1e6), max_size=30)


@given(AMOUNTS, WHOLE)
def test_parts_sum_to_the_amount_and_keep_to_their_share(amount, weights):
    parts = divide(amount, weights).tolist()

    total = sum(weights)
    assert sum(parts) == (amount if total else 0)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(amount * weight, max(1, total))) < 1


@given(AMOUNTS, FRACTIONS)
def test_fractions_divide_as_their_billionths_do(amount, weights):
    billionths = [int(Fraction(weight) * 10**9 + Fraction(1, 2)) for weight in weights]

    parts = divide(amount, weights).tolist()

    assert sum(parts) == (amount if sum(billionths) else 0)
    if max(billionths, default=0) <= 10**15:
        assert parts == divide(amount, billionths).tolist()


@given(AMOUNTS, WHOLE, st.randoms(use_true_random=False))
def test_order_moves_no_part_by_more_than_one(amount, weights, random):
    order = list(range(len(weights)))
    random.shuffle(order)

    shuffled = divide(amount, [weights[at] for at in order])

    gaps = shuffled - divide(amount, weights)[order] if weights else shuffled
    assert (np.abs(gaps) <= 1).all()


@given(AMOUNTS, FRACTIONS, st.floats(0, 1))
def test_entitlements_never_exceed_a_claims_part(amount, claims, share):
    lowest = [one * share for one in claims]

    parts = entitlements(amount, lower_weights=lowest, claim_weights=claims)

    assert sum(parts.tolist()) <= amount
    for part, alone in zip(parts.tolist(), divide(amount, claims).tolist(), strict=True):
        assert part <= alone + 2


def test_largest_remainder_wins_and_equals_go_by_position():
    assert divide(100, np.array([1.0, 1.0, 1.0])).tolist() == [34, 33, 33]
    assert divide(10, [1, 2, 4]).tolist() == [1, 3, 6]
    assert divide(2**60 + 1, [1, 1]).tolist() == [2**59 + 1, 2**59]
    assert divide(5, [0, 0]).tolist() == [0, 0]
    assert divide(5, []).tolist() == []
    assert divide(5, [0.1 + 0.2, 0.3]).tolist() == divide(5, [0.3, 0.1 + 0.2]).tolist() == [3, 2]


def test_what_is_not_certain_is_carried_over():
    parts = entitlements(100, lower_weights=[0.1, 0.2, 0.0], claim_weights=[0.3, 0.2, 0.1])

    assert parts.tolist() == [17, 33, 0]


@pytest.mark.parametrize(
    ("amount", "weights", "sentence"),
    [
        (-1, [1], f"Expected an amount from 0 to {AMOUNT_MAX}, got -1."),
        (1, [1, -2], "Expected weights from 0 to 1e+15, got -2 at position 1."),
        (1, [float("nan")], "Expected weights from 0 to 1e+15, got nan at position 0."),
        (1, [2e15], "Expected weights from 0 to 1e+15, got 2000000000000000.0 at position 0."),
        (1, [[1]], "Expected weights to be numbers in one row, got shape (1, 1)."),
    ],
)
def test_what_cannot_be_divided_is_refused(amount, weights, sentence):
    with pytest.raises(BadAnswers) as refusal:
        divide(amount, weights)

    assert str(refusal.value) == sentence


def test_claims_stand_beside_and_above_lower_weights():
    with pytest.raises(BadAnswers) as shorter:
        entitlements(1, lower_weights=[1, 1], claim_weights=[1])
    with pytest.raises(BadAnswers) as above:
        entitlements(1, lower_weights=[1, 2], claim_weights=[1, 1])

    assert str(shorter.value) == "Expected as many claim_weights as lower_weights (2), got 1."
    assert str(above.value) == "Expected no lower weight above its claim, got one at position 1."
