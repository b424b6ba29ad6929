"""The background worker's process, started by `dure serve`: runs jobs and stirs changed calls."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from procrastinate import App
from procrastinate.connector import Notify
from procrastinate.exceptions import ConnectorException
from procrastinate.psycopg_connector import PsycopgConnector

from dure import postgres
from dure.doors.cli.lifeline import end_with_parent

CONCURRENCY = 2
JOBS_STOP_SECONDS_MAX = 5.0
POLL_SECONDS = 2.0
CONNECTIONS_MAX = 4
# Jobs that are done wait so long to say so; nothing else is lost by waiting.
DATABASE_SECONDS_MAX = 3600.0
AGAIN_SECONDS = 0.5


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

    from dure.calls.tasks.jobs import OneOfEach, stir_forever  # noqa: PLC0415  app ready
    from dure.doors.collect.connecting import open_pool  # noqa: PLC0415  app ready

    # Stirring says when the database goes and when it is back.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    async with await open_pool(
        "app", size_max=CONNECTIONS_MAX, wait_seconds_max=DATABASE_SECONDS_MAX
    ) as pool:
        with procrastinate_app.replace_connector(Listening()) as app:
            app.job_manager = OneOfEach(app.connector)
            async with app.open_async(pool), asyncio.TaskGroup() as group:
                group.create_task(stir_forever())
                group.create_task(_run_jobs(app))


async def _run_jobs(app: App) -> None:
    while True:
        with losses_forgiven():
            await app.run_worker_async(
                concurrency=CONCURRENCY,
                fetch_job_polling_interval=POLL_SECONDS,
                shutdown_graceful_timeout=JOBS_STOP_SECONDS_MAX,
                delete_jobs="successful",
                install_signal_handlers=False,
            )
        # It ends where a question was lost in the middle, and begins anew by another name: a job
        # that it may have been given is nobody's now, and is handed out again.
        await asyncio.sleep(AGAIN_SECONDS)


class Listening(PsycopgConnector):
    """Listens again after a loss, where else the worker would end; who asks waits for the pool."""

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        while True:
            with losses_forgiven():
                await super().listen_notify(on_notification, channels)
            # Those that died with it would each fail somebody.
            await self.pool.check()
            await asyncio.sleep(AGAIN_SECONDS)


@contextmanager
def losses_forgiven() -> Iterator[None]:
    try:
        yield
    except ConnectorException as error:
        if not postgres.find_loss(error):
            raise


if __name__ == "__main__":
    main(parent=int(sys.argv[1]))
