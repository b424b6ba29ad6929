"""Mails go out in the background, and are tried again while their server is away."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

RETRY = RetryStrategy(max_attempts=8, exponential_wait=4)


@app.task(name="mail_claim", retry=RETRY)
def mail_claim(*, claim_id: int, language: str, address: str) -> None:
    from dure.reach import claims  # noqa: PLC0415  app ready

    claims.mail_claim(claim_id=claim_id, language=language, address=address)


@app.task(name="mail_invitation", retry=RETRY)
def mail_invitation(*, invitation_id: int, language: str, address: str) -> None:
    from dure.reach import invitations  # noqa: PLC0415  app ready

    invitations.mail_invitation(invitation_id=invitation_id, language=language, address=address)


@app.task(name="mail_text", retry=RETRY)
def mail_text(*, to: str, subject: str, body: str) -> None:
    from dure.reach.channels.email import send_mail  # noqa: PLC0415  app ready

    send_mail(to=to, subject=subject, body=body)


def mail_invitation_later(*, invitation_id: int, language: str, address: str) -> None:
    app.configure_task("mail_invitation").defer(
        invitation_id=invitation_id, language=language, address=address
    )


def mail_text_later(*, to: str, subject: str, body: str) -> None:
    app.configure_task("mail_text").defer(to=to, subject=subject, body=body)


def mail_claim_later(*, claim_id: int, language: str, address: str) -> None:
    """Queued in the caller's transaction: there is no claim without its mail, nor the reverse."""
    app.configure_task("mail_claim").defer(claim_id=claim_id, language=language, address=address)
