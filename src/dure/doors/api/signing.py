"""Who is asking: an organisation's token, and how far it reaches."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.security import HttpBearer

from dure.calls.tasks.answers import KEY_PREFIX
from dure.errors import NotSignedIn, OutsideScope
from dure.people.models import ApiToken, Organisation, Scope
from dure.people.tokens import read_token

READING = ("GET", "HEAD")


class OrganiserToken(HttpBearer):
    """A token of `dure token create`; one of scope read may only read."""

    def __call__(self, request: HttpRequest) -> ApiToken:
        kind, _, raw = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != self.openapi_scheme or not raw.strip():
            raise NotSignedIn(
                "This needs an organisation's token; send `Authorization: Bearer dure_o_…`."
            )
        return self.authenticate(request, raw.strip())

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:
        if token.startswith(KEY_PREFIX):
            raise OutsideScope(
                "This is a contributor's key; the organisers' API needs an organisation's token."
            )
        found = read_token(token)
        if found.scope != Scope.ORGANISE and request.method not in READING:
            raise OutsideScope("This token may only read; use one of scope 'organise' to change.")
        return found


def token_of(request: HttpRequest) -> ApiToken:
    token = getattr(request, "auth", None)
    assert isinstance(token, ApiToken), "the router has no auth"
    return token


def organisation_of(request: HttpRequest) -> Organisation:
    return token_of(request).organisation


def name_of(request: HttpRequest) -> str:
    """How the audit log names who did it."""
    return f"token:{token_of(request).pk}"
