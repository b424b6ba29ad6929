"""Claim links: made for a person, used once, and then never again."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db.models import QuerySet

from dure.clock import now
from dure.errors import Refusal, Unknown
from dure.people.models import Claim
from dure.people.tokens import hash_token

PREFIX = "dure_c_"
RANDOM_BYTES = 24
LINK_SECONDS = 30 * 60
MAIL_SECONDS = 7 * 24 * 3600
MAILS_MAX = 3
LINKS_MAX = 30
HOUR_SECONDS = 3600


class ClaimOver(Unknown):
    """This link was used already, or its time is over; make a new one on the other device."""

    code = "claim-over"


class TooManyMails(Refusal):
    """Three mails an hour are the most; please wait a while."""

    code = "too-many-mails"
    status = 429


class TooManyLinks(Refusal):
    """Thirty links an hour are the most; please wait a while."""

    code = "too-many-links"
    status = 429


def make_claim(*, person_id: int) -> str:
    """What the link says; it is shown once, to be opened in another browser within half an hour."""
    if _of_the_last_hour().filter(person_id=person_id, email=None).count() >= LINKS_MAX:
        raise TooManyLinks
    token = _new_token()
    Claim.objects.create(
        person_id=person_id,
        hash=hash_token(token),
        created_at=now(),
        until=now() + timedelta(seconds=LINK_SECONDS),
    )
    return token


def ask_for_mail(*, person_id: int, email: str) -> Claim:
    """A claim that waits to be mailed; what its link will say is made when the mail is."""
    recent = _of_the_last_hour().exclude(email=None)
    if (
        recent.filter(person_id=person_id).count() >= MAILS_MAX
        or recent.filter(email=email).count() >= MAILS_MAX
    ):
        raise TooManyMails
    return Claim.objects.create(
        person_id=person_id,
        email=email,
        created_at=now(),
        until=now() + timedelta(seconds=MAIL_SECONDS),
    )


def seal_claim(claim: Claim) -> str:
    """What the mailed link says, made at the moment of sending so that it is stored nowhere."""
    token = _new_token()
    claim.hash = hash_token(token)
    claim.save(update_fields=["hash"])
    return token


def find_claim(token: str) -> Claim:
    """A claim that may still be used."""
    claim = Claim.objects.filter(hash=hash_token(token)).first()
    if claim is None or claim.used_at is not None or claim.until <= now():
        raise ClaimOver
    return claim


def _of_the_last_hour() -> QuerySet[Claim]:
    return Claim.objects.filter(created_at__gt=now() - timedelta(seconds=HOUR_SECONDS))


def _new_token() -> str:
    return PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
