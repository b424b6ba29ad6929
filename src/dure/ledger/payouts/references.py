"""References of payouts: short enough for a bank's line, with no letter that looks like another."""

from __future__ import annotations

import secrets

from dure.ledger.payouts.models import Payout

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LETTERS_EACH = 8
TRIES_MAX = 10


def draw_references(n: int) -> list[str]:
    """New ones that no payout has; one in a million of a large batch is drawn twice."""
    drawn: set[str] = set()
    for _ in range(TRIES_MAX):
        drawn |= {_draw() for _ in range(n - len(drawn))}
        taken = Payout.objects.filter(reference__in=drawn).values_list("reference", flat=True)
        drawn -= set(taken)
        if len(drawn) == n:
            return sorted(drawn)
    raise RuntimeError(f"{n} references were not found in {TRIES_MAX} tries.")


def _draw() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LETTERS_EACH))
