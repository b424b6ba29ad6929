"""The only source of "now": aware, and UTC until a template shows it."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
