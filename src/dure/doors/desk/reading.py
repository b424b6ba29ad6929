"""Reading what a form or an address says; what makes no sense is as if it was not there."""

from __future__ import annotations

from dure.calls.queries import ID_MAX


def read_id(text: str | None) -> int | None:
    """A row's number, or None."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    number = int(text)
    return number if 0 < number <= ID_MAX else None
