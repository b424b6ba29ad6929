"""What members change about their signing in, for the history; allauth tells of it by signals."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as of_accounts
from allauth.mfa import signals as of_factors
from allauth.mfa.models import Authenticator
from django.dispatch import Signal

from dure.people import audit
from dure.people.models import Account

PASSWORD_DEEDS = (
    (of_accounts.password_changed, "change password"),
    (of_accounts.password_set, "set password"),
    (of_accounts.password_reset, "reset password"),
)
FACTOR_DEEDS = {
    (of_factors.authenticator_added, Authenticator.Type.WEBAUTHN): "add passkey",
    (of_factors.authenticator_removed, Authenticator.Type.WEBAUTHN): "remove passkey",
    (of_factors.authenticator_added, Authenticator.Type.TOTP): "add authenticator app",
    (of_factors.authenticator_removed, Authenticator.Type.TOTP): "remove authenticator app",
    (of_factors.authenticator_added, Authenticator.Type.RECOVERY_CODES): "make recovery codes",
    (of_factors.authenticator_reset, Authenticator.Type.RECOVERY_CODES): "make recovery codes",
    (of_factors.authenticator_removed, Authenticator.Type.RECOVERY_CODES): "remove recovery codes",
}
ACTIONS = {*(action for _, action in PASSWORD_DEEDS), *FACTOR_DEEDS.values()}


def listen() -> None:
    for signal, _action in PASSWORD_DEEDS:
        signal.connect(_note_password, dispatch_uid="dure-history")
    for signal in {signal for signal, _ in FACTOR_DEEDS}:
        signal.connect(_note_factor, dispatch_uid="dure-history")


def _note_password(*, signal: Signal, user: Account, **_: Any) -> None:
    action = dict(PASSWORD_DEEDS)[signal]
    audit.record_own(account=user, action=action)


def _note_factor(*, signal: Signal, user: Account, authenticator: Authenticator, **_: Any) -> None:
    action = FACTOR_DEEDS[signal, Authenticator.Type(authenticator.type)]
    audit.record_own(account=user, action=action)
