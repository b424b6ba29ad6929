"""The desk's pages on a call with a million tasks and five million answers.

By Django's test client in this process, signed in as the owner, on the embedded PostgreSQL: the
whole way from the request to the rendered page, without the network. A hundred requests of each
page after three to warm up. The wizard's pages are those of the same call as a draft again, and
"add_tasks" puts 100 more lines into it. Run it by `dure bench desk`; it fills about 3 GB for some
minutes, less with fewer tasks: `DURE_BENCH_TASKS=20000 dure bench desk`.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TASKS = int(os.environ.get("DURE_BENCH_TASKS", "1000000"))
EACH, PEOPLE = 5, max(TASKS // 20, 10)
WARM, TIMES = 3, 100
LINES = 100
MILLISECONDS = 1000


def run() -> dict[str, float]:
    """`p95_ms`, the worst of all pages; then p50 and p95 of each page, milliseconds."""
    sys.path.insert(0, str(Path(__file__).parent))
    from _crowds import large_call

    with large_call(tasks=TASKS, each=EACH, people=PEOPLE) as (organisation, call_id):
        from django.test import Client

        from dure.calls.models import Call
        from dure.calls.tasks.models import Task
        from dure.people.models import Account

        client = Client()
        client.force_login(Account.objects.get(email="bench@example.org"))
        desk = f"/desk/{organisation.slug}"
        root = f"{desk}/calls/{call_id}"
        middle = Task.objects.filter(call_id=call_id, key=f"task-{TASKS // 2}").get()
        figures = _time_pages(client, _open_pages(desk, root, middle.id))
        Call.objects.filter(pk=call_id).update(state="draft")
        figures |= _time_pages(client, _wizard_pages(desk, root))
        figures |= _figures("add_tasks", _time(_adder(client, f"{root}/add")))
    worst = max(value for name, value in figures.items() if name.startswith("p95"))
    return {"p95_ms": worst, **figures}


def _open_pages(desk: str, root: str, middle: int) -> dict[str, str]:
    return {
        "calls": f"{desk}/",
        "board": f"{root}/",
        "board_part": f"{root}/board",
        "tasks": f"{root}/tasks",
        "tasks_deep": f"{root}/tasks?after={middle}",
        "tasks_disputed": f"{root}/tasks?state=disputed",
        "tasks_disputed_deep": f"{root}/tasks?state=disputed&after={middle}",
        "tasks_unsure": f"{root}/tasks?below=60",
        "tasks_unsure_open": f"{root}/tasks?below=95&state=open",
        "tasks_key": f"{root}/tasks?words=task-{TASKS // 2}",
        "tasks_common_word": f"{root}/tasks?words=gulls",
        "tasks_words_state": f"{root}/tasks?words=gulls&state=disputed",
        "tasks_no_match": f"{root}/tasks?words=pelican",
        "task": f"{root}/tasks/{middle}",
        "exports": f"{root}/exports",
        "share": f"{root}/share",
        "front": "/",
        "about": "/c/large/about",
    }


def _wizard_pages(desk: str, root: str) -> dict[str, str]:
    return {
        "new": f"{desk}/new",
        "question": f"{root}/question",
        "add": f"{root}/add",
        "terms": f"{root}/terms",
    }


def _time_pages(client: Any, pages: dict[str, str]) -> dict[str, float]:
    figures = {}
    for name, path in pages.items():

        def get(path: str = path) -> None:
            response = client.get(path)
            assert response.status_code == 200, (path, response.status_code)
            end = b"</p>" if path.endswith("/board") else b"</html>"
            assert response.content.rstrip().endswith(end), path

        figures |= _figures(name, _time(get))
    return figures


def _adder(client: Any, path: str) -> Callable[[], None]:
    """Each time other lines are added, so that none is there already."""
    made = 0

    def add() -> None:
        nonlocal made
        lines = "\n".join(f"A new thing of number {made + n}" for n in range(LINES))
        made += LINES
        response = client.post(path, {"lines": lines})
        assert response.status_code == 302, (path, response.status_code)

    return add


def _figures(name: str, taken: list[float]) -> dict[str, float]:
    return {
        f"p50_ms_{name}": statistics.median(taken),
        f"p95_ms_{name}": statistics.quantiles(taken, n=20)[-1],
    }


def _time(act: Callable[[], None]) -> list[float]:
    taken = []
    for _ in range(WARM + TIMES):
        started = time.perf_counter()
        act()
        taken.append((time.perf_counter() - started) * MILLISECONDS)
    return taken[WARM:]
