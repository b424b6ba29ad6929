"""Who did what to what, written in the transaction that did it."""

from __future__ import annotations

from dure.clock import now
from dure.people.models import AuditEntry, Organisation


def record(
    *, organisation: Organisation, by: str, action: str, thing: str, **facts: object
) -> AuditEntry:
    """The entry stays only if the caller's transaction commits."""
    return AuditEntry.objects.create(
        organisation=organisation, at=now(), by=by, action=action, thing=thing, facts=facts
    )
