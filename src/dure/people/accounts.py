"""Accounts: found or made by an address that was proved, or without one for a passkey."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from dure.clock import now
from dure.errors import Invalid, WrongState
from dure.people.models import Account

EMAIL_LETTERS_MAX = 254


class AddressUnproved(WrongState):
    """An organiser's account has this address, and has not proved yet that it is theirs."""

    code = "address-unproved"


def read_email(given: str) -> str:
    """An address as it is stored, in small letters; refused with a sentence if it is none."""
    email = given.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid("Expected an e-mail address; got {given!r:.80}.", given=given) from None
    if len(email) > EMAIL_LETTERS_MAX:
        raise Invalid("An e-mail address has at most {most} letters.", most=EMAIL_LETTERS_MAX)
    return email


def account_of(email: str) -> Account:
    """The account of an address, whose owner has just proved that it is theirs.

    Refused if somebody else may hold the account: one that only says it has this address.
    """
    found = Account.objects.filter(email=email).first()
    if found is None:
        return Account.objects.create_user(email, proved_at=now())
    if found.proved_at is None:
        raise AddressUnproved
    return found


def prove_address(account: Account) -> None:
    """Whoever signs in to the account has opened a mail that was sent to its address."""
    Account.objects.filter(pk=account.pk, proved_at=None).update(proved_at=now())
