"""Reading the answering side in sums, for pages and the API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Sum

from dure.calls.tasks.models import Tally

COUNTS = ("tasks", "counted", "skipped", "late")


def count_work(call_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """For each call how many tasks it has, and how many answers of each sort came."""
    ids = list(call_ids)
    sums: dict[str, Any] = {f"n_{name}": Sum(name) for name in COUNTS}
    found = Tally.objects.filter(call_id__in=ids).values("call_id").annotate(**sums)
    counts = {call_id: dict.fromkeys(COUNTS, 0) for call_id in ids}
    for call_id, *row in found.values_list("call_id", *sums):
        counts[call_id] = dict(zip(COUNTS, row, strict=True))
    return counts


def count_answers_of(*, call_id: int, pseudonym: str) -> int:
    """How many tasks of a call the person behind a pseudonym has answered or skipped."""
    with connection.cursor() as cursor:
        cursor.execute("select tasks_done_by(%s, %s)", [call_id, pseudonym])
        return int(cursor.fetchone()[0])
