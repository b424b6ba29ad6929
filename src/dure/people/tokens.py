"""Keys to an organisation's API: shown once, kept as hashes."""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction

from dure.clock import now
from dure.errors import Invalid, NotSignedIn
from dure.people import audit
from dure.people.models import ApiToken, Organisation, Scope

PREFIX = "dure_o_"
RANDOM_BYTES = 32
LETTERS_MAX = 200


class BadToken(NotSignedIn):
    """This token is unknown or was revoked; make a new one with `dure token create`."""


def create_token(*, organisation: Organisation, scope: str, by: str = "operator") -> str:
    """Make a token and give it back, this once; only its hash is stored."""
    if scope not in Scope.values:
        raise Invalid(
            "A token's scope is {known}; got {scope!r}.",
            known=" or ".join(map(repr, Scope.values)),
            scope=scope,
        )
    raw = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    with transaction.atomic():
        token = ApiToken.objects.create(
            organisation=organisation, hash=hash_token(raw), scope=scope, created_at=now()
        )
        audit.record(
            organisation=organisation,
            by=by,
            action="create token",
            thing=f"token:{token.pk}",
            scope=scope,
        )
    return raw


def read_token(raw: str) -> ApiToken:
    """The token behind what was sent; refused if it is unknown or revoked."""
    token = (
        ApiToken.objects.select_related("organisation")
        .filter(hash=hash_token(raw), revoked_at=None)
        .first()
        if len(raw) <= LETTERS_MAX
        else None
    )
    if token is None:
        raise BadToken
    return token


def revoke_token(*, token: ApiToken, by: str = "operator") -> None:
    """From now on the token opens nothing; doing it again changes nothing."""
    with transaction.atomic():
        is_first = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now())
        if is_first:
            audit.record(
                organisation=token.organisation,
                by=by,
                action="revoke token",
                thing=f"token:{token.pk}",
            )


def hash_token(raw: str) -> bytes:
    return hashlib.sha256(raw.encode("utf-8", "surrogatepass")).digest()
