"""The background worker's process, started by `dure serve`: runs jobs and stirs changed calls."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys

from dure.doors.cli.lifeline import end_with_parent

CONCURRENCY = 2
JOBS_STOP_SECONDS_MAX = 5.0
POLL_SECONDS = 2.0
PAUSE_SECONDS = 1.0

log = logging.getLogger(__name__)


def main(*, parent: int) -> None:
    end_with_parent(parent)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.settings")
    import django  # noqa: PLC0415  slow import

    django.setup()
    asyncio.run(_work_until_stopped())


async def _work_until_stopped() -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    work = asyncio.create_task(_work())
    waiting = asyncio.create_task(stopped.wait())
    await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if not work.done():
        work.cancel()
        await asyncio.wait({work}, timeout=JOBS_STOP_SECONDS_MAX)
        return
    await work


async def _work() -> None:
    from procrastinate.contrib.django import app as procrastinate_app  # noqa: PLC0415  app ready
    from procrastinate.contrib.django.django_connector import (  # noqa: PLC0415  app ready
        DjangoConnector,
    )

    from dure.calls.tasks.jobs import OneOfEach, stir_forever  # noqa: PLC0415  app ready

    connector = procrastinate_app.connector
    assert isinstance(connector, DjangoConnector)
    with procrastinate_app.replace_connector(connector.get_worker_connector()) as app:
        app.job_manager = OneOfEach(app.connector)
        async with app.open_async(), asyncio.TaskGroup() as group:
            group.create_task(stir_forever())
            group.create_task(
                app.run_worker_async(
                    concurrency=CONCURRENCY,
                    fetch_job_polling_interval=POLL_SECONDS,
                    shutdown_graceful_timeout=JOBS_STOP_SECONDS_MAX,
                    delete_jobs="successful",
                    install_signal_handlers=False,
                )
            )


if __name__ == "__main__":
    main(parent=int(sys.argv[1]))
