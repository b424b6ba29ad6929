"""Note what stands in busy accounts, so that a balance is not summed from the beginning."""

from __future__ import annotations

from django.db import connection, transaction

# Summing so many entries takes about as long as finding them.
ENTRIES_MIN = 1_000


@transaction.atomic
def checkpoint_accounts(*, entries_min: int = ENTRIES_MIN) -> int:
    """Note each account that got more entries than this since it was noted; how many were."""
    with connection.cursor() as cursor:
        cursor.execute("select ledger_checkpoint_accounts(%s)", [entries_min])
        [written] = cursor.fetchone()
    return int(written)
