"""The desk's pages on a call with a million tasks and five million answers.

By Django's test client in this process, signed in as the owner, on the embedded PostgreSQL: the
whole way from the request to the rendered page, without the network. Twenty requests of each page
after three to warm up. Run it by `dure bench desk`; it fills about 3 GB for some minutes.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import time
from pathlib import Path

TASKS = int(os.environ.get("DURE_BENCH_TASKS", "1000000"))
EACH, PEOPLE = 5, 50_000
WARM, TIMES = 3, 20
MILLISECONDS = 1000


def run() -> dict[str, float]:
    """`p95_ms`, the worst of all pages; then p50 and p95 of each page, milliseconds."""
    sys.path.insert(0, str(Path(__file__).parent))
    from _crowds import large_call

    with large_call(tasks=TASKS, each=EACH, people=PEOPLE) as (organisation, call_id):
        from django.test import Client

        from dure.calls.tasks.models import Task
        from dure.people.models import Account

        client = Client()
        client.force_login(Account.objects.get(email="bench@example.org"))
        root = f"/desk/{organisation.slug}/calls/{call_id}"
        middle = Task.objects.filter(call_id=call_id, key=f"task-{TASKS // 2}").get()
        pages = {
            "calls": f"/desk/{organisation.slug}/",
            "board": f"{root}/",
            "tasks": f"{root}/tasks",
            "tasks_deep": f"{root}/tasks?after={middle.id}",
            "tasks_disputed": f"{root}/tasks?state=disputed",
            "tasks_disputed_deep": f"{root}/tasks?state=disputed&after={middle.id}",
            "tasks_unsure": f"{root}/tasks?below=60",
            "tasks_unsure_open": f"{root}/tasks?below=95&state=open",
            "tasks_key": f"{root}/tasks?words=task-{TASKS // 2}",
            "tasks_common_word": f"{root}/tasks?words=gulls",
            "tasks_words_state": f"{root}/tasks?words=gulls&state=disputed",
            "tasks_no_match": f"{root}/tasks?words=pelican",
            "task": f"{root}/tasks/{middle.id}",
            "exports": f"{root}/exports",
            "share": f"{root}/share",
            "front": "/",
            "about": "/c/large/about",
        }
        figures = {}
        for name, path in pages.items():
            taken = _time(client, path)
            figures[f"p50_ms_{name}"] = statistics.median(taken)
            figures[f"p95_ms_{name}"] = statistics.quantiles(taken, n=20)[-1]
    worst = max(value for name, value in figures.items() if name.startswith("p95"))
    return {"p95_ms": worst, **figures}


def _time(client: object, path: str) -> list[float]:
    taken = []
    for _ in range(WARM + TIMES):
        started = time.perf_counter()
        response = client.get(path)  # type: ignore[attr-defined]
        taken.append((time.perf_counter() - started) * MILLISECONDS)
        assert response.status_code == 200, (path, response.status_code)
        assert re.search(rb"</html>", response.content), path
    return taken[WARM:]
