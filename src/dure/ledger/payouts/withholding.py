"""What is withheld for an office: rules by country, their sums, and their remittance."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet

from dure.clock import now
from dure.errors import Invalid, Refusal, Unknown
from dure.ledger.journal import KeyReused, Leg, post
from dure.ledger.models import Purpose, Transaction
from dure.ledger.money import Money, check_currency
from dure.ledger.payouts.holding import hold_payouts
from dure.ledger.payouts.models import PayoutWithheld, WithholdingRule

NAME_LETTERS_MAX = 40
BASIS_POINTS = 10_000
BASIS_POINTS_MAX = 9_000
AMOUNT_MINOR_MAX = 10**15
RULES_MAX = 50
# What one transaction has legs for, with one of them the office's.
CALLS_MAX = 10_000


class NothingToRemit(Refusal):
    """Nothing is withheld for this office just now."""

    code = "nothing-to-remit"
    status = 409


@dataclass(frozen=True, slots=True)
class Kept:
    """What a rule keeps back of an amount."""

    rule: WithholdingRule
    amount_minor: int


def add_rule(
    *,
    owner: str,
    country: str,
    currency: str,
    name: str,
    basis_points: int,
    above_minor: int,
    unit_minor: int,
    by: str,
) -> WithholdingRule:
    """A rule for payouts made from now on; one of the same name in the country is ended by it."""
    _check_rule(country=country, currency=currency, name=name, basis_points=basis_points)
    if not 0 <= above_minor <= AMOUNT_MINOR_MAX or not 1 <= unit_minor <= AMOUNT_MINOR_MAX:
        raise Invalid("The amounts of a rule are whole and not below zero.")
    with transaction.atomic():
        hold_payouts(owner)
        live = rules_of(owner)
        same = live.filter(country=country, currency=currency, name=name)
        others = live.filter(country=country, currency=currency).exclude(name=name)
        taken = sum(others.values_list("basis_points", flat=True))
        if taken + basis_points > BASIS_POINTS_MAX:
            raise Invalid("All rules of a country together keep back 90 percent at most.")
        if live.exclude(pk__in=same).count() >= RULES_MAX:
            raise Invalid("There are {most} rules; end one first.", most=RULES_MAX)
        same.update(ended_at=now(), ended_by=by)
        return WithholdingRule.objects.create(
            owner=owner,
            country=country,
            currency=currency,
            name=name,
            basis_points=basis_points,
            above_minor=above_minor,
            unit_minor=unit_minor,
            since=now(),
            by=by,
        )


def end_rule(*, owner: str, rule_id: int, by: str) -> WithholdingRule:
    """Payouts made from now on keep what this rule would have withheld."""
    with transaction.atomic():
        hold_payouts(owner)
        rule = WithholdingRule.objects.filter(owner=owner, pk=rule_id).first()
        if rule is None:
            raise Unknown("There is no such rule; look at the list again.")
        if rule.ended_at is None:
            rule.ended_at, rule.ended_by = now(), by
            rule.save(update_fields=["ended_at", "ended_by"])
    return rule


def rules_of(owner: str) -> QuerySet[WithholdingRule]:
    """The rules in force."""
    found = WithholdingRule.objects.filter(owner=owner, ended_at=None)
    return found.order_by("country", "currency", "name")


def withhold(
    gross_minor: int, *, country: str, currency: str, rules: Iterable[WithholdingRule]
) -> list[Kept]:
    """What each rule keeps back of a payout, rounded down to its unit."""
    kept = []
    for rule in rules:
        if (rule.country, rule.currency) != (country, currency) or gross_minor <= rule.above_minor:
            continue
        part = gross_minor * rule.basis_points // BASIS_POINTS
        if rounded := part // rule.unit_minor * rule.unit_minor:
            kept.append(Kept(rule, rounded))
    return kept


def spread(
    kept: Sequence[Kept], *, amounts_minor: Sequence[int]
) -> list[list[tuple[WithholdingRule, int]]]:
    """For each source what is kept back of it, the largest sources first and none over its own."""
    left = list(amounts_minor)
    order = sorted(range(len(left)), key=lambda at: (-left[at], at))
    parts: list[list[tuple[WithholdingRule, int]]] = [[] for _ in left]
    for one in kept:
        rest = one.amount_minor
        for at in order:
            if taken := min(rest, left[at]):
                parts[at].append((one.rule, taken))
                left[at] -= taken
                rest -= taken
    return parts


def office_of(owner: str, name: str) -> str:
    """Whose money it is that was withheld: `withheld:ORG:NAME` of `organisation:ORG`."""
    return f"withheld:{owner.partition(':')[2]}:{name}"


def withheld_now(owner: str) -> dict[tuple[str, str], int]:
    """What waits to be remitted, by rule's name and currency; two that came back count against."""
    sums: Counter[tuple[str, str]] = Counter()
    for name, currency, _holder, amount in _waiting(owner):
        sums[name, currency] += amount
    return {key: amount for key, amount in sorted(sums.items()) if amount}


def remit_withheld(
    *, owner: str, name: str, currency: str, by: str, request_key: str
) -> Transaction:
    """Post that everything withheld by this name went to its office."""
    check_currency(currency)
    digest = hashlib.sha256(f"{owner}|{request_key}".encode()).hexdigest()
    key = f"withheld-remitted:{digest[:32]}"
    with transaction.atomic():
        hold_payouts(owner)
        earlier = Transaction.objects.filter(key=key).first()
        if earlier is not None:
            _check_same(earlier, name=name, currency=currency)
            return earlier
        of_calls: Counter[str] = Counter()
        for _name, _currency, holder, amount in _waiting(owner, name=name, currency=currency):
            of_calls[holder] += amount
        total = sum(of_calls.values())
        if total <= 0:
            raise NothingToRemit
        posted = post(
            key=key,
            reason="withheld-remitted",
            entries=[
                Leg(office_of(owner, name), Purpose.OWED_TO, Money(-total, currency)),
                *(
                    Leg(holder, Purpose.HELD, Money(amount, currency))
                    for holder, amount in sorted(of_calls.items())
                    if amount
                ),
            ],
            facts={"owner": owner, "name": name, "by": by},
        )
        mine = Q(rule__owner=owner, rule__name=name, rule__currency=currency)
        PayoutWithheld.objects.filter(mine & _TO_REMIT).update(remitted_as=key)
        PayoutWithheld.objects.filter(mine & _TO_OFFSET).exclude(remitted_as=key).update(
            offset_as=key
        )
    return posted


_TO_REMIT = Q(
    remitted_as=None,
    source__payout__paid_at__isnull=False,
    source__payout__returned_at=None,
)
_TO_OFFSET = Q(remitted_as__isnull=False, offset_as=None, source__payout__returned_at__isnull=False)


def _waiting(owner: str, **of_rule: str) -> Iterable[tuple[str, str, str, int]]:
    """Name, currency, holder and amount of each part that waits, or that came back since."""
    named = {f"rule__{field}": value for field, value in of_rule.items()}
    found = PayoutWithheld.objects.filter(rule__owner=owner, **named)
    columns = ("rule__name", "rule__currency", "source__holder", "amount_minor")
    yield from found.filter(_TO_REMIT).values_list(*columns)
    for name, currency, holder, amount in found.filter(_TO_OFFSET).values_list(*columns):
        yield name, currency, holder, -amount


def _check_same(earlier: Transaction, *, name: str, currency: str) -> None:
    is_same_currency = earlier.entries.filter(currency=currency).exists()
    if earlier.facts["name"] != name or not is_same_currency:
        raise KeyReused("This request was sent before with other content; send a new one.")


def _check_rule(*, country: str, currency: str, name: str, basis_points: int) -> None:
    check_currency(currency)
    if len(country) != 2 or not country.isascii() or not country.isupper():
        raise Invalid("A rule is for a country; choose one.")
    if not 1 <= len(name) <= NAME_LETTERS_MAX or not name.isprintable() or name != name.strip():
        raise Invalid("A rule's name has 1 to {most} letters.", most=NAME_LETTERS_MAX)
    if not 1 <= basis_points <= BASIS_POINTS_MAX:
        raise Invalid("A rule keeps back more than 0 and at most 90 percent.")
