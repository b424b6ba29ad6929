"""Rules of payouts as people type them."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from dure.calls.dues import owner_of
from dure.doors.desk.amounts import read_basis_points, read_money, spell_minor
from dure.doors.desk.payout_rules import spell_share_exactly
from dure.doors.files.bank_files import KOREAN, PRESETS
from dure.errors import Invalid
from dure.ledger.money import Money
from dure.ledger.payouts.rules import print_layout, thresholds_of
from dure.ledger.payouts.withholding import rules_of
from tests.doors.desk.office import Office, make_office


@pytest.mark.parametrize(
    ("typed", "currency", "amount_minor"),
    [("10,000", "KRW", 10_000), (" 12.5", "EUR", 1_250), ("", "USD", 0), ("0.01", "USD", 1)],
)
def test_amounts_are_read_as_people_type_them(typed: str, currency: str, amount_minor: int) -> None:
    assert read_money(typed, currency) == Money(amount_minor, currency)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("0.5", "Please write the amount in KRW."),
        ("ten", "Please write the amount in KRW."),
        ("nan", "Please write the amount in KRW."),
        ("1e40", "Please write the amount in KRW."),
    ],
)
def test_what_is_no_amount_is_asked_again(typed: str, sentence: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_money(typed, "KRW")

    assert refusal.value.sentence == sentence


def test_percent_are_read_and_spelt_exactly() -> None:
    assert [read_basis_points(one) for one in ("3.3", "8.8 %", "22")] == [330, 880, 2_200]
    assert [spell_share_exactly(one) for one in (330, 2_200, 1)] == ["3.3 %", "22 %", "0.01 %"]
    assert (spell_minor(1_250, currency="EUR"), spell_minor(5, currency="KRW")) == ("12.50", "5")
    with pytest.raises(Invalid):
        read_basis_points("3.333")


@pytest.fixture
def office() -> Office:
    return make_office()


@pytest.mark.django_db
def test_rules_are_saved_shown_and_ended(office: Office) -> None:
    treasurer = office.client("treasurer")
    where = reverse("desk-payout-rules", args=[office.organisation.slug])
    owner = owner_of(office.organisation)
    tax = {"what": "withholding", "name": "income  tax", "country": "KR", "percent": "3.3",
           "currency": "KRW", "above": "", "unit": "10"}  # fmt: skip
    sheet = {"what": "sheet", "field": ["account", "", "amount"], "heading": ["계좌", "x", "금액"],
             "encoding": "utf-8-sig", "header": "on"}  # fmt: skip
    steps: list[dict[str, Any]] = [
        {"what": "threshold", "amount": "10,000", "currency": "KRW"}, tax, sheet,
        {"what": "payer", "kind": "iban", "holder": "Dure", "country": "DE", "bic": "",
         "account": "DE89370400440532013000"},
    ]  # fmt: skip

    assert [treasurer.post(where, step).status_code for step in steps] == [302] * 4
    page = treasurer.get(where).content.decode()

    (rule,) = rules_of(owner)
    assert (rule.name, rule.basis_points, rule.unit_minor) == ("income tax", 330, 10)
    assert thresholds_of(owner) == {"KRW": 10_000}
    assert print_layout(owner)["sheet"] == {
        "encoding": "utf-8-sig", "header": True,
        "columns": [["account", "계좌"], ["amount", "금액"]],
    }  # fmt: skip
    assert "3.3 % · KR · KRW" in page
    assert 'value="DE89370400440532013000"' in page
    assert treasurer.post(where, {"what": "end", "rule": rule.pk}).status_code == 302
    assert not rules_of(owner).exists()
    for name, preset in PRESETS.items():
        treasurer.post(where, {"what": "preset", "preset": name})
        assert print_layout(owner)["sheet"] == preset
    assert PRESETS["korean"] is KOREAN


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"what": "threshold", "amount": "-1", "currency": "KRW"},
         "Please write the amount in KRW."),
        ({"what": "withholding", "name": "t", "country": "KR", "percent": "91", "currency": "KRW"},
         "A rule keeps back more than 0 and at most 90 percent."),
        ({"what": "payer", "kind": "kr_bank", "holder": "D", "country": "KR", "account": "1"},
         "Please choose your bank."),
        ({"what": "sheet", "encoding": "cp949"}, "A table has 1 to 20 columns."),
    ],
)  # fmt: skip
def test_slip_is_told_beside_its_form(office: Office, said: dict[str, str], sentence: str) -> None:
    where = reverse("desk-payout-rules", args=[office.organisation.slug])

    reply = office.client("treasurer").post(where, said)

    assert reply.status_code == 422
    assert f'<p class="advice" role="alert">{sentence}</p>' in reply.content.decode()
