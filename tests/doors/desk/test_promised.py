"""The fields that say what people get, read and shown."""

from __future__ import annotations

from typing import Any

import pytest

from dure.calls.promises import check_promise
from dure.doors.desk.forms import Filled
from dure.doors.desk.promised import fields_for, read_better, read_promise, show_promise

RATE = {"kind": "per_answer", "amount_minor": 5, "currency": "USD"}
POOL = {"kind": "pool", "amount_minor": 500_00, "currency": "USD"}
SHARE = {
    "kind": "revenue_share", "percent": 20, "currency": "USD", "cap_minor": 1_000_00,
    "until": "2199-12-31", "report_months": 6,
}  # fmt: skip
TYPED = {
    "promise": ["per_answer", "pool", "revenue_share"], "amount": ["0.05"], "currency": ["USD"],
    "pool": ["500"], "percent": ["20"], "cap": ["1,000"], "until": ["2199-12-31"],
    "report_months": ["6"], "base": ["50"],
}  # fmt: skip


def filled(typed: dict[str, list[str]], promise: dict[str, Any] | None = None) -> Filled:
    return Filled(typed, show_promise(promise or {}))


@pytest.mark.parametrize(
    ("kinds", "promise"),
    [
        ([], {"kind": "nothing"}),
        (["per_answer"], RATE),
        (["pool"], POOL),
        (["revenue_share"], SHARE),
        (["pool", "per_answer"], {"kind": "several", "parts": [RATE, POOL]}),
        (TYPED["promise"], {"kind": "several", "parts": [RATE, POOL, SHARE]}),
    ],
)
def test_what_is_ticked_is_promised_and_shown_again(
    kinds: list[str], promise: dict[str, Any]
) -> None:
    form = filled({**TYPED, "promise": kinds})

    read = read_promise(form, before={"kind": "pool"}, can_check=True)

    assert (read, form.advices) == (promise, {})
    assert check_promise(read) == promise
    assert read_promise(filled(show_promise(read), read), before=read, can_check=True) is read


@pytest.mark.parametrize(
    ("base", "can_check", "stored"), [("50", True, {}), ("100", True, {"base_percent": 100}),
                                      ("0", True, {"base_percent": 0}), ("0", False, {})]
)  # fmt: skip
def test_how_it_is_divided_is_asked_where_answers_can_be_checked(
    base: str, can_check: bool, stored: dict[str, int]
) -> None:
    typed = {**TYPED, "promise": ["pool"], "base": [base]}

    assert read_promise(filled(typed), before={}, can_check=can_check) == {**POOL, **stored}


def test_what_the_fields_cannot_show_is_kept_unless_touched() -> None:
    odd = {"kind": "several",
           "parts": [{**POOL, "base_percent": 30}, {**SHARE, "base_percent": 70}]}  # fmt: skip
    shown = show_promise(odd)

    assert read_promise(filled(shown, odd), before=odd, can_check=True) is odd
    more = read_promise(filled({**shown, "pool": ["600"]}, odd), before=odd, can_check=True)
    assert [part["base_percent"] for part in more["parts"]] == [30, 70]
    assert more["parts"][0]["amount_minor"] == 600_00
    bases = fields_for(filled(shown, odd), promise=odd, can_check=True)["bases"]
    assert [one["value"] for one in bases if one["is_chosen"]] == ["own"]


@pytest.mark.parametrize(
    ("name", "text"),
    [("amount", ""), ("amount", "0.001"), ("amount", "1,000,001"),
     ("pool", "1000000001"), ("pool", "much"), ("percent", "0"), ("percent", "101"),
     ("percent", "1.5"), ("cap", "x"), ("until", "soon"), ("until", "2020-01-01")],
)  # fmt: skip
def test_what_makes_no_sense_is_asked_for_at_its_field(name: str, text: str) -> None:
    form = filled({**TYPED, name: [text]})

    read_promise(form, before={}, can_check=True)

    assert list(form.advices) == [name]


def test_promise_that_is_out_keeps_its_parts_and_how_they_are_divided() -> None:
    before = {**POOL, "base_percent": 50}
    typed = {**TYPED, "promise": ["revenue_share"], "pool": ["700"], "base": ["100"]}

    better = read_better(filled(typed, before), before=before, can_check=True)

    assert better == {
        "kind": "several",
        "parts": [
            {**POOL, "amount_minor": 700_00, "base_percent": 50}, {**SHARE, "base_percent": 100}
        ],
    }  # fmt: skip
