from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from dure import clock
from dure.people import audit
from dure.people.models import Account, AuditEntry, Membership
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


def test_a_change_that_goes_on_is_said_once_in_ten_minutes(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    organisation = make_organisation()
    start = clock.now()

    def change(minutes: float, *changed: str, by: str = "a", thing: str = "call:1") -> None:
        monkeypatch.setattr(audit, "now", lambda: start + timedelta(minutes=minutes))
        audit.record_change(organisation=organisation, by=by, action="change call", thing=thing,
                            changed=changed)  # fmt: skip

    change(0, "title")
    change(1, "title")
    change(2, "title", "brief")
    change(3, "brief")
    change(4, "title", by="b")
    change(5, "title", thing="call:2")
    change(9.9, "title")
    change(13, "title")

    said = AuditEntry.objects.order_by("pk").values_list("by", "thing", "facts__changed")
    assert list(said) == [
        ("a", "call:1", ["title"]),
        ("a", "call:1", ["brief", "title"]),
        ("b", "call:1", ["title"]),
        ("a", "call:2", ["title"]),
        ("a", "call:1", ["title"]),
    ]
    assert AuditEntry.objects.last().at == start + timedelta(minutes=13)  # type: ignore[union-attr]


def test_what_a_member_does_to_their_account_is_told_in_each_of_their_organisations(
    db: None,
) -> None:
    account = Account.objects.create_user("bo@example.org")
    mine = [make_organisation() for _ in range(2)]
    make_organisation()
    for organisation in mine:
        Membership.objects.create(
            organisation=organisation, account=account, role="reader", since=clock.now()
        )

    audit.record_own(account=account, action="change password")

    who = f"account:{account.pk}"
    assert sorted(AuditEntry.objects.values_list("organisation", "by", "action", "thing")) == [
        (one.pk, who, "change password", who) for one in mine
    ]
