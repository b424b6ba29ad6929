"""Mails go out in the background, and are tried again while their server is away."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

RETRY = RetryStrategy(max_attempts=8, exponential_wait=4)


@app.task(name="mail_claim", retry=RETRY)
def mail_claim(*, claim_id: int, language: str, address: str) -> None:
    from dure.reach import claims  # noqa: PLC0415  app ready

    claims.mail_claim(claim_id=claim_id, language=language, address=address)


def mail_claim_later(*, claim_id: int, language: str, address: str) -> None:
    """Queued in the caller's transaction: there is no claim without its mail, nor the reverse."""
    app.configure_task("mail_claim").defer(claim_id=claim_id, language=language, address=address)
