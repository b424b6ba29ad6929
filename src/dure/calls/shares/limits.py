"""Above which amount a second member has to agree."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from dure.calls.shares.models import ApprovalRule
from dure.clock import now
from dure.errors import Invalid
from dure.ledger.money import Money, check_currency, decimals_of
from dure.people import audit
from dure.people.models import Organisation

# Where an organisation said nothing: a thousand of the larger unit, or a million won and the like.
USUAL_LIMIT = 1_000
USUAL_LIMIT_WITHOUT_DECIMALS = 1_000_000
LIMIT_MINOR_MAX = 1_000_000_000_000_000


def limit_of(organisation: Organisation, currency: str) -> Money:
    rule = (
        ApprovalRule.objects.filter(organisation=organisation, currency=currency)
        .order_by("-pk")
        .first()
    )
    if rule is not None:
        return Money(rule.limit_minor, currency)
    return _usual_limit(currency)


def limits_of(organisation: Organisation, currencies: Iterable[str]) -> list[Money]:
    """Of these currencies and of those that a limit was set in, in one query."""
    rules = ApprovalRule.objects.filter(organisation=organisation).order_by("currency", "-pk")
    said = {rule.currency: rule.limit_minor for rule in rules.distinct("currency")}
    return [
        Money(said[currency], currency) if currency in said else _usual_limit(currency)
        for currency in sorted({*currencies, *said})
    ]


def set_limit(*, organisation: Organisation, limit: Money, by: str) -> ApprovalRule:
    check_currency(limit.currency)
    if not 0 <= limit.amount_minor <= LIMIT_MINOR_MAX:
        raise Invalid(
            "A limit is 0 to {most} minor units; got {given}.",
            most=LIMIT_MINOR_MAX,
            given=limit.amount_minor,
        )
    with transaction.atomic():
        made = ApprovalRule.objects.create(
            organisation=organisation,
            currency=limit.currency,
            limit_minor=limit.amount_minor,
            at=now(),
            by=by,
        )
        audit.record(
            organisation=organisation,
            by=by,
            action="set approval limit",
            thing=f"organisation:{organisation.pk}",
            money=limit.as_facts(),
        )
    return made


def _usual_limit(currency: str) -> Money:
    decimals = decimals_of(currency)
    return Money(USUAL_LIMIT * 10**decimals if decimals else USUAL_LIMIT_WITHOUT_DECIMALS, currency)
