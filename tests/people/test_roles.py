"""Roles: what each may do, and that an organisation never loses its last owner."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from dure.clock import now
from dure.errors import Invalid, Unknown
from dure.people import roles
from dure.people.models import Account, AuditEntry, Membership, Organisation, Role
from dure.people.roles import LastOwner, Right
from tests.factories import make_organisation


def join(organisation: Organisation, name: str, role: str) -> Membership:
    account = Account.objects.create_user(f"{name}@example.org")
    return Membership.objects.create(
        organisation=organisation, account=account, role=role, since=now()
    )


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        (Role.OWNER, {Right.READ, Right.EDIT, Right.MONEY, Right.MANAGE}),
        (Role.EDITOR, {Right.READ, Right.EDIT}),
        (Role.TREASURER, {Right.READ, Right.MONEY}),
        (Role.READER, {Right.READ}),
    ],
)
def test_each_role_has_its_rights_and_no_more(role: str, rights: set[Right]) -> None:
    assert {right for right in Right if roles.has_right(Membership(role=role), right)} == rights


@pytest.mark.django_db
def test_membership_of_another_organisation_is_unknown() -> None:
    mine, other = make_organisation(), make_organisation()
    account = join(mine, "ada", Role.OWNER).account

    assert roles.find_membership(account=account, slug=mine.slug).organisation == mine
    with pytest.raises(Unknown):
        roles.find_membership(account=account, slug=other.slug)


@pytest.mark.django_db
def test_role_is_changed_and_written_down() -> None:
    organisation = make_organisation()
    member = join(organisation, "bo", Role.READER)

    roles.set_role(organisation=organisation, membership_id=member.pk, role="editor", by="x")

    member.refresh_from_db()
    assert member.role == "editor"
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.facts) == ("change role", {"before": "reader", "after": "editor"})


@pytest.mark.django_db
def test_role_that_is_none_is_refused_with_those_there_are() -> None:
    organisation = make_organisation()
    member = join(organisation, "bo", Role.READER)

    with pytest.raises(Invalid) as refused:
        roles.set_role(organisation=organisation, membership_id=member.pk, role="king", by="x")

    assert str(refused.value) == ("A role is owner or editor or treasurer or reader; got 'king'.")


@pytest.mark.django_db
def test_last_owner_stays_and_stays_owner() -> None:
    organisation = make_organisation()
    owner = join(organisation, "ada", Role.OWNER)

    with pytest.raises(LastOwner):
        roles.set_role(organisation=organisation, membership_id=owner.pk, role="reader", by="x")
    with pytest.raises(LastOwner):
        roles.remove_member(organisation=organisation, membership_id=owner.pk, by="x")

    owner.refresh_from_db()
    assert owner.role == Role.OWNER


@pytest.mark.django_db
def test_member_of_another_organisation_is_neither_changed_nor_removed() -> None:
    organisation = make_organisation()
    foreign = join(make_organisation(), "eve", Role.READER)

    for change in (
        lambda: roles.set_role(
            organisation=organisation, membership_id=foreign.pk, role="owner", by="x"
        ),
        lambda: roles.remove_member(organisation=organisation, membership_id=foreign.pk, by="x"),
    ):
        with pytest.raises(Unknown):
            change()

    foreign.refresh_from_db()
    assert foreign.role == Role.READER


@pytest.mark.usefixtures("live_db")
def test_two_owners_who_remove_each_other_at_once_leave_one() -> None:
    organisation = make_organisation()
    owners = [join(organisation, name, Role.OWNER) for name in ("ada", "bo")]
    found: list[Any] = []

    def remove(member: Membership) -> None:
        try:
            roles.remove_member(organisation=organisation, membership_id=member.pk, by="x")
            found.append("removed")
        except LastOwner:
            found.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=(owner,)) for owner in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == ["refused", "removed"]
    assert organisation.memberships.count() == 1
