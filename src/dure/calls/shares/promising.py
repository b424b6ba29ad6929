"""A promise from the day a call opens: kept in versions, of which none is worse than the last."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Min, Q, QuerySet, Sum

from dure import outbox
from dure.calls.models import Call, State
from dure.calls.promises import check_promise, currency_of, find_part, settle_base, worse_in
from dure.calls.queries import hold_call
from dure.calls.shares.gains import fill_pot, gains_of, gains_pot_minor
from dure.calls.shares.models import Gain, PromiseVersion
from dure.calls.shares.moving import pot_owner
from dure.clock import now
from dure.errors import WrongState
from dure.ledger.models import Entry
from dure.ledger.money import Money
from dure.people import audit

# After the end of a period there is so much time to report what it brought.
REPORT_DAYS = 30
# Twelve reports a year for as long as a promise may run.
REPORTS_MAX = 12 * 200


class WorsePromise(WrongState):
    """People rely on this promise, so it can only get better; {what} would be worse."""

    code = "worse-promise"


class NothingToCheck(WrongState):
    """What is right can't be checked in answers of this type; share all of it with each alike."""

    code = "nothing-to-check"


@dataclass(frozen=True, slots=True)
class Report:
    """A day up to which gains are to be reported, until when, and whether they were."""

    up_to: date
    due: date
    is_done: bool

    def is_overdue(self, *, today: date) -> bool:
        return not self.is_done and today > self.due


def fix_promise(*, call: Call, by: str, can_check: bool) -> None:
    """The first version, made in the transaction that opens the call, which is held."""
    call.promise = settle_base(call.promise, can_check=can_check)
    _check_base(call.promise, can_check=can_check)
    call.save(update_fields=["promise"])
    _write(call, number=1, by=by)


def better_promise(*, call: Call, promise: object, by: str, can_check: bool) -> Call:
    """Promise more than before; the same again changes nothing."""
    wanted = settle_base(check_promise(promise), can_check=can_check)
    _check_base(wanted, can_check=can_check)
    with transaction.atomic():
        held = hold_call(call.pk)
        if held.state == State.DRAFT:
            raise WrongState("A draft promises nothing to anybody yet; change it on its own page.")
        if wanted == held.promise:
            return held
        if what := worse_in(before=held.promise, after=wanted):
            raise WorsePromise(what=what)
        before = gains_pot_minor(held.promise, gains=gains_of(held))
        held.promise = wanted
        held.save(update_fields=["promise"])
        last = versions_of(held).last()
        number = last.number + 1 if last else 1
        _write(held, number=number, by=by)
        if pool_owed_minor(held):
            owe_pool(held)
        if more := gains_pot_minor(wanted, gains=gains_of(held)) - before:
            fill_pot(
                held,
                Money(more, str(currency_of(wanted))),
                key=f"promise:{held.pk}:{number}",
                reason="promise-bettered",
            )
        audit.record(
            organisation=held.organisation, by=by, action="better promise", thing=f"call:{held.pk}"
        )
        outbox.write(topic="call.promise", key=str(held.pk), slug=held.slug)
        return held


def owe_pool(call: Call) -> None:
    """Once a call that people contributed to has closed, its pool is owed to them.

    The call is held. Of a pool that grew since, the difference is owed.
    """
    part = find_part(call.promise, "pool")
    more = part["amount_minor"] - pool_owed_minor(call) if part is not None else 0
    if part is not None and more > 0:
        fill_pot(
            call,
            Money(more, part["currency"]),
            key=f"pool:{call.pk}:{part['amount_minor']}",
            reason="pool-owed",
        )


def pool_owed_minor(call: Call) -> int:
    entries = Entry.objects.filter(
        account__owner=pot_owner(call.pk), transaction__reason="pool-owed"
    )
    return entries.aggregate(total=Sum("amount_minor"))["total"] or 0


def versions_of(call: Call) -> QuerySet[PromiseVersion]:
    """The promises of an opened call, the first one first."""
    return PromiseVersion.objects.filter(call=call).order_by("number")


def sharing_since(call_ids: Iterable[int]) -> dict[int, datetime]:
    """By call, since when a share of its gains is promised, which may be later than it opened."""
    shares = Q(promise__kind="revenue_share") | Q(
        promise__parts__contains=[{"kind": "revenue_share"}]
    )
    found = PromiseVersion.objects.filter(shares, call_id__in=call_ids).order_by()
    return dict(found.values_list("call_id").annotate(since=Min("at")))


def reports_of(call: Call, *, today: date) -> list[Report]:
    """When gains are to be reported, up to the next time; none where no gain is shared."""
    part = find_part(call.promise, "revenue_share")
    since = sharing_since([call.pk]).get(call.pk)
    if part is None or since is None:
        return []
    ends = Gain.objects.filter(call=call, corrects=None).values_list("period_to", flat=True)
    reported = max(ends, default=date.min)
    return list_reports(part, since=since.date(), reported=reported, today=today)


def list_reports(part: dict[str, Any], *, since: date, reported: date, today: date) -> list[Report]:
    """Of a share of gains that was promised on a day and reported up to another."""
    until = date.fromisoformat(part["until"])
    reports: list[Report] = []
    for n in range(1, REPORTS_MAX):
        up_to = min(add_months(since, n * part["report_months"]), until)
        due = up_to + timedelta(days=REPORT_DAYS)
        reports.append(Report(up_to, due, is_done=reported >= up_to))
        if up_to >= until or up_to > today:
            break
    return reports


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or its last where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _check_base(promise: dict[str, object], *, can_check: bool) -> None:
    for kind in ("pool", "revenue_share"):
        part = find_part(promise, kind)
        if part is not None and part["base_percent"] < 100 and not can_check:
            raise NothingToCheck


def _write(call: Call, *, number: int, by: str) -> None:
    PromiseVersion.objects.create(call=call, number=number, promise=call.promise, at=now(), by=by)
