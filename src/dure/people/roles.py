"""Who may do what in an organisation: a role is a set of rights."""

from __future__ import annotations

from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet

from dure.errors import Invalid, Refusal, Unknown, WrongState
from dure.people import audit
from dure.people.models import Account, Membership, Organisation, Role


class Right(StrEnum):
    """READ sees calls and results, EDIT changes calls, MONEY pays, MANAGE says who does what."""

    READ = "read"
    EDIT = "edit"
    MONEY = "money"
    MANAGE = "manage"


RIGHTS_OF: dict[str, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.EDITOR: frozenset({Right.READ, Right.EDIT}),
    Role.TREASURER: frozenset({Right.READ, Right.MONEY}),
    Role.READER: frozenset({Right.READ}),
}


class NotYours(Refusal):
    """Your role in this organisation does not reach that far; ask one of its owners."""

    code = "not-yours"
    status = 403


class LastOwner(WrongState):
    """An organisation keeps at least one owner; make somebody else an owner first."""

    code = "last-owner"


def has_right(membership: Membership, right: Right) -> bool:
    return right in RIGHTS_OF[membership.role]


def memberships_of(account: Account) -> QuerySet[Membership]:
    return (
        Membership.objects.filter(account=account)
        .select_related("organisation")
        .order_by("organisation__name", "pk")
    )


def find_membership(*, account: Account, slug: str) -> Membership:
    """The account's place in an organisation; one of others is as unknown as one that is not."""
    found = memberships_of(account).filter(organisation__slug=slug).first()
    if found is None:
        raise Unknown
    return found


def members_of(organisation: Organisation) -> QuerySet[Membership]:
    return organisation.memberships.select_related("account").order_by("pk")


def set_role(*, organisation: Organisation, membership_id: int, role: str, by: str) -> None:
    if role not in Role.values:
        raise Invalid("A role is {known}; got {role!r}.", known=" or ".join(Role.values), role=role)
    with transaction.atomic():
        membership = _hold(organisation, membership_id)
        if membership.role == role:
            return
        if membership.role == Role.OWNER:
            _keep_an_owner(organisation, without=membership)
        before, membership.role = membership.role, role
        membership.save(update_fields=["role"])
        audit.record(
            organisation=organisation,
            by=by,
            action="change role",
            thing=f"account:{membership.account_id}",
            before=before,
            after=role,
        )


def remove_member(*, organisation: Organisation, membership_id: int, by: str) -> None:
    with transaction.atomic():
        membership = _hold(organisation, membership_id)
        if membership.role == Role.OWNER:
            _keep_an_owner(organisation, without=membership)
        membership.delete()
        audit.record(
            organisation=organisation,
            by=by,
            action="remove member",
            thing=f"account:{membership.account_id}",
            role=membership.role,
        )


def _hold(organisation: Organisation, membership_id: int) -> Membership:
    # Two owners who each remove the other would else both find another owner there.
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    found = Membership.objects.filter(organisation=organisation, pk=membership_id).first()
    if found is None:
        raise Unknown("There is no such member; look at the list again.")
    return found


def _keep_an_owner(organisation: Organisation, *, without: Membership) -> None:
    owners = organisation.memberships.filter(role=Role.OWNER).exclude(pk=without.pk)
    if not owners.exists():
        raise LastOwner
