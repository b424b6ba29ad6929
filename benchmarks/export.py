"""Exports of a call with a million answers: rows a second, and memory beyond what was there.

200,000 tasks with five answers each by 20,000 people, streamed to nowhere by the functions that
the API, the desk and its background job use. Memory is the process's own (Pss would share),
sampled each 5 ms. Run it by `dure bench export`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

TASKS, EACH, PEOPLE = 200_000, 5, 20_000
SAMPLE_SECONDS = 0.005


def run() -> dict[str, float]:
    """`rows_per_s` and `extra_mb` (10^6 bytes), the worst of all; then for each file."""
    sys.path.insert(0, str(Path(__file__).parent))
    from _crowds import large_call

    with large_call(tasks=TASKS, each=EACH, people=PEOPLE) as (_, call_id):
        from dure.calls.models import Call
        from dure.calls.tasks.exports import stream_export
        from dure.doors.desk.exports import write_form

        call = Call.objects.select_related("organisation").get(pk=call_id)
        figures = {}
        for what, n_rows in (("answers", TASKS * EACH), ("verdicts", TASKS)):
            for form in ("csv", "jsonl", "json", "parquet"):
                seconds, extra = _measure(write_form(stream_export(call, what), form))
                figures[f"rows_per_s_{what}_{form}"] = n_rows / seconds
                figures[f"extra_mb_{what}_{form}"] = extra
    rates = [value for name, value in figures.items() if name.startswith("rows")]
    extras = [value for name, value in figures.items() if name.startswith("extra")]
    return {"rows_per_s": min(rates), "extra_mb": max(extras), **figures}


def _measure(blocks: Iterator[bytes]) -> tuple[float, float]:
    from _memory import extra_bytes

    def drain() -> float:
        started = time.perf_counter()
        for _ in blocks:
            pass
        return time.perf_counter() - started

    extra, seconds = extra_bytes(drain, sample_seconds=SAMPLE_SECONDS)
    return seconds, extra / 1e6
