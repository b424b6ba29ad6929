"""Organisations: who opens calls, and who owns them."""

from __future__ import annotations

import re
import secrets
from enum import StrEnum

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from dure.clock import now
from dure.errors import Invalid, Refusal, Unknown
from dure.people import audit
from dure.people.accounts import read_email
from dure.people.models import Account, Membership, Organisation, Role

SLUG_FORM = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLUG_LETTERS_MAX = 60
NAME_LETTERS_MAX = 120
ABOUT_LETTERS_MAX = 2000
# The organisation that `dure demo` makes; it belongs to whoever runs the installation.
DEMO = "demo"
# Where a page for everybody stands at the desk, no organisation's pages can stand.
RESERVED = frozenset({"account", "new-organisation", "welcome"})


class Fault(StrEnum):
    MALFORMED = "malformed"
    RESERVED = "reserved"
    TAKEN = "taken"


class SlugTaken(Refusal):
    """There is another organisation named {slug!r}, with another owner; choose another name."""

    code = "slug-taken"
    status = 409


def create_organisation(*, slug: str, name: str, owner_email: str) -> Organisation:
    """Make an organisation and its owner's account; the one there is, if this owner has it."""
    _check_names(slug=slug, name=name)
    if slug in RESERVED:
        raise Invalid(
            "The short name {slug!r} is a page of the desk itself; choose another name.", slug=slug
        )
    email = read_email(owner_email)
    try:
        with transaction.atomic():
            return _create(slug=slug, name=name.strip(), email=email)
    except IntegrityError:
        # The same command ran before, or is running beside us.
        return _find_owned(slug=slug, email=email)


def change_organisation(*, organisation: Organisation, name: str, about: str, by: str) -> None:
    """Its name and what its public page says of it."""
    _check_names(slug=organisation.slug, name=name)
    if len(about) > ABOUT_LETTERS_MAX or "\0" in about:
        raise Invalid(
            "What is said about an organisation has at most {most} letters.", most=ABOUT_LETTERS_MAX
        )
    with transaction.atomic():
        changed = Organisation.objects.filter(pk=organisation.pk).exclude(
            name=name.strip(), about=about.strip()
        )
        if changed.update(name=name.strip(), about=about.strip()):
            audit.record(
                organisation=organisation,
                by=by,
                action="change organisation",
                thing=f"organisation:{organisation.pk}",
            )


def find_fault(slug: str) -> Fault | None:
    """What keeps a new organisation from having this short name."""
    if not SLUG_FORM.fullmatch(slug) or len(slug) > SLUG_LETTERS_MAX:
        return Fault.MALFORMED
    # Of the demo's calls a simulated crowd may answer.
    if slug in RESERVED or slug == DEMO:
        return Fault.RESERVED
    return Fault.TAKEN if Organisation.objects.filter(slug=slug).exists() else None


def suggest_slug(name: str, *, owner_email: str | None = None) -> str:
    """A short name that nobody has yet, from the letters of a name that an address can hold.

    An organisation of that name that the owner has already keeps its own: a form sent twice makes
    one.
    """
    if owner_email is not None:
        owned = Organisation.objects.filter(
            name=name.strip(), memberships__account__email=owner_email, memberships__role=Role.OWNER
        ).first()
        if owned is not None:
            return owned.slug
    letters = slugify(name)[: SLUG_LETTERS_MAX - 6].strip("-") or "org"
    if letters not in RESERVED and not Organisation.objects.filter(slug=letters).exists():
        return letters
    return f"{letters}-{secrets.token_hex(2)}"


def find_organisation(slug: str) -> Organisation:
    found = Organisation.objects.filter(slug=slug).first()
    if found is None:
        raise Unknown(
            "There is no organisation {slug!r}; make it with `dure org create`.", slug=slug
        )
    return found


def _create(*, slug: str, name: str, email: str) -> Organisation:
    organisation = Organisation.objects.create(slug=slug, name=name, created_at=now())
    account = Account.objects.filter(email=email).first()
    if account is None:
        account = Account.objects.create_user(email)
    Membership.objects.create(
        organisation=organisation, account=account, role=Role.OWNER, since=now()
    )
    audit.record(
        organisation=organisation,
        by=f"account:{account.pk}",
        action="create organisation",
        thing=f"organisation:{organisation.pk}",
        slug=slug,
    )
    return organisation


def _find_owned(*, slug: str, email: str) -> Organisation:
    owned = Organisation.objects.filter(
        slug=slug, memberships__account__email=email, memberships__role=Role.OWNER
    ).first()
    if owned is None:
        raise SlugTaken(slug=slug)
    return owned


def _check_names(*, slug: str, name: str) -> None:
    if not SLUG_FORM.fullmatch(slug) or len(slug) > SLUG_LETTERS_MAX:
        raise Invalid(
            "An organisation's short name has small letters, digits and single hyphens, at most "
            "{most} of them; got {slug!r}.",
            most=SLUG_LETTERS_MAX,
            slug=slug,
        )
    if not 0 < len(name.strip()) <= NAME_LETTERS_MAX or not name.isprintable():
        raise Invalid(
            "An organisation's name has 1 to {most} letters; got {name!r}.",
            most=NAME_LETTERS_MAX,
            name=name,
        )
