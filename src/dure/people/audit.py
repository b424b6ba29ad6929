"""Who did what to what, written in the transaction that did it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from dure.clock import now
from dure.people.models import Account, AuditEntry, Organisation

# Pages keep what is typed every few seconds; that is one change, not a hundred.
SAME_CHANGE_MINUTES = 10
RECENT_ENTRIES_MAX = 100


def record(
    *, organisation: Organisation, by: str, action: str, thing: str, **facts: object
) -> AuditEntry:
    """The entry stays only if the caller's transaction commits."""
    return AuditEntry.objects.create(
        organisation=organisation, at=now(), by=by, action=action, thing=thing, facts=facts
    )


def record_change(
    *, organisation: Organisation, by: str, action: str, thing: str, changed: Iterable[str]
) -> None:
    """Say what changed, unless the same was said of the same thing just before.

    Whoever calls this holds the thing, so that two changes at once are not both left unsaid.
    """
    recent = AuditEntry.objects.filter(organisation=organisation).order_by("-pk")
    since = now() - timedelta(minutes=SAME_CHANGE_MINUTES)
    said = {
        name
        for entry in recent[:RECENT_ENTRIES_MAX]
        if entry.at > since and (entry.by, entry.action, entry.thing) == (by, action, thing)
        for name in entry.facts["changed"]
    }
    named = sorted(changed)
    if not said.issuperset(named):
        record(organisation=organisation, by=by, action=action, thing=thing, changed=named)


def record_own(*, account: Account, action: str) -> None:
    """What a member did to their own account, in each organisation that lets them in."""
    by = f"account:{account.pk}"
    for membership in account.memberships.select_related("organisation"):
        record(organisation=membership.organisation, by=by, action=action, thing=by)
