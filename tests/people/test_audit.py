from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from dure.people import audit
from dure.people.models import AuditEntry
from tests.factories import make_organisation


def test_an_entry_says_who_did_what_to_what(db: None) -> None:
    organisation = make_organisation()

    audit.record(organisation=organisation, by="token:1", action="open call", thing="call:2", n=3)

    entry = AuditEntry.objects.values("organisation_id", "by", "action", "thing", "facts").get()
    assert entry == {
        "organisation_id": organisation.pk,
        "by": "token:1",
        "action": "open call",
        "thing": "call:2",
        "facts": {"n": 3},
    }


def test_an_entry_is_never_changed_or_deleted(db: None) -> None:
    entry = audit.record(organisation=make_organisation(), by="a", action="b", thing="c")

    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.update(by="eve")
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.delete()
