"""Invitations are good once, for one organisation and role, for a while."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from dure.clock import now
from dure.errors import Invalid
from dure.people import inviting
from dure.people.inviting import InvitationOver
from dure.people.models import Account, Invitation, Membership
from tests.factories import make_organisation


def make_account(name: str = "bo", **fields: object) -> Account:
    return Account.objects.create_user(f"{name}@example.org", "a quiet green harbour", **fields)


@pytest.mark.django_db
def test_invited_person_gets_the_role_once() -> None:
    organisation = make_organisation()
    raw = inviting.seal_invitation(
        inviting.invite(organisation=organisation, role="editor", by="x")
    )
    account = make_account()

    slug = inviting.accept_invitation(raw=raw, account=account)

    assert slug == organisation.slug
    assert Membership.objects.get().role == "editor"
    with pytest.raises(InvitationOver):
        inviting.accept_invitation(raw=raw, account=make_account("eve"))
    assert raw.encode() not in bytes(Invitation.objects.get().hash or b"")


@pytest.mark.django_db
@pytest.mark.parametrize("fate", ["expired", "taken back", "sealed anew", "never was"])
def test_invitation_that_is_over_opens_nothing(fate: str) -> None:
    organisation = make_organisation()
    made = inviting.invite(organisation=organisation, role="reader", by="x")
    raw = inviting.seal_invitation(made)
    if fate == "expired":
        Invitation.objects.update(until=now() - timedelta(seconds=1))
    elif fate == "taken back":
        inviting.revoke_invitation(organisation=organisation, invitation_id=made.pk, by="x")
    elif fate == "sealed anew":
        inviting.seal_invitation(made)
    else:
        raw = "dure_i_" + "x" * 500

    with pytest.raises(InvitationOver):
        inviting.find_invitation(raw)
    with pytest.raises(InvitationOver):
        inviting.accept_invitation(raw=raw, account=make_account())

    assert Membership.objects.count() == 0


@pytest.mark.django_db
def test_mailed_invitation_proves_the_address_and_a_passed_on_one_does_not() -> None:
    organisation = make_organisation()
    for email in ("bo@example.org", None):
        account = make_account("bo" if email else "cy")
        made = inviting.invite(organisation=organisation, role="reader", by="x", email=email)
        inviting.accept_invitation(raw=inviting.seal_invitation(made), account=account)

    proved = dict(Account.objects.values_list("email", "proved_at"))
    assert proved["bo@example.org"] is not None
    assert proved["cy@example.org"] is None


@pytest.mark.django_db
def test_another_organisations_invitation_is_not_taken_back() -> None:
    made = inviting.invite(organisation=make_organisation(), role="reader", by="x")

    inviting.revoke_invitation(organisation=make_organisation(), invitation_id=made.pk, by="x")

    made.refresh_from_db()
    assert made.revoked_at is None


@pytest.mark.django_db
def test_bad_role_and_bad_address_are_refused() -> None:
    organisation = make_organisation()

    for fields in ({"role": "king"}, {"role": "reader", "email": "nowhere"}):
        with pytest.raises(Invalid):
            inviting.invite(organisation=organisation, by="x", **fields)

    assert Invitation.objects.count() == 0


@pytest.mark.django_db
def test_owners_link_makes_an_organisation_and_owns_the_demo_but_no_other() -> None:
    demo, _other = make_organisation("demo"), make_organisation()
    first, second = inviting.make_owner_link(), inviting.make_owner_link()
    assert first is not None
    assert second is not None
    account = make_account()

    slug = inviting.accept_invitation(raw=first, account=account, name="Bakery", slug="bakery")

    owned = Membership.objects.filter(account=account, role="owner")
    assert set(owned.values_list("organisation__slug", flat=True)) == {slug, demo.slug}
    account.refresh_from_db()
    assert account.is_staff
    assert inviting.make_owner_link() is None
    with pytest.raises(InvitationOver):
        inviting.find_invitation(second)


@pytest.mark.usefixtures("live_db")
def test_two_who_open_one_link_at_once_use_it_once() -> None:
    organisation = make_organisation()
    raw = inviting.seal_invitation(
        inviting.invite(organisation=organisation, role="reader", by="x")
    )
    accounts = [make_account(name) for name in "abcd"]
    found = []

    def accept(account: Account) -> None:
        try:
            inviting.accept_invitation(raw=raw, account=account)
            found.append("joined")
        except InvitationOver:
            found.append("over")
        finally:
            connection.close()

    threads = [threading.Thread(target=accept, args=(account,)) for account in accounts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == ["joined", "over", "over", "over"]
    assert Membership.objects.count() == 1
