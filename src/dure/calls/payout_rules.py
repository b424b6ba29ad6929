"""An organisation's rules for payouts, each change noted in its history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from dure.calls.dues import owner_of
from dure.ledger.money import Money
from dure.ledger.payouts import rules, withholding
from dure.people import audit
from dure.people.models import Organisation
from dure.people.payees import check_payee


def set_threshold(*, organisation: Organisation, threshold: Money, by: str) -> None:
    with transaction.atomic():
        rules.set_threshold(
            owner=owner_of(organisation),
            currency=threshold.currency,
            threshold_minor=threshold.amount_minor,
        )
        _note(organisation, by, what="threshold", name=threshold.currency)


def add_rule(
    *,
    organisation: Organisation,
    by: str,
    country: str,
    name: str,
    basis_points: int,
    above: Money,
    unit_minor: int,
) -> None:
    with transaction.atomic():
        withholding.add_rule(
            owner=owner_of(organisation),
            country=country,
            currency=above.currency,
            name=name,
            basis_points=basis_points,
            above_minor=above.amount_minor,
            unit_minor=unit_minor,
            by=by,
        )
        _note(organisation, by, what="withholding", name=name)


def end_rule(*, organisation: Organisation, rule_id: int, by: str) -> None:
    with transaction.atomic():
        rule = withholding.end_rule(owner=owner_of(organisation), rule_id=rule_id, by=by)
        _note(organisation, by, what="withholding_ended", name=rule.name)


def set_sheet(*, organisation: Organisation, sheet: Mapping[str, Any], by: str) -> None:
    """What the table for the bank looks like; whoever writes it has checked it."""
    with transaction.atomic():
        rules.set_layout(owner=owner_of(organisation), sheet=sheet)
        _note(organisation, by, what="sheet")


def set_payer(
    *,
    organisation: Organisation,
    kind: str,
    holder: str,
    country: str,
    bank: str,
    account: str,
    by: str,
) -> None:
    """The account that pays; the history does not say which."""
    payer = check_payee(kind=kind, holder=holder, country=country, bank=bank, account=account)
    with transaction.atomic():
        rules.set_layout(owner=owner_of(organisation), payer=payer)
        _note(organisation, by, what="payer")


def _note(organisation: Organisation, by: str, *, what: str, name: str | None = None) -> None:
    audit.record(
        organisation=organisation,
        by=by,
        action="change payout rules",
        thing=f"organisation:{organisation.pk}",
        what=what,
        name=name,
    )
