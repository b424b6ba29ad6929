"""What somebody earned, call by call, and what a call promised, earned and paid in all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Sum

from dure.calls.models import Call
from dure.calls.promises import currency_of, find_part
from dure.calls.queries import calls_of
from dure.calls.shares.gains import gained_minor
from dure.calls.shares.models import Settlement, SettlementShare
from dure.calls.shares.moving import call_owner, pot_owner
from dure.calls.shares.overdue import is_settlement_overdue
from dure.calls.shares.promising import Report, reports_of
from dure.calls.shares.work import CHECKED_MIN
from dure.clock import now
from dure.ledger.models import Entry, Purpose
from dure.ledger.money import Money
from dure.people.models import Organisation, Person

CALLS_MAX = 500


@dataclass(frozen=True, slots=True)
class ShareLine:
    """What a settlement gave a contributor, and what that follows from."""

    number: int
    at: datetime
    is_taken_back: bool
    counted: int
    checked: int
    base: Money
    value: Money
    # Else value, if any, is of what was left the last time, and went to all answers alike.
    is_useful: bool

    @property
    def has_enough_checked(self) -> bool:
        return self.checked >= CHECKED_MIN


@dataclass(frozen=True, slots=True)
class CallStatement:
    """What a person earned in one call in one currency; `paid` is what was sent to them."""

    call: Call
    contributor_ids: list[int]
    currency: str
    by_answers: Money
    by_shares: Money
    paid: Money
    balance: Money
    shares: list[ShareLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Statement:
    """All of a person's earnings, the newest call first, and what is owed to them in all."""

    calls: list[CallStatement]
    owed: list[Money]


@dataclass(frozen=True, slots=True)
class PublicSums:
    """A call's money without names: what anybody may see."""

    promise: dict[str, Any]
    currency: str
    # Sum of a pool; nothing where none is promised.
    pool: Money | None
    paid_in: Money
    held: Money
    gained: Money
    # All that people earned so far, and what of it was sent to them.
    shared: Money
    paid_out: Money
    # In the pot and not shared yet.
    waiting: Money
    owed_not_paid_in: Money
    overdue_reports: list[Report]
    next_report: Report | None
    is_settlement_overdue: bool

    @property
    def is_overdue(self) -> bool:
        return bool(self.overdue_reports) or self.is_settlement_overdue


@dataclass(frozen=True, slots=True)
class Standing:
    """What an organisation owes and holds for one call, in one currency."""

    call: Call
    owed_to_people: Money
    owed_not_paid_in: Money
    paid_in_ahead: Money
    held: Money


def statement_of(*, person: Person) -> Statement:
    """Of whoever holds a key, claimed or not, over all their browsers."""
    rows = _rows("select * from shares_statement(%s)", [person.pk])
    calls = {
        call.pk: call
        for call in Call.objects.filter(pk__in={row["call_id"] for row in rows}).select_related(
            "organisation"
        )
    }
    lines = _share_lines(person)
    owed: dict[str, int] = {}
    statements = []
    for row in rows[:CALLS_MAX]:
        currency = row["currency"]
        owed[currency] = owed.get(currency, 0) + row["balance_minor"]
        statements.append(
            CallStatement(
                call=calls[row["call_id"]],
                contributor_ids=row["contributor_ids"],
                currency=currency,
                by_answers=Money(row["answers_minor"], currency),
                by_shares=Money(row["shares_minor"], currency),
                paid=Money(row["paid_minor"], currency),
                balance=Money(row["balance_minor"], currency),
                shares=lines.get((row["call_id"], currency), []),
            )
        )
    return Statement(statements, [Money(n, currency) for currency, n in sorted(owed.items())])


def sums_of(call: Call, *, today: date | None = None) -> PublicSums | None:
    """None where a call neither promises nor ever owed any money."""
    currency = currency_of(call.promise)
    if currency is None:
        return None
    today = today or now().date()
    moved = _moved(call.pk, currency=currency)
    pool = find_part(call.promise, "pool")
    reports = reports_of(call, today=today)

    def sum_of(owner: str, purpose: Purpose, *reasons: str) -> int:
        return sum(
            amount
            for (one, of, reason), amount in moved.items()
            if (one, of) == (owner, purpose) and (not reasons or reason in reasons)
        )

    own, pot = call_owner(call.pk), pot_owner(call.pk)
    by_answers = -sum(
        sum_of(own, purpose, "answers-counted", "answers-withdrawn")
        for purpose in (Purpose.OWED_BY, Purpose.DEPOSIT)
    )
    fees, ahead = sum_of(own, Purpose.HELD, "fee"), sum_of(own, Purpose.DEPOSIT)
    by_shares = -sum_of(pot, Purpose.OWED_TO, "settled", "settlement-taken-back")
    return PublicSums(
        promise=call.promise,
        currency=currency,
        pool=Money(pool["amount_minor"], currency) if pool is not None else None,
        # What went to the bank as a fee came in for nobody.
        paid_in=Money(-sum_of(own, Purpose.HELD, "paid-in", "paid-back", "fee"), currency),
        held=Money(-sum_of(own, Purpose.HELD), currency),
        gained=Money(gained_minor(call), currency),
        shared=Money(by_answers + by_shares, currency),
        paid_out=Money(sum_of(own, Purpose.HELD, "paid-out", "payout-returned"), currency),
        # Below zero where a gain turned out smaller after it was shared: nothing waits then.
        waiting=Money(max(0, sum_of(pot, Purpose.OWED_TO)), currency),
        owed_not_paid_in=Money(max(0, fees - ahead) - sum_of(own, Purpose.OWED_BY), currency),
        overdue_reports=[one for one in reports if one.is_overdue(today=today)],
        next_report=next((one for one in reports if not one.is_done), None),
        is_settlement_overdue=is_settlement_overdue(call, today=today),
    )


def standings_of(organisation: Organisation) -> list[Standing]:
    """What is owed and held, by call and currency, where there is anything."""
    calls = {call.pk: call for call in calls_of(organisation)}
    rows = _rows("select * from shares_standings(%s::bigint[])", [list(calls)])
    return [
        Standing(
            call=calls[row["call_id"]],
            owed_to_people=Money(row["owed_to_minor"], row["currency"]),
            owed_not_paid_in=Money(-row["owed_by_minor"], row["currency"]),
            paid_in_ahead=Money(row["deposit_minor"], row["currency"]),
            held=Money(-row["held_minor"], row["currency"]),
        )
        for row in rows
    ]


def contributors_of(person: Person) -> dict[int, list[int]]:
    """By call, every contributor that a person is, from all their browsers."""
    found: dict[int, list[int]] = {}
    for row in _rows("select * from shares_contributors_of(%s)", [person.pk]):
        found.setdefault(row["call_id"], []).append(row["contributor_id"])
    return found


def settled_for_good(call_ids: Iterable[int]) -> set[int]:
    """The calls that were settled for the last time, so that nothing waits any longer."""
    last = Settlement.objects.filter(
        call_id__in=call_ids, is_last=True, approved_at__isnull=False
    ).exclude(corrections__approved_at__isnull=False)
    return set(last.values_list("call_id", flat=True))


def _share_lines(person: Person) -> dict[tuple[int, str], list[ShareLine]]:
    rows = (
        SettlementShare.objects.filter(
            contributor_id__in=_all_of(person), settlement__approved_at__isnull=False
        )
        .select_related("settlement")
        .order_by("settlement__number")
    )
    lines: dict[tuple[int, str], list[ShareLine]] = {}
    for row in rows:
        one = row.settlement
        lines.setdefault((one.call_id, one.currency), []).append(
            ShareLine(
                number=one.number,
                at=one.approved_at or one.proposed_at,
                is_taken_back=one.kind == Settlement.Kind.TAKE_BACK,
                counted=row.counted,
                checked=row.checked,
                base=Money(row.base_minor, one.currency),
                value=Money(row.value_minor, one.currency),
                is_useful=row.checked >= CHECKED_MIN and 0 <= row.error_nano < row.mean_nano,
            )
        )
    return lines


def _all_of(person: Person) -> list[int]:
    return [one for ids in contributors_of(person).values() for one in ids]


def _moved(call_id: int, *, currency: str) -> dict[tuple[str, str, str], int]:
    """The sums of a call's own accounts and pot, by owner, purpose and reason."""
    owners = [call_owner(call_id), pot_owner(call_id)]
    rows = (
        Entry.objects.filter(account__owner__in=owners, account__currency=currency)
        .values_list("account__owner", "account__purpose", "transaction__reason")
        .annotate(total=Sum("amount_minor"))
    )
    return {(owner, purpose, reason): total for owner, purpose, reason, total in rows}


def _rows(query: str, parameters: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
