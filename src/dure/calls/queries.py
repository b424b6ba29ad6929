"""Reading calls, and holding one still while an organiser changes it."""

from __future__ import annotations

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from dure.calls.models import Call, CallChange, Kind, State
from dure.errors import Unknown
from dure.people.models import Organisation

ID_MAX = 2**63 - 1


class NoSuchCall(Unknown):
    """There is no such call in this organisation; check its id."""

    code = "unknown-call"


def calls_of(organisation: Organisation) -> QuerySet[Call]:
    """An organisation's calls, the newest first; a draft that was thrown away is none of them."""
    calls = Call.objects.filter(organisation=organisation).order_by("-pk")
    return calls.exclude(Exists(_discards(OuterRef("pk"))))


def open_calls(*, before_id: int | None = None) -> QuerySet[Call]:
    """Calls that anybody may take part in now, the newest first."""
    calls = Call.objects.filter(state=State.OPEN, kind=Kind.TASKS).order_by("-pk")
    if before_id is not None:
        calls = calls.filter(pk__lt=before_id)
    return calls.select_related("organisation")


def find_call(*, organisation: Organisation, call_id: int) -> Call:
    """The organisation's own call; another's is as unknown as one that never was."""
    if not 0 < call_id <= ID_MAX:
        raise NoSuchCall
    try:
        return calls_of(organisation).select_related("organisation").get(pk=call_id)
    except Call.DoesNotExist:
        raise NoSuchCall from None


def hold_call(call_id: int) -> Call:
    """The call as it is now, held against every other change by an organiser.

    Two double clicks would else both read the old state. Imports hold it too, so that a call is
    not closed, nor its question changed, in the middle of a batch. Answers do not wait for this.
    """
    held = Call.objects.select_for_update(of=("self",), no_key=True).get(pk=call_id)
    # It may have been thrown away while this waited.
    if held.state == State.DRAFT and _discards(call_id).exists():
        raise NoSuchCall
    return held


def hold_answers(call_id: int) -> None:
    """Wait for answers that are under way, and let new ones wait, until the transaction ends.

    Answers hold this lock shared (collect.hold_call), so that each sees the call's state either
    wholly before a change or wholly after. Always taken after hold_call. An advisory lock has no
    table, which is why this is SQL.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(collect.call_lock(%s))", [call_id])


def _discards(call_id: int | OuterRef) -> QuerySet[CallChange]:
    return CallChange.objects.filter(call_id=call_id, step=CallChange.Step.DISCARD)
