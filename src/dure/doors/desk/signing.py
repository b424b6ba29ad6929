"""Signing in by allauth, with what differs here: by invitation only, and mails by the worker."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ResetPasswordKeyForm, default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from dure.errors import Unknown
from dure.people.accounts import prove_address, read_email
from dure.people.arrivals import origins
from dure.people.models import Account
from dure.reach.jobs import mail_text_later

# What a passkey is called that was made on a call's page, without signing in.
PHONE = "phone"


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """With `DURE_PROXIES` their word is taken; without it, a proxy's if there is HTTPS."""
        named = origins.address_of_meta(request.META) if settings.PROXIES else None
        return named or str(super().get_client_ip(request))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        message = self.render_mail(template_prefix, email, {"request": self.request, **context})
        mail_text_later(to=email, subject=str(message.subject), body=str(message.body))


def reset_path(email: str) -> str:
    """Where the owner of an account sets a new password; good once."""
    account = Account.objects.filter(email=read_email(email)).first()
    if account is None:
        raise Unknown("There is no account with the address {email!r}.", email=email)
    key = default_token_generator.make_token(account)
    return reverse("account_reset_password_from_key", args=[user_pk_to_url_str(account), key])


class ResetForm(ResetPasswordKeyForm):  # type: ignore[misc]
    """Whoever has the link of the mail has the address."""

    def save(self) -> None:
        super().save()
        prove_address(self.user)


class _Guarded:
    """What a browser sends may be anything, and the library raises anything for it."""

    def clean_credential(self) -> Authenticator:
        try:
            found: Authenticator = super().clean_credential()  # type: ignore[misc]
        except ValidationError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError):
            raise ValidationError(_("The passkey was not accepted. Please try again.")) from None
        return found


class _NoPhones(_Guarded):
    """A passkey made with a contributor's cookie alone never opens the desk."""

    def clean_credential(self) -> Authenticator:
        found = super().clean_credential()
        if found.wrap().name == PHONE:
            raise ValidationError(
                _("This passkey keeps answers on a phone. Sign in with your password first.")
            )
        return found


class PasskeyForm(_NoPhones, LoginWebAuthnForm):  # type: ignore[misc]
    pass


class AgainPasskeyForm(_NoPhones, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class SecondPasskeyForm(_Guarded, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """After the password any passkey of the account will do."""


class NewPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    def clean_name(self) -> str:
        name: str = super().clean_name()
        return name if name != PHONE else name.title()

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError):
            raise ValidationError(_("The passkey was not accepted. Please try again.")) from None
        return cleaned
