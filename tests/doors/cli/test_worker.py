"""The background worker of a real server whose PostgreSQL goes away and comes back."""

from __future__ import annotations

from pathlib import Path

import psycopg

from tests.serving import Server, database_away, processes_of, wait_until


def test_work_goes_on_in_the_same_process_when_postgres_is_back(
    served: Server, served_folder: Path
) -> None:
    before = processes_of(served, "worker")
    do_a_job(served_folder)

    for n_losses in (1, 2):
        with database_away(served_folder):
            wait_until(lambda n=n_losses: said(served, "work waits") == n)
        do_a_job(served_folder)
        wait_until(lambda n=n_losses: said(served, "work goes on") == n)

    assert processes_of(served, "worker") == before
    assert said(served, "error connecting") == 0
    assert said(served, "Traceback") == 0


def said(server: Server, words: str) -> int:
    return server.log.read_text().count(words)


def do_a_job(folder: Path) -> None:
    """One that finds nothing to do; a job that was done well leaves the queue."""
    address = {"host": str(folder / "postgres"), "dbname": "dure", "user": "postgres"}
    wait_until(lambda: answers(address))
    with psycopg.connect(**address, autocommit=True) as connection:
        connection.execute(
            "insert into procrastinate_jobs (queue_name, task_name, args)"
            " values ('builtin', 'builtin:procrastinate.builtin_tasks.remove_old_jobs', %s)",
            ['{"max_hours": 1}'],
        )
        wait_until(lambda: not connection.execute("select from procrastinate_jobs").fetchall())


def answers(address: dict[str, str]) -> bool:
    try:
        psycopg.connect(**address).close()
    except psycopg.OperationalError:
        return False
    return True
