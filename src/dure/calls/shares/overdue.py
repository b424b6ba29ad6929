"""What an organisation should have reported or shared out by now, over all its calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max, Min

from dure.calls.models import Call, CallChange, State
from dure.calls.promises import find_part
from dure.calls.queries import calls_of
from dure.calls.shares.models import Gain, PromiseVersion, Settlement
from dure.calls.shares.promising import REPORT_DAYS, Report, list_reports
from dure.people.models import Organisation


@dataclass(frozen=True, slots=True)
class Overdue:
    """Reports of one call that are late, and whether its pool should have been shared out."""

    call: Call
    reports: list[Report]
    is_settlement_overdue: bool


def overdue_of(organisation: Organisation, *, today: date) -> list[Overdue]:
    """The newest call first; a handful of queries however many calls there are."""
    calls = [call for call in calls_of(organisation) if _may_be_late(call)]
    ids = [call.pk for call in calls]
    opened: dict[int, datetime] = dict(
        PromiseVersion.objects.filter(call__in=ids).values_list("call_id").annotate(at=Min("at"))
    )
    reported: dict[int, date] = dict(
        Gain.objects.filter(call__in=ids, corrects=None)
        .values_list("call_id")
        .annotate(to=Max("period_to"))
    )
    closed: dict[int, datetime] = dict(
        CallChange.objects.filter(call__in=ids, step=CallChange.Step.CLOSE)
        .values_list("call_id")
        .annotate(at=Max("at"))
    )
    settled = set(
        Settlement.objects.filter(call__in=ids, approved_at__isnull=False).values_list(
            "call_id", flat=True
        )
    )
    found = []
    for call in calls:
        part = find_part(call.promise, "revenue_share")
        reports = (
            list_reports(
                part,
                opened=opened[call.pk].date(),
                reported=reported.get(call.pk, date.min),
                today=today,
            )
            if part is not None and call.pk in opened
            else []
        )
        is_settlement_overdue = (
            call.state == State.CLOSED
            and find_part(call.promise, "pool") is not None
            and call.pk not in settled
            and call.pk in closed
            and (today - closed[call.pk].date()).days > REPORT_DAYS
        )
        late = [one for one in reports if one.is_overdue(today=today)]
        if late or is_settlement_overdue:
            found.append(Overdue(call, late, is_settlement_overdue))
    return found


def _may_be_late(call: Call) -> bool:
    has_pot = find_part(call.promise, "pool") or find_part(call.promise, "revenue_share")
    return call.state != State.DRAFT and has_pot is not None
