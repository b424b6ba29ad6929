"""What organisers let pass: reports on gains, and sharing out a pool; for many calls at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, QuerySet

from dure.calls.models import Call, CallChange, State
from dure.calls.promises import find_part
from dure.calls.shares.models import Gain, Settlement
from dure.calls.shares.moving import pot_owner
from dure.calls.shares.promising import REPORT_DAYS, Report, list_reports, sharing_since
from dure.ledger.models import Entry


@dataclass(frozen=True, slots=True)
class Overdue:
    overdue_reports: list[Report]
    is_settlement_overdue: bool


def overdue_of(calls: Sequence[Call], *, today: date) -> dict[int, Overdue]:
    """By call, where something is overdue; with a fixed number of queries, none if none can be."""
    late_reports = _late_reports(calls, today=today)
    late_pools = _late_pools(calls, today=today)
    return {
        call_id: Overdue(late_reports.get(call_id, []), call_id in late_pools)
        for call_id in late_reports.keys() | late_pools
    }


def is_settlement_overdue(call: Call, *, today: date) -> bool:
    return call.pk in _late_pools([call], today=today)


def _late_reports(calls: Iterable[Call], *, today: date) -> dict[int, list[Report]]:
    parts = {call.pk: find_part(call.promise, "revenue_share") for call in calls}
    sharing = [call_id for call_id, part in parts.items() if part is not None]
    if not sharing:
        return {}
    gains = Gain.objects.filter(call_id__in=sharing, corrects=None).order_by()
    reported = dict(gains.values_list("call_id").annotate(last=Max("period_to")))
    late: dict[int, list[Report]] = {}
    for call_id, since in sharing_since(sharing).items():
        part = parts[call_id]
        assert part is not None, "only calls that share gains were asked for"
        reports = list_reports(
            part,
            since=since.date(),
            reported=reported.get(call_id, date.min),
            today=today,
        )
        if overdue := [one for one in reports if one.is_overdue(today=today)]:
            late[call_id] = overdue
    return late


def _late_pools(calls: Iterable[Call], *, today: date) -> set[int]:
    """A pool is shared out within the same time in which gains are reported."""
    waiting = {
        call.pk
        for call in calls
        if call.state == State.CLOSED and find_part(call.promise, "pool") is not None
    }
    if not waiting:
        return set()
    closings: QuerySet[CallChange] = CallChange.objects.filter(call_id__in=waiting, step="close")
    closed = dict(closings.order_by().values_list("call_id").annotate(at=Max("at")))
    settled = Settlement.objects.filter(
        call_id__in=waiting,
        kind=Settlement.Kind.SHARE,
        approved_at__isnull=False,
        # Before that only gains were shared out.
        basis__is_closed=True,
    ).exclude(corrections__approved_at__isnull=False)
    open_still = waiting - set(settled.values_list("call_id", flat=True))
    # Where nobody contributed, no pool is owed.
    owed = Entry.objects.filter(
        account__owner__in=[pot_owner(call_id) for call_id in open_still],
        transaction__reason="pool-owed",
    )
    owners = set(owed.values_list("account__owner", flat=True))
    return {
        call_id
        for call_id, at in closed.items()
        if pot_owner(call_id) in owners and (today - at.date()).days > REPORT_DAYS
    }
