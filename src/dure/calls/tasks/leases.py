"""Leases that ran out: ended in the background, so that their tasks come free for others."""

from __future__ import annotations

from django.db import connection

# One transaction holds locks on so many tasks at most; one call of `end_old_leases` makes so many.
ROWS_AT_ONCE = 500
BATCHES_MAX = 20


def end_old_leases() -> int:
    """End what ran out in all calls, in short transactions; what is left waits for the next time.

    Rows that somebody holds are passed over, so a batch that is not full is the last.
    """
    ended = 0
    for _ in range(BATCHES_MAX):
        batch = _end_some()
        ended += batch
        if batch < ROWS_AT_ONCE:
            break
    return ended


def forget_frontiers() -> None:
    """Newcomers look from the first task on again, once."""
    with connection.cursor() as cursor:
        cursor.execute("select collect.forget_frontiers()")


def _end_some() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select collect.end_old_leases_of_all(%s)", [ROWS_AT_ONCE])
        return int(cursor.fetchone()[0])
