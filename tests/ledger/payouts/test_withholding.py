"""Rules by country, what they keep back, and its way to the office."""

from __future__ import annotations

from typing import Any

import pytest

from dure.errors import Invalid, Unknown
from dure.ledger.audit import audit
from dure.ledger.journal import KeyReused
from dure.ledger.models import Purpose
from dure.ledger.payouts.models import WithholdingRule
from dure.ledger.payouts.paying import mark_paid, mark_returned
from dure.ledger.payouts.withholding import (
    Kept,
    NothingToRemit,
    add_rule,
    end_rule,
    remit_withheld,
    rules_of,
    spread,
    withheld_now,
    withhold,
)
from tests.ledger.payouts.owing import (
    CALL,
    MAKER,
    ORG,
    a_released_batch,
    line,
    owe,
    reference_of,
    stands,
)

KR = {"owner": ORG, "country": "KR", "currency": "KRW", "by": MAKER}


def rule(**fields: Any) -> WithholdingRule:
    return WithholdingRule(
        **{"country": "KR", "currency": "KRW", "name": "t", "basis_points": 330, "above_minor": 0,
           "unit_minor": 1, **fields}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("gross", "fields", "kept"),
    [
        (10_000, {}, [330]),
        (10_000, {"country": "DE"}, []),
        (10_000, {"currency": "USD"}, []),
        # Down to whole ten won, as offices want it.
        (99_999, {"basis_points": 300, "unit_minor": 10}, [2_990]),
        (300, {"unit_minor": 10}, []),
        # Small sums keep everything; the limit itself is small.
        (50_000, {"basis_points": 880, "above_minor": 50_000}, []),
        (50_001, {"basis_points": 880, "above_minor": 50_000}, [4_400]),
    ],
)
def test_part_that_is_kept_back(gross: int, fields: dict[str, Any], kept: list[int]) -> None:
    found = withhold(gross, country="KR", currency="KRW", rules=[rule(**fields)])

    assert [one.amount_minor for one in found] == kept


def test_kept_parts_are_spread_over_sources_and_none_gives_more_than_it_has() -> None:
    first, second = rule(name="a"), rule(name="b")

    parts = spread([Kept(first, 80), Kept(second, 15)], amounts_minor=[10, 70, 20])

    assert parts == [[(second, 5)], [(first, 70)], [(first, 10), (second, 10)]]


@pytest.mark.django_db
def test_rule_is_never_changed_but_followed_by_another() -> None:
    first = add_rule(**KR, name="tax", basis_points=330, above_minor=0, unit_minor=10)

    second = add_rule(**KR, name="tax", basis_points=880, above_minor=0, unit_minor=10)

    first.refresh_from_db()
    assert first.ended_by == MAKER
    assert list(rules_of(ORG)) == [second]
    end_rule(owner=ORG, rule_id=second.pk, by=MAKER)
    end_rule(owner=ORG, rule_id=second.pk, by="account:9")
    second.refresh_from_db()
    assert second.ended_by == MAKER
    assert list(rules_of(ORG)) == []
    with pytest.raises(Unknown):
        end_rule(owner="organisation:2", rule_id=first.pk, by=MAKER)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"country": "Korea"}, "A rule is for a country; choose one."),
        ({"name": " "}, "A rule's name has 1 to 40 letters."),
        ({"basis_points": 0}, "A rule keeps back more than 0 and at most 90 percent."),
        ({"basis_points": 8_999},
         "All rules of a country together keep back 90 percent at most."),
        ({"unit_minor": 0}, "The amounts of a rule are whole and not below zero."),
    ],
)  # fmt: skip
def test_rules_that_make_no_sense_are_refused(fields: dict[str, Any], sentence: str) -> None:
    add_rule(**KR, name="other", basis_points=2, above_minor=0, unit_minor=1)
    sane = {**KR, "name": "tax", "basis_points": 330, "above_minor": 0, "unit_minor": 10}

    with pytest.raises(Invalid) as refusal:
        add_rule(**{**sane, **fields})

    assert refusal.value.sentence == sentence


@pytest.mark.django_db
def test_withheld_goes_to_the_office_once_and_what_came_back_counts_against_the_next() -> None:
    add_rule(**KR, name="tax", basis_points=1_000, above_minor=0, unit_minor=1)
    owe("contributor:7:1", 1_000)
    mark_paid(owner=ORG, batch_id=a_released_batch(line("person:1", 1_000)).pk, by=MAKER)
    first = reference_of("person:1")
    tax = {"owner": ORG, "name": "tax", "currency": "KRW", "by": MAKER}
    assert withheld_now(ORG) == {("tax", "KRW"): 100}
    assert stands(CALL, Purpose.HELD) == -100

    posted = remit_withheld(**tax, request_key="r")
    again = remit_withheld(**tax, request_key="r")

    assert posted == again
    for other in ({"name": "other"}, {"currency": "USD"}):
        with pytest.raises(KeyReused):
            remit_withheld(**tax | other, request_key="r")
    assert (stands("withheld:1:tax", Purpose.OWED_TO), stands(CALL, Purpose.HELD)) == (0, 0)
    with pytest.raises(NothingToRemit):
        remit_withheld(**tax, request_key="r2")
    mark_returned(owner=ORG, reference=first, reason="closed", by=MAKER)
    assert withheld_now(ORG) == {("tax", "KRW"): -100}
    owe("contributor:7:2", 3_000)
    lines = [line("person:1", 1_000), line("person:2", 3_000)]
    mark_paid(owner=ORG, batch_id=a_released_batch(*lines, key="k2").pk, by=MAKER)
    assert withheld_now(ORG) == {("tax", "KRW"): 300}
    remit_withheld(**tax, request_key="r3")
    assert withheld_now(ORG) == {}
    assert stands("withheld:1:tax", Purpose.OWED_TO) == 0
    # What the office has of the first time was paid in anew, and is free now.
    assert stands(CALL, Purpose.HELD) == -100
    assert audit().is_sound


@pytest.mark.django_db
def test_money_that_is_kept_for_an_office_pays_nobody_else() -> None:
    add_rule(**KR, name="tax", basis_points=1_000, above_minor=0, unit_minor=1)
    owe("contributor:7:1", 100)
    owe("contributor:7:2", 100)
    mark_paid(owner=ORG, batch_id=a_released_batch(line("person:1", 100)).pk, by=MAKER)

    mark_paid(owner=ORG, batch_id=a_released_batch(line("person:2", 100), key="2").pk, by=MAKER)

    assert stands(CALL, Purpose.HELD) == -20
