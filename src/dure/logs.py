"""Wiring: what the log says of requests: short, without secrets, and not over and over."""

from __future__ import annotations

import copy
import logging
import re
import time

from dure.postgres import find_loss

# Whoever asks for nonsense, or for a host that is not ours, may do so a thousand times a second.
# While the database is away, so does everybody.
FOREIGN_HOSTS = "django.security.DisallowedHost"
SELDOM_SECONDS = 60.0
MESSAGE_CHARS_MAX, HOST_CHARS_MAX = 300, 100
# Whoever has the rest of such an address becomes its person; a space in it, or a slash too many
# before it, may have come along when it was copied.
SECRET = re.compile(
    r"(/keep/(?!(?:link|mail|name|pay|passkey/[a-z]+)(?!\S))"
    r"|/desk/welcome/|/account/password/reset/key/).+"
)


class Seldom(logging.Filter):
    """Of requests for a foreign host, and of what meets no database, says one in a while."""

    def __init__(self, *, seconds: float = SELDOM_SECONDS) -> None:
        super().__init__()
        self._seconds = seconds
        # By the logger's name, of which there are few.
        self._said_at: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name != FOREIGN_HOSTS and _loss_of(record) is None:
            return True
        now = time.monotonic()
        if now - self._said_at.get(record.name, -self._seconds) < self._seconds:
            return False
        self._said_at[record.name] = now
        return True


class Brief(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        # Others may get the record, too.
        record = copy.copy(record)
        if hasattr(record, "request"):
            _shorten_request(record)
        if (loss := _loss_of(record)) is not None:
            message = f"{record.getMessage()} (the database is away: {loss}"
            _say_only(record, f"{' '.join(message.split())})")
        return super().format(record)


def _shorten_request(record: logging.LogRecord) -> None:
    message = SECRET.sub(r"\1…", record.getMessage())
    if record.name == FOREIGN_HOSTS:
        host = record.request.META.get("HTTP_HOST", "")[:HOST_CHARS_MAX]  # type: ignore[attr-defined]
        message = f"A request named the host {host!r}, which DURE_HOSTS does not."
    if len(message) > MESSAGE_CHARS_MAX:
        message = f"{message[:MESSAGE_CHARS_MAX]}…"
    record.msg, record.args = message, ()
    # What a visitor did wrong has no place in our code to look for.
    if getattr(record, "status_code", 500) < 500:
        _say_only(record, message)


def _say_only(record: logging.LogRecord, message: str) -> None:
    record.msg, record.args = message, ()
    record.exc_info = record.exc_text = None


def _loss_of(record: logging.LogRecord) -> BaseException | None:
    return find_loss(record.exc_info[1]) if record.exc_info else None
