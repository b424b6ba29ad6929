"""E-mail, by the server that the operator named."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage


def can_mail() -> bool:
    """Whether the operator named a mail server at all."""
    return bool(settings.EMAIL_HOST)


def send_mail(*, to: str, subject: str, body: str) -> None:
    # Its subject is one line of ours, and the address was checked; Django refuses line breaks.
    EmailMessage(subject=subject, body=body, to=[to]).send()
