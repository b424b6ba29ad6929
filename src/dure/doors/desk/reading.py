"""Reading what a form or an address says; what makes no sense is as if it was not there."""

from __future__ import annotations

from django.http import HttpRequest

from dure.calls.queries import ID_MAX

ONCE_LETTERS_MAX = 60


def read_id(text: str | None) -> int | None:
    """A row's number, or None."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    number = int(text)
    return number if 0 < number <= ID_MAX else None


def read_once(request: HttpRequest) -> str:
    """The key of a form that makes something: a second click is told from a second wish by it."""
    sent = request.POST.get("once", "")[:ONCE_LETTERS_MAX]
    return f"desk {sent}" if sent else ""
