from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dure.calls.shares.sharing import (
    Before,
    Pots,
    Shares,
    claim_weights,
    lower_weights,
    share_out,
)
from dure.calls.shares.work import NOT_CHECKED, Work

NAT = 1_000_000_000


def work_of(*rows: tuple[int, int, float, float]) -> Work:
    counted, checked, mean, error = (np.array(column) for column in zip(*rows, strict=True))
    return Work(
        np.arange(len(rows)) + 1,
        counted.astype(np.int64),
        checked.astype(np.int64),
        (mean * NAT).astype(np.int64),
        np.where(error < 0, NOT_CHECKED, error * NAT).astype(np.int64),
    )


def before_of(n: int) -> Before:
    return Before(np.zeros(n, np.int64), np.zeros(n, np.int64), 0, 0)


def after(before: Before, shares: Shares) -> Before:
    return Before(
        before.base_minor + shares.base_minor,
        before.value_minor + shares.value_minor,
        before.others_base_minor,
        before.others_value_minor,
    )


def test_weights_are_of_those_of_whom_enough_was_checked() -> None:
    work = work_of((100, 40, 0.5, 0.1), (100, 19, 0.9, 0.1), (10, 40, -0.2, 0.1), (5, 0, 0, -1))

    assert lower_weights(work).tolist() == [40_000_000, 0, 0, 0]
    # Of the second and the last little is known: they may be worth what the known ones are.
    assert claim_weights(work).tolist() == [50_000_000, 25_000_000, 0, 1_250_000]


def test_base_goes_by_answers_and_what_is_uncertain_waits() -> None:
    work = work_of((30, 30, 0.5, 0.1), (10, 10, 0.5, 0.1))

    shares = share_out(pots=Pots(400, 400), work=work, before=before_of(2), is_last=False)

    assert shares.base_minor.tolist() == [300, 100]
    assert shares.value_minor.tolist() == [240, 0]


def test_the_last_time_nothing_is_left() -> None:
    work = work_of((30, 30, 0.5, 0.1), (10, 10, 0.5, 0.1))

    shares = share_out(pots=Pots(0, 401), work=work, before=before_of(2), is_last=True)
    no_value = share_out(
        pots=Pots(0, 401),
        work=work_of((30, 30, -0.5, 0.1), (10, 10, 0.5, 0.1)),
        before=before_of(2),
        is_last=True,
    )

    assert shares.value_minor.tolist() == [401, 0]
    assert no_value.value_minor.tolist() == [301, 100]


@given(
    st.lists(
        st.tuples(st.integers(1, 500), st.integers(0, 60), st.floats(-1, 1), st.floats(0.01, 1)),
        min_size=1,
        max_size=8,
    ),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)), min_size=1, max_size=4),
)
def test_no_settlement_pays_more_than_there_is_and_the_last_pays_all(
    rows: list[tuple[int, int, float, float]], gains: list[tuple[int, int]]
) -> None:
    work, before = work_of(*rows), before_of(len(rows))
    base = value = 0
    for number, (more_base, more_value) in enumerate(gains):
        base, value = base + more_base, value + more_value
        shares = share_out(
            pots=Pots(base, value), work=work, before=before, is_last=number == len(gains) - 1
        )
        assert (shares.base_minor >= 0).all()
        assert (shares.value_minor >= 0).all()
        before = after(before, shares)
        assert before.base_minor.sum() == base
        assert before.value_minor.sum() <= value
    assert before.value_minor.sum() == value
