"""Wiring: what the log says of requests: short, without secrets, and not over and over."""

from __future__ import annotations

import copy
import logging
import re
import time

import psycopg

# Whoever asks for nonsense, or for a host that is not ours, may do so a thousand times a second.
FOREIGN_HOSTS = "django.security.DisallowedHost"
FOREIGN_HOST_SECONDS = 60.0
MESSAGE_CHARS_MAX, HOST_CHARS_MAX = 300, 100
# Whoever has the rest of such an address becomes its person; a space in it, or a slash too many
# before it, may have come along when it was copied.
SECRET = re.compile(
    r"(/keep/(?!(?:link|mail|name|pay|passkey/[a-z]+)(?!\S))"
    r"|/desk/welcome/|/account/password/reset/key/).+"
)
# Classes of SQLSTATE: the connection is lost; somebody is stopping or starting the server.
AWAY = ("08", "57P")


class Seldom(logging.Filter):
    """Of requests for a host that is not ours, says one in a while."""

    def __init__(self, *, seconds: float = FOREIGN_HOST_SECONDS) -> None:
        super().__init__()
        self._seconds = seconds
        self._said_at = -seconds

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name != FOREIGN_HOSTS:
            return True
        now = time.monotonic()
        if now - self._said_at < self._seconds:
            return False
        self._said_at = now
        return True


class Brief(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        # Others may get the record, too.
        record = copy.copy(record)
        if hasattr(record, "request"):
            _shorten_request(record)
        lost = _find_loss(record.exc_info[1]) if record.exc_info else None
        if lost is not None:
            message = f"{record.getMessage()} (the database is away: {lost}"
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


def _find_loss(error: BaseException | None) -> psycopg.Error | None:
    """That the database is away, if this is where the error comes from."""
    while error is not None:
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            is_away = error.sqlstate is None or error.sqlstate.startswith(AWAY)
            return error if is_away else None
        error = error.__cause__
    return None
