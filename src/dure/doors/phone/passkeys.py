"""Passkeys: the lock of a phone keeps a person's work, and opens it on their other devices.

The ceremony is allauth's (WebAuthn level 2); these views carry it as JSON, since our pages hold
no inline code. What was asked lies in the session between the two halves.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import orjson
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dure.calls.tasks.merging import find_person, keep_under
from dure.doors.phone.keys import read_key, set_key
from dure.errors import Invalid, NotSignedIn, OutsideScope, Refusal
from dure.nesting import read_json
from dure.people.models import Account

ACCOUNT = "passkey.account"
BODY_BYTES_MAX = 64 * 1024
View = Callable[[HttpRequest], HttpResponse]


def as_json(view: Callable[[HttpRequest], HttpResponse]) -> View:
    """Refusals as JSON with a sentence for people."""

    @require_POST
    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except Refusal as refusal:
            return _reply({"code": refusal.code, "detail": refusal.sentence}, refusal.status)
        except (ValidationError, ValueError, TypeError, KeyError, AttributeError):
            # What a passkey should hold is checked by the library, which raises any of these.
            sentence = _("The passkey was not accepted. Please try again.")
            return _reply({"code": "bad-passkey", "detail": sentence}, 422)

    return answer


@as_json
def begin_keeping(request: HttpRequest) -> HttpResponse:
    """Ask this device for a new passkey, for the account of this browser's person."""
    person = find_person(read_key(request))
    if person is None:
        raise NotSignedIn
    account = person.account or _account_begun(request)
    if account.memberships.exists():
        raise OutsideScope("An organiser's passkey is made at the desk, after signing in.")
    request.session[ACCOUNT] = account.pk
    return _reply(auth.begin_registration(account, passwordless=True))


@as_json
def finish_keeping(request: HttpRequest) -> HttpResponse:
    account = _account_under_way(request)
    if account is None:
        raise Invalid("There is no passkey under way; begin again.")
    credential = _read(request)
    auth.complete_registration(auth.parse_registration_response(credential))
    with transaction.atomic():
        # Named after its place: one made here, without signing in, never opens the desk.
        auth.WebAuthn.add(account, name="phone", credential=credential)
        key = keep_under(account=account, key=read_key(request))
    del request.session[ACCOUNT]
    response = _reply({"kept": True})
    set_key(response, key)
    return response


@as_json
def begin_returning(_request: HttpRequest) -> HttpResponse:
    return _reply(auth.begin_authentication())


@as_json
def finish_returning(request: HttpRequest) -> HttpResponse:
    """Whoever opens their passkey here goes on as the person they are elsewhere."""
    credential = _read(request)
    user = auth.extract_user_from_response(credential)
    auth.complete_authentication(user, auth.parse_authentication_response(credential))
    assert isinstance(user, Account)
    key = keep_under(account=user, key=read_key(request))
    response = _reply({"kept": True})
    set_key(response, key)
    return response


def _account_begun(request: HttpRequest) -> Account:
    """An account for a passkey that is just being made; the same one if it is tried again."""
    begun = _account_under_way(request)
    if begun and not Authenticator.objects.filter(user=begun).exists() and begun.email is None:
        return begun
    return Account.objects.create_user()


def _account_under_way(request: HttpRequest) -> Account | None:
    account_id: int | None = request.session.get(ACCOUNT)
    return Account.objects.filter(pk=account_id).first() if account_id is not None else None


def _read(request: HttpRequest) -> dict[str, Any]:
    if len(request.body) > BODY_BYTES_MAX:
        raise Invalid("A passkey is smaller than that.")
    try:
        body = read_json(request.body)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise Invalid("The body should be a passkey as JSON.")
    return body


def _reply(body: object, status: int = 200) -> HttpResponse:
    response = HttpResponse(orjson.dumps(body), status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response
