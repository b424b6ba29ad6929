"""Rules of payouts are kept, and each change of them is in the history."""

from __future__ import annotations

import json

import pytest

from dure.calls import payout_rules
from dure.calls.dues import owner_of
from dure.ledger.money import Money
from dure.ledger.payouts.rules import print_layout, thresholds_of
from dure.ledger.payouts.withholding import rules_of
from dure.people.models import AuditEntry
from tests.factories import make_organisation


@pytest.mark.django_db
def test_rules_are_kept_and_the_history_names_no_account() -> None:
    organisation = make_organisation()
    owner = owner_of(organisation)
    mine = {"organisation": organisation, "by": "account:1"}

    payout_rules.set_threshold(**mine, threshold=Money(10_000, "KRW"))
    payout_rules.add_rule(**mine, country="KR", name="income tax", basis_points=330,
                          above=Money(0, "KRW"), unit_minor=10)  # fmt: skip
    (rule,) = rules_of(owner)
    payout_rules.end_rule(**mine, rule_id=rule.pk)
    payout_rules.set_sheet(**mine, sheet={"header": False})
    payout_rules.set_payer(**mine, kind="iban", holder="Dure", country="DE", bank="",
                           account="DE89 3704 0044 0532 0130 00")  # fmt: skip

    assert thresholds_of(owner) == {"KRW": 10_000}
    assert not rules_of(owner).exists()
    assert print_layout(owner) == {
        "sheet": {"header": False},
        "payer": {"kind": "iban", "holder": "Dure", "country": "DE", "bank": "",
                  "account": "DE89370400440532013000", "lines": ""},
    }  # fmt: skip
    facts = list(AuditEntry.objects.order_by("pk").values_list("facts", flat=True))
    assert [(one["what"], one["name"]) for one in facts] == [
        ("threshold", "KRW"), ("withholding", "income tax"), ("withholding_ended", "income tax"),
        ("sheet", None), ("payer", None),
    ]  # fmt: skip
    assert "DE89" not in json.dumps(facts)
