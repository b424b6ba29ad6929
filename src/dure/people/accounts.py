"""Accounts: found or made by an address that was proved, or without one for a passkey."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from dure.errors import Invalid
from dure.people.models import Account

EMAIL_LETTERS_MAX = 254


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
    """The account of an address, whose owner has just proved that it is theirs."""
    found = Account.objects.filter(email=email).first()
    return found or Account.objects.create_user(email)
