"""What rooms above should hear is there only if what it tells became true."""

from __future__ import annotations

import pytest
from django.db import transaction

from dure import outbox
from dure.outbox.models import Event


@pytest.mark.django_db
def test_event_keeps_its_facts_and_waits_to_be_read() -> None:
    outbox.write(topic="call-opened", key="7", by="owner")

    event = Event.objects.get()
    assert (event.topic, event.key, event.facts, event.read_at) == (
        "call-opened",
        "7",
        {"by": "owner"},
        None,
    )


@pytest.mark.django_db
def test_event_goes_with_the_transaction_that_failed() -> None:
    with transaction.atomic():
        outbox.write(topic="call-opened", key="7")
        transaction.set_rollback(True)

    assert not Event.objects.exists()
