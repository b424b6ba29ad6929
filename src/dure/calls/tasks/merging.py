"""One person by two keys: their work is counted as one person's."""

from __future__ import annotations

from django.db import connection, transaction


def merge_persons(*, person_id: int, into_id: int) -> bool:
    """Point one person to the other; False if they were one already.

    Where both had answered a task, the earlier answer that counts stays and the other is kept,
    marked as superseded.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select tasks_merge_persons(%s, %s)", [person_id, into_id])
        return bool(cursor.fetchone()[0])
