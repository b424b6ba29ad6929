"""Invitations: the only way to become a member, and the link by which all begins."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from dure.clock import now
from dure.errors import Invalid, Unknown, WrongState
from dure.people import audit
from dure.people.accounts import prove_address, read_email
from dure.people.models import Account, Invitation, Membership, Organisation, Role
from dure.people.organisations import DEMO, create_organisation
from dure.people.tokens import hash_token

PREFIX = "dure_i_"
RANDOM_BYTES = 24
LETTERS_MAX = 200
DAYS = 7
OPEN_MAX = 200


class InvitationOver(Unknown):
    """This invitation was used, taken back, or its time has passed; ask for a new one."""

    code = "invitation-over"


class TooManyInvitations(WrongState):
    """There are {most} open invitations already; take some back first."""

    code = "too-many-invitations"


def invite(
    *, organisation: Organisation, role: str, by: str, email: str | None = None
) -> Invitation:
    """An invitation without its link yet: `seal_invitation` gives that, once."""
    if role not in Role.values:
        raise Invalid("A role is {known}; got {role!r}.", known=" or ".join(Role.values), role=role)
    address = read_email(email) if email else None
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        if open_invitations(organisation).count() >= OPEN_MAX:
            raise TooManyInvitations(most=OPEN_MAX)
        made = Invitation.objects.create(
            organisation=organisation,
            role=role,
            email=address,
            by=by,
            created_at=now(),
            until=now() + timedelta(days=DAYS),
        )
        audit.record(
            organisation=organisation,
            by=by,
            action="invite",
            thing=f"invitation:{made.pk}",
            role=role,
        )
    return made


def seal_invitation(invitation: Invitation) -> str:
    """A new secret for its link; an earlier one opens nothing any more."""
    raw = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    Invitation.objects.filter(pk=invitation.pk, used_at=None).update(hash=hash_token(raw))
    return raw


def make_owner_link() -> str | None:
    """The secret of a new installation's link; None once somebody can sign in as an owner."""
    with transaction.atomic():
        if Account.objects.filter(last_login__isnull=False, memberships__isnull=False).exists():
            return None
        if Invitation.objects.filter(organisation=None, used_at__isnull=False).exists():
            return None
        made = Invitation.objects.create(
            organisation=None,
            role=Role.OWNER,
            by="operator",
            created_at=now(),
            until=now() + timedelta(days=DAYS),
        )
    return seal_invitation(made)


def open_invitations(organisation: Organisation) -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        organisation=organisation, used_at=None, revoked_at=None, until__gt=now()
    ).order_by("pk")


def find_invitation(raw: str) -> Invitation:
    """The invitation behind a link, as long as it opens something."""
    found = (
        Invitation.objects.select_related("organisation").filter(_is_open(raw)).first()
        if len(raw) <= LETTERS_MAX
        else None
    )
    if found is None:
        raise InvitationOver
    return found


def accept_invitation(*, raw: str, account: Account, name: str = "", slug: str = "") -> str:
    """Become a member; gives the organisation's slug.

    The owner's link makes an organisation of that name, and its user an owner of the demo's too, as
    long as nobody who can sign in owns that.
    """
    with transaction.atomic():
        # Locked, so that of two browsers that open one link one comes too late.
        invitation = Invitation.objects.select_for_update().filter(_is_open(raw)).first()
        if invitation is None:
            raise InvitationOver
        if invitation.email and invitation.email == account.email:
            prove_address(account)
        if invitation.organisation is None:
            organisation = _own_installation(account, name=name, slug=slug)
            # Each start of the server made a link of its own; one owner is enough.
            others = Invitation.objects.filter(organisation=None, used_at=None, revoked_at=None)
            others.exclude(pk=invitation.pk).update(revoked_at=now())
        else:
            organisation = invitation.organisation
            _join(organisation, account, role=invitation.role)
        invitation.used_at, invitation.used_by = now(), account
        invitation.save(update_fields=["used_at", "used_by"])
    return organisation.slug


def revoke_invitation(*, organisation: Organisation, invitation_id: int, by: str) -> None:
    with transaction.atomic():
        is_first = open_invitations(organisation).filter(pk=invitation_id).update(revoked_at=now())
        if is_first:
            audit.record(
                organisation=organisation,
                by=by,
                action="take back invitation",
                thing=f"invitation:{invitation_id}",
            )


def _is_open(raw: str) -> Q:
    return Q(hash=hash_token(raw), used_at=None, revoked_at=None, until__gt=now())


def _own_installation(account: Account, *, name: str, slug: str) -> Organisation:
    # Any other organisation was made for somebody, who has yet to come.
    demo = Organisation.objects.filter(slug=DEMO)
    for orphan in demo.exclude(memberships__account__last_login__isnull=False):
        _join(orphan, account, role=Role.OWNER)
    assert account.email is not None, "whoever accepts has an address"
    made = create_organisation(slug=slug, name=name, owner_email=account.email)
    # Whoever runs the installation may make more organisations.
    Account.objects.filter(pk=account.pk).update(is_staff=True)
    return made


def _join(organisation: Organisation, account: Account, *, role: str) -> None:
    _, is_new = Membership.objects.get_or_create(
        organisation=organisation, account=account, defaults={"role": role, "since": now()}
    )
    if is_new:
        audit.record(
            organisation=organisation,
            by=f"account:{account.pk}",
            action="join",
            thing=f"account:{account.pk}",
            role=role,
        )
