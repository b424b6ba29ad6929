"""Put an event where the rooms above will find it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dure.clock import now

if TYPE_CHECKING:
    from dure.outbox.models import Event


def write(*, topic: str, key: str, **facts: object) -> Event:
    """The event is seen only if the caller's transaction commits."""
    from dure.outbox.models import Event  # noqa: PLC0415  app ready

    return Event.objects.create(topic=topic, key=key, facts=facts, at=now())
